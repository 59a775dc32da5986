"""One student's taking of one course: its states, its progress, its review."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from apps.refusals import Refusal


class NotPaid(Refusal):
    code = "not_paid"
    message = _("This enrollment has not been paid, so it cannot be approved.")


class EnrollmentStatus(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    APPROVED = "approved", _("Learning")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


LIVE = [EnrollmentStatus.REQUESTED, EnrollmentStatus.APPROVED, EnrollmentStatus.COMPLETED]


class Enrollment(ConcurrentTransitionMixin, models.Model):
    """The terms agreed are frozen on the row: price in minor units, refund policy and dates."""

    course = models.ForeignKey(
        "courses.Course", on_delete=models.PROTECT, related_name="+", verbose_name=_("course")
    )
    student = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("student"),
    )  # fmt: skip
    status = FSMField(
        _("status"), default=EnrollmentStatus.REQUESTED, choices=EnrollmentStatus.choices,
        protected=True,
    )  # fmt: skip
    price_minor = models.BigIntegerField(_("price"))
    currency = models.CharField(_("currency"), max_length=3)
    refund_policy = models.CharField(_("refund policy"), max_length=20)
    starts_at = models.DateTimeField(_("starts at"), null=True)
    ends_at = models.DateTimeField(_("ends at"), null=True)
    progress_percent = models.PositiveSmallIntegerField(_("progress"), default=0)
    requested_at = models.DateTimeField(_("requested at"), default=timezone.now)
    pay_by = models.DateTimeField(_("pay by"), null=True)
    paid_at = models.DateTimeField(_("paid at"), null=True)
    approved_at = models.DateTimeField(_("approved at"), null=True)
    completed_at = models.DateTimeField(_("completed at"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    expired_at = models.DateTimeField(_("expired at"), null=True)
    given_up_at = models.DateTimeField(_("given up unpaid at"), null=True)

    class Meta:
        verbose_name = _("enrollment")
        verbose_name_plural = _("enrollments")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=EnrollmentStatus.values), name="enrollment_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "completed"])
                | Q(price_minor=0)
                | Q(paid_at__isnull=False),
                name="enrollment_approved_is_paid",
            ),
            models.UniqueConstraint(
                fields=["student", "course"],
                condition=Q(status__in=["requested", "approved", "completed"]),
                name="enrollment_one_live_per_student_and_course",
            ),
            models.CheckConstraint(
                condition=Q(progress_percent__lte=100), name="enrollment_progress_is_a_percentage"
            ),
            models.CheckConstraint(
                condition=Q(price_minor__gte=0), name="enrollment_price_is_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(status="requested") | Q(pay_by__isnull=False),
                name="enrollment_requested_has_pay_by",
            ),
            models.CheckConstraint(
                condition=~Q(status="completed") | Q(completed_at__isnull=False),
                name="enrollment_completed_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="cancelled") | Q(cancelled_at__isnull=False),
                name="enrollment_cancelled_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["pay_by"], condition=Q(status="requested"), name="enrollment_due"),
            models.Index(fields=["student", "-requested_at"], name="enrollment_of_student"),
            models.Index(fields=["course", "status"], name="enrollment_of_course"),
            models.Index(fields=["requested_at"], name="enrollment_by_time"),
            models.Index(
                fields=["completed_at"],
                condition=Q(completed_at__isnull=False),
                name="enrollment_completed_by_time",
            ),
            models.Index(
                fields=["cancelled_at"],
                condition=Q(cancelled_at__isnull=False),
                name="enrollment_cancelled_by_time",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def payment_reference(self) -> str:
        """The word under which payments keep this enrollment's money."""
        return payment_reference(self.pk)

    @transition(field=status, source=EnrollmentStatus.REQUESTED, target=EnrollmentStatus.APPROVED)
    def approve(self, *, paid_minor: int, paid_at: datetime | None, at: datetime) -> None:
        """Let the student learn. Raises NotPaid unless exactly the frozen price is settled."""
        if paid_minor != self.price_minor or (self.price_minor and paid_at is None):
            raise NotPaid()
        self.paid_at, self.approved_at, self.pay_by = paid_at, at, None

    @transition(field=status, source=EnrollmentStatus.APPROVED, target=EnrollmentStatus.COMPLETED)
    def complete(self, *, at: datetime) -> None:
        """The course is done; final."""
        self.completed_at = at

    @transition(
        field=status,
        source=[EnrollmentStatus.REQUESTED, EnrollmentStatus.APPROVED],
        target=EnrollmentStatus.CANCELLED,
    )
    def cancel(self, *, at: datetime, by_student: bool = False) -> None:
        """Give the seat up; by the student, an unpaid one is not to be held again at once."""
        self.cancelled_at = at
        if by_student and self.price_minor and self.approved_at is None:
            self.given_up_at = at

    @transition(field=status, source=EnrollmentStatus.REQUESTED, target=EnrollmentStatus.EXPIRED)
    def expire(self, *, at: datetime) -> None:
        """The hold ran out before the money came."""
        self.expired_at = self.given_up_at = at


def payment_reference(enrollment_id: int) -> str:
    return f"lecture-{enrollment_id}"


class LessonProgress(models.Model):
    """When an enrolled student opened and completed a lesson."""

    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="lessons")
    lesson = models.ForeignKey("courses.Lesson", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened at"))
    completed_at = models.DateTimeField(pgettext_lazy("lesson", "completed at"), null=True)

    class Meta:
        verbose_name = _("lesson progress")
        verbose_name_plural = _("lesson progress")
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "lesson"], name="lesson_progress_once_per_lesson"
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | Q(completed_at__gte=models.F("opened_at")),
                name="lesson_completed_after_opened",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrollment_id} · {self.lesson_id}"


class Review(models.Model):
    """What a student who completed the course says of it; one per enrollment, editable."""

    enrollment = models.OneToOneField(
        Enrollment, on_delete=models.PROTECT, related_name="review", verbose_name=_("enrollment")
    )
    course = models.ForeignKey(
        "courses.Course", on_delete=models.PROTECT, related_name="+", verbose_name=_("course")
    )
    rating = models.PositiveSmallIntegerField(
        _("rating"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    text = models.TextField(_("text"), max_length=2000, blank=True)
    written_at = models.DateTimeField(_("written at"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited at"), null=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-written_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__range=(1, 5)), name="review_rating_from_one_to_five"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rating}/5"
