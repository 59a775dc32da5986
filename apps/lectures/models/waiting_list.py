"""A student's place in the queue for a full course, and the seat that is offered in turn."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from apps.lectures.models.enrollment import Enrollment


class WaitingStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("waiting list", "Waiting")
    OFFERED = "offered", pgettext_lazy("waiting list", "Seat offered")
    ACCEPTED = "accepted", pgettext_lazy("waiting list", "Accepted")
    LAPSED = "lapsed", pgettext_lazy("waiting list", "Lapsed")
    LEFT = "left", pgettext_lazy("waiting list", "Left")


WAITS = [WaitingStatus.WAITING, WaitingStatus.OFFERED]
"""The live states: a student has one such entry per course. An offered one holds a seat."""


class WaitingListEntry(ConcurrentTransitionMixin, models.Model):
    """Entries of a course are made under the lock of its row: their ids are the order."""

    course = models.ForeignKey(
        "courses.Course", on_delete=models.PROTECT, related_name="+", verbose_name=_("course")
    )
    student = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("student"),
    )  # fmt: skip
    status = FSMField(
        _("status"), default=WaitingStatus.WAITING, choices=WaitingStatus.choices, protected=True
    )
    joined_at = models.DateTimeField(
        pgettext_lazy("waiting list", "joined at"), default=timezone.now
    )
    offered_at = models.DateTimeField(_("offered at"), null=True)
    offered_until = models.DateTimeField(_("offered until"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    enrollment = models.OneToOneField(
        Enrollment, on_delete=models.PROTECT, related_name="+", null=True,
        verbose_name=_("enrollment"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("waiting list entry")
        verbose_name_plural = _("waiting list")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=WaitingStatus.values), name="waiting_status_is_known"
            ),
            models.UniqueConstraint(
                fields=["student", "course"],
                condition=Q(status__in=["waiting", "offered"]),
                name="waiting_one_live_per_student_and_course",
            ),
            models.CheckConstraint(
                condition=Q(offered_at__isnull=True, offered_until__isnull=True)
                | Q(
                    offered_at__isnull=False,
                    offered_until__isnull=False,  # a comparison with NULL would pass
                    offered_until__gt=models.F("offered_at"),
                ),
                name="waiting_offer_has_its_times",
            ),
            models.CheckConstraint(
                condition=~Q(status="waiting") | Q(offered_at__isnull=True),
                name="waiting_is_not_offered_yet",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["offered", "accepted"]) | Q(offered_at__isnull=False),
                name="waiting_offered_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", enrollment__isnull=False)
                | (~Q(status="accepted") & Q(enrollment__isnull=True)),
                name="waiting_accepted_has_its_enrollment",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "offered"], ended_at__isnull=True)
                | (~Q(status__in=["waiting", "offered"]) & Q(ended_at__isnull=False)),
                name="waiting_ended_has_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["course", "id"],
                condition=Q(status__in=["waiting", "offered"]),
                name="waiting_of_course",
            ),
            models.Index(
                fields=["offered_until"], condition=Q(status="offered"), name="waiting_offer_due"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @transition(field=status, source=WaitingStatus.WAITING, target=WaitingStatus.OFFERED)
    def offer(self, *, at: datetime, until: datetime) -> None:
        """Hold a seat for the student until then."""
        self.offered_at, self.offered_until = at, until

    @transition(field=status, source=WaitingStatus.OFFERED, target=WaitingStatus.ACCEPTED)
    def accept(self, *, enrollment: Enrollment, at: datetime) -> None:
        """Give the held seat to the student's enrollment."""
        self.enrollment, self.ended_at = enrollment, at

    @transition(field=status, source=WAITS, target=WaitingStatus.LAPSED)
    def lapse(self, *, at: datetime) -> None:
        """The offer ran out, or the course takes nobody any more."""
        self.ended_at = at

    @transition(field=status, source=WAITS, target=WaitingStatus.LEFT)
    def leave(self, *, at: datetime) -> None:
        """The student waits no longer, and gives up the seat that was offered."""
        self.ended_at = at
