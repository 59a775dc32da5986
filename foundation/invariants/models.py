"""How each invariant stood when it was checked last."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CheckState(models.TextChoices):
    HOLDS = "holds", _("Holds")
    BROKEN = "broken", _("Broken")
    FAILED = "failed", _("Could not be checked")
    TOO_OLD = "too_old", _("Not checked lately")


class InvariantCheck(models.Model):
    """The last check of one invariant; ``progress`` is what the next check goes on from."""

    name = models.CharField(_("invariant"), max_length=60, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=CheckState.choices[:3])
    broken = models.PositiveIntegerField(_("rows that break it"), default=0)
    rows = models.JSONField(_("first rows"), default=list)
    error = models.TextField(_("last error"), blank=True)
    checked_at = models.DateTimeField(_("checked at"), default=timezone.now)
    since = models.DateTimeField(_("in this state since"), default=timezone.now)
    progress = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("invariant")
        verbose_name_plural = _("invariants")
        ordering = ["name"]
        default_permissions = ["view", "change"]

    def __str__(self) -> str:
        return self.name
