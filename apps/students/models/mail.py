"""What was written to whom, so that nothing is written twice; and what students have switched off.

No body is kept: some hold links that are as good as a password.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from apps.students.models.user import User


class MailStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("e-mail", "To be sent")
    SENDING = "sending", pgettext_lazy("e-mail", "Being sent")
    SENT = "sent", pgettext_lazy("e-mail", "Sent")
    FAILED = "failed", pgettext_lazy("e-mail", "Failed, is tried again")
    REFUSED = "refused", pgettext_lazy("e-mail", "Refused by the recipient's server")


class SentEmail(ConcurrentTransitionMixin, models.Model):
    """One e-mail owed to one person for one reason: ``kind`` and ``reason`` name it.

    ``facts`` is what it tells, to write it again, and empty where it held a secret. ``edition``
    counts the times staff have had it sent; within one edition the Message-ID stays the same.
    """

    kind = models.CharField(_("kind"), max_length=60)
    reason = models.CharField(_("reason"), max_length=120)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True,
        verbose_name=_("recipient"),
    )  # fmt: skip
    address = models.EmailField(_("e-mail address"), max_length=320)
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    facts = models.JSONField(default=dict)
    status = FSMField(
        _("status"), default=MailStatus.WAITING, choices=MailStatus.choices, protected=True
    )
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "reason", "recipient"],
                nulls_distinct=False,  # to an address that is nobody's, too
                name="sent_email_once_per_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=MailStatus.values), name="sent_email_status_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="sent") | models.Q(sent_at__isnull=False),
                name="sent_email_sent_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.address}"

    def may_be_claimed(self, *, now: datetime) -> bool:
        """Return whether it is still to be sent, and nobody is at it."""
        if self.status == MailStatus.SENDING:
            return self.leased_until is None or self.leased_until <= now
        return self.status in (MailStatus.WAITING, MailStatus.FAILED)

    @transition(
        field=status,
        source=[MailStatus.WAITING, MailStatus.FAILED, MailStatus.SENDING],
        target=MailStatus.SENDING,
    )
    def claim(self, *, address: str, now: datetime) -> None:
        """Take it, for the length of a lease: a worker that dies holds nothing."""
        self.address = address
        self.attempts += 1
        self.leased_until = now + timedelta(seconds=settings.MAIL_LEASE_SECONDS)

    @transition(field=status, source=MailStatus.SENDING, target=MailStatus.SENT)
    def finish(self, *, subject: str, at: datetime) -> None:
        """The mail server has taken it."""
        self.subject, self.sent_at, self.last_error = subject, at, ""

    @transition(field=status, source=MailStatus.SENDING, target=MailStatus.FAILED)
    def fail(self, *, error: str) -> None:
        """It could not be sent this time."""
        self.last_error = error

    @transition(field=status, source=MailStatus.SENDING, target=MailStatus.REFUSED)
    def refuse(self, *, error: str) -> None:
        """The address does not exist or wants none of our mail: trying again is no use."""
        self.last_error = error

    @transition(
        field=status,
        source=[MailStatus.SENT, MailStatus.FAILED, MailStatus.REFUSED],
        target=MailStatus.WAITING,
    )
    def send_again(self) -> None:
        """Owe it once more, as a new edition, because staff say so."""
        self.edition += 1
        self.attempts = 0


class MailSwitch(models.Model):
    """A group of reminders that a student has switched off; no row means on."""

    student = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=20)
    switched_off_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["student", "name"], name="mail_switch_once")]

    def __str__(self) -> str:
        return f"{self.student_id} · {self.name}"
