"""How often something was tried: one row per purpose and whom or where it was tried."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TryPurpose(models.TextChoices):
    """What is counted; each has its limit in ``TRY_LIMITS``."""

    LOG_IN = "log_in", _("Password, by account and address")
    LOG_IN_ACCOUNT = "log_in_account", _("Password, by account")
    LOG_IN_ADDRESS = "log_in_address", _("Password, by address")
    CODE = "code", _("Second factor")
    SPENT_CODE = "spent_code", _("Used code")
    SIGN_UP = "sign_up", _("Sign-up, by e-mail address")
    SIGN_UP_ADDRESS = "sign_up_address", _("Sign-up, by address")
    PASSWORD_RESET = "password_reset", _("Password reset, by e-mail address")
    PASSWORD_RESET_ADDRESS = "password_reset_address", _("Password reset, by address")
    CONFIRMATION = "confirmation", _("E-mail to confirm an address")


class TryQuerySet(models.QuerySet["TryCount"]):
    def locked(self) -> TryQuerySet:
        """Keep what is refused at the moment."""
        return self.filter(tries__gte=F("allowed"), until__gt=timezone.now())


class TryCount(models.Model):
    """Counts tries until ``until``; from ``allowed`` tries on the next is refused.

    ``account`` is a keyed digest: people type passwords into the wrong field, and who is tried is
    nobody's to read, unless the account exists and is ``user``'s.
    """

    purpose = models.CharField(_("what was tried"), max_length=30, choices=TryPurpose.choices)
    account = models.CharField(max_length=64, blank=True)
    address = models.CharField(_("network address"), max_length=45, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+",
        verbose_name=_("user"),
    )  # fmt: skip
    tries = models.BigIntegerField(_("tries"), default=1)
    allowed = models.PositiveIntegerField(_("allowed"))
    until = models.DateTimeField(_("counted until"), db_index=True)
    succeeded_at = models.DateTimeField(_("last success at"), null=True)
    told_at = models.DateTimeField(_("owner told at"), null=True)

    objects = TryQuerySet.as_manager()

    class Meta:
        verbose_name = _("lockout")
        verbose_name_plural = _("lockouts")
        ordering = ["-until"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "account", "address"], name="tries_are_counted_in_one_row"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.user or self.address or self.account[:8]}"
