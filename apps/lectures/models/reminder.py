"""What a student has been reminded of, so that nobody is reminded of it twice."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.lectures.models.enrollment import Enrollment


class ReminderKind(models.TextChoices):
    PAYMENT = "payment", _("Payment due")
    START = "start", _("Course starts")
    LESSONS = "lessons", _("Lessons waiting")


class Reminder(models.Model):
    """One reminder of one moment: ``about_at`` is a ``pay_by``, a start, or the week of a pause."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(_("kind"), max_length=10, choices=ReminderKind.choices)
    about_at = models.DateTimeField(_("about"))
    reminded_at = models.DateTimeField(_("reminded at"), default=timezone.now)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "kind", "about_at"], name="reminder_once_per_moment"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=ReminderKind.values), name="reminder_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrollment_id} · {self.kind}"
