"""The proof of completion, which anyone can verify by its code."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from foundation.printing.glyphs import prints_all_of
from foundation.text.gate import is_visible


class CertificateStatus(models.TextChoices):
    ISSUED = "issued", _("Valid")
    REVOKED = "revoked", _("Revoked")


class Certificate(ConcurrentTransitionMixin, models.Model):
    """What was certified is copied here, so that it stays true whatever changes later."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    lecture = models.ForeignKey(
        "lectures.Enrollment", on_delete=models.PROTECT, related_name="+",
        verbose_name=_("enrollment"),
    )  # fmt: skip
    student = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("student"),
    )  # fmt: skip
    student_name = models.CharField(_("student's name"), max_length=150)
    student_latin_name = models.CharField(
        _("student's name in Latin letters"), max_length=150, blank=True, default="", db_default=""
    )
    course_title = models.CharField(_("course title"), max_length=200)
    completed_at = models.DateTimeField(_("completed at"))
    issued_at = models.DateTimeField(_("issued at"))
    status = FSMField(
        _("status"), default=CertificateStatus.ISSUED, choices=CertificateStatus.choices,
        protected=True,
    )  # fmt: skip
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revocation_reason = models.CharField(_("reason"), max_length=300, blank=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by",
        verbose_name=_("replaces"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=CertificateStatus.values),
                name="certificate_status_is_known",
            ),
            models.UniqueConstraint(
                fields=["lecture"],
                condition=Q(replaces__isnull=True),
                name="certificate_one_original_per_lecture",
            ),
            models.UniqueConstraint(
                fields=["lecture"],
                condition=Q(status="issued"),
                name="certificate_one_valid_per_lecture",
            ),
            models.CheckConstraint(
                condition=Q(status="revoked", revoked_at__isnull=False)
                | Q(status="issued", revoked_at__isnull=True),
                name="certificate_revoked_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def printed_name(self) -> str:
        """The name that stands on the certificate, the one in Latin letters where our fonts lack
        the other; empty where neither can be printed."""
        names = filter(is_visible, (self.student_name, self.student_latin_name))
        return next(filter(prints_all_of, names), "")

    @property
    def printed_below(self) -> str:
        """The name in Latin letters that stands below the other, where it adds something."""
        return "" if self.student_latin_name == self.printed_name else self.student_latin_name

    @transition(field=status, source=CertificateStatus.ISSUED, target=CertificateStatus.REVOKED)
    def revoke(self, *, at: datetime, reason: str) -> None:
        """The certificate is no longer valid; its page says so."""
        self.revoked_at, self.revocation_reason = at, reason
