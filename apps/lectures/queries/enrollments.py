"""Reads on enrollments, put together with what courses and payments say of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.courses import queries as courses_queries
from apps.courses.queries import CourseTerms, LessonOutline
from apps.lectures import policies
from apps.lectures.models import (
    LIVE,
    Enrollment,
    EnrollmentStatus,
    LessonProgress,
    Review,
    payment_reference,
)
from apps.names import public_name
from apps.payments import queries as payments_queries
from apps.payments.queries import LastTry, PaymentSummary
from apps.refusals import NotFound


@dataclass(frozen=True)
class EnrollmentDetail:
    """An enrollment with its course and payment, as its owner sees it; amounts in minor units."""

    id: int
    course: CourseTerms
    student_id: int
    status: str
    price_minor: int
    currency: str
    progress_percent: int
    requested_at: datetime
    pay_by: datetime | None
    approved_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    expired_at: datetime | None
    refund_minor: int
    """What a cancellation now would give back."""
    refund_terms: policies.RefundTerms
    payment: PaymentSummary | None

    @property
    def can_cancel(self) -> bool:
        return self.status in (EnrollmentStatus.REQUESTED, EnrollmentStatus.APPROVED)

    @property
    def can_learn(self) -> bool:
        return self.status in (EnrollmentStatus.APPROVED, EnrollmentStatus.COMPLETED)


@dataclass(frozen=True)
class ClassroomLesson:
    """A lesson of the outline with the student's own progress in it."""

    outline: LessonOutline
    opened_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True)
class CancellationSummary:
    """How many enrollments can be cancelled now, and by currency what that gives back."""

    cancellable: int
    refunds: dict[str, int]


@dataclass(frozen=True)
class ReviewText:
    rating: int
    text: str
    written_at: datetime
    student_name: str


def refund_terms_of(enrollment: Enrollment) -> policies.RefundTerms:
    return policies.RefundTerms(
        policy=enrollment.refund_policy,
        price_minor=enrollment.price_minor,
        starts_at=enrollment.starts_at,
        ends_at=enrollment.ends_at,
        progress_percent=enrollment.progress_percent,
    )


def visible_enrollments(*, viewer_id: int, viewer_is_staff: bool) -> QuerySet[Enrollment]:
    """Return the viewer's own enrollments, or all of them to staff, newest first."""
    enrollments = Enrollment.objects.order_by("-requested_at", "-pk")
    return enrollments if viewer_is_staff else enrollments.filter(student_id=viewer_id)


def get_detail(
    *, enrollment_id: int, viewer_id: int, viewer_is_staff: bool = False
) -> EnrollmentDetail:
    """Return one enrollment in three queries. Raises NotFound, also for somebody else's."""
    visible = visible_enrollments(viewer_id=viewer_id, viewer_is_staff=viewer_is_staff)
    enrollment = visible.filter(pk=enrollment_id).first()
    if enrollment is None:
        raise NotFound(_("There is no such enrollment."))
    return describe([enrollment])[0]


def enrollment_facts(terms: CourseTerms) -> dict[str, str | int | None]:
    """Return what somebody who enrolls agrees to: the terms that are frozen on the enrollment."""
    return {
        "price_minor": terms.price_minor,
        "currency": terms.currency,
        "refund_policy": terms.refund_policy,
        "starts_at": terms.starts_at.isoformat() if terms.starts_at else None,
        "ends_at": terms.ends_at.isoformat() if terms.ends_at else None,
    }


def payment_facts(detail: EnrollmentDetail) -> dict[str, str | int]:
    """Return what somebody who pays agrees to."""
    return {"amount_minor": detail.price_minor, "currency": detail.currency}


def cancellation_facts(detail: EnrollmentDetail) -> dict[str, str | int]:
    """Return what somebody who cancels agrees to: where the money stands, and what comes back."""
    return {
        "status": detail.status,
        "payment": detail.payment.status if detail.payment else "",
        "price_minor": detail.price_minor,
        "refund_minor": detail.refund_minor,
        "currency": detail.currency,
    }


def read_cancellation_facts(*, enrollment_id: int, viewer_id: int) -> dict[str, str | int]:
    """Return the facts of one's own enrollment as they stand. Raises NotFound."""
    return cancellation_facts(get_detail(enrollment_id=enrollment_id, viewer_id=viewer_id))


def list_cancellation_facts(*, enrollment_ids: Iterable[int]) -> dict[int, dict[str, str | int]]:
    """Return the facts of these enrollments by id, in three queries however many they are."""
    details = describe(Enrollment.objects.filter(pk__in=list(enrollment_ids)))
    return {detail.id: cancellation_facts(detail) for detail in details}


def describe(enrollments: Iterable[Enrollment]) -> list[EnrollmentDetail]:
    """Return the details of these enrollments, in two further queries however many they are."""
    rows = list(enrollments)
    courses = courses_queries.list_terms(course_ids=[row.course_id for row in rows])
    payments = payments_queries.list_payments(references=[row.payment_reference for row in rows])
    now = timezone.now()
    return [
        _detail(row, courses[row.course_id], payments.get(row.payment_reference), now)
        for row in rows
    ]


def _detail(
    row: Enrollment, course: CourseTerms, payment: PaymentSummary | None, now: datetime
) -> EnrollmentDetail:
    paid = payment is not None and payment.is_settled
    return EnrollmentDetail(
        id=row.pk,
        course=course,
        student_id=row.student_id,
        status=row.status,
        price_minor=row.price_minor,
        currency=row.currency,
        progress_percent=row.progress_percent,
        requested_at=row.requested_at,
        pay_by=row.pay_by,
        approved_at=row.approved_at,
        completed_at=row.completed_at,
        cancelled_at=row.cancelled_at,
        expired_at=row.expired_at,
        refund_minor=policies.refund_amount(refund_terms_of(row), now=now) if paid else 0,
        refund_terms=refund_terms_of(row),
        payment=payment,
    )


def find_live_enrollment(*, student_id: int, course_id: int) -> EnrollmentDetail | None:
    """Return the student's requested, approved or completed enrollment in the course, or None."""
    live = Enrollment.objects.filter(
        student_id=student_id, course_id=course_id, status__in=LIVE
    ).first()
    return describe([live])[0] if live else None


def get_course_terms(*, course_id: int) -> CourseTerms:
    """Return the terms of the course that somebody wants to enroll in. Raises NotFound."""
    return courses_queries.get_terms(course_id=course_id)


def find_last_try(*, enrollment: EnrollmentDetail) -> LastTry | None:
    """Return what became of the newest try to pay; None when there was none."""
    if enrollment.payment is None:
        return None
    return payments_queries.find_last_try(payment_id=enrollment.payment.id)


def list_classroom(*, enrollment_id: int, course_id: int) -> list[ClassroomLesson]:
    """Return the course's lessons with the student's progress, in two queries."""
    progress = {
        row.lesson_id: row for row in LessonProgress.objects.filter(enrollment_id=enrollment_id)
    }
    return [
        ClassroomLesson(
            outline=outline,
            opened_at=progress[outline.id].opened_at if outline.id in progress else None,
            completed_at=progress[outline.id].completed_at if outline.id in progress else None,
        )
        for outline in courses_queries.list_outline(course_id=course_id)
    ]


def get_lesson_file(*, enrollment_id: int, student_id: int, lesson_id: int) -> tuple[str, str]:
    """Return the path that the file of a lesson is stored under and its name, in three queries.

    Raises NotFound unless the student may learn here, the lesson is of this course and has a file.
    """
    enrollment = Enrollment.objects.filter(
        pk=enrollment_id,
        student_id=student_id,
        status__in=[EnrollmentStatus.APPROVED, EnrollmentStatus.COMPLETED],
    ).first()
    if enrollment is None:
        raise NotFound(_("There is no such enrollment."))
    lesson = courses_queries.get_lesson(course_id=enrollment.course_id, lesson_id=lesson_id)
    return courses_queries.get_stored_file_name(lesson_id=lesson.id), lesson.file_name


def find_review(*, enrollment_id: int) -> Review | None:
    return Review.objects.filter(enrollment_id=enrollment_id).first()


def list_reviews(*, course_id: int, limit: int = 20) -> list[ReviewText]:
    """Return the newest reviews of a course, signed as strangers may read it, in one query."""
    reviews = Review.objects.filter(course_id=course_id).select_related("enrollment__student")
    return [
        ReviewText(
            rating=review.rating,
            text=review.text,
            written_at=review.written_at,
            student_name=public_name(review.enrollment.student.get_full_name()),
        )
        for review in reviews[:limit]
    ]


def count_by_status(*, course_ids: Iterable[int]) -> dict[str, int]:
    """Return how many enrollments of these courses are in each state, in one query."""
    rows = Enrollment.objects.filter(course_id__in=list(course_ids))
    return dict(rows.values_list("status").annotate(count=Count("pk")))


def references_to_cancel(*, course_ids: Iterable[int]) -> list[str]:
    """Return the payment references of what a withdrawal of these courses would cancel."""
    live = Enrollment.objects.filter(
        Q(status=EnrollmentStatus.REQUESTED) | Q(status=EnrollmentStatus.APPROVED),
        course_id__in=list(course_ids),
    )
    return [payment_reference(pk) for pk in live.values_list("pk", flat=True)]


def count_states(*, enrollment_ids: Iterable[int]) -> dict[str, int]:
    """Return how many of these enrollments are in each state, in one query."""
    rows = Enrollment.objects.filter(pk__in=list(enrollment_ids)).order_by()
    return dict(rows.values_list("status").annotate(count=Count("pk")))


def sum_up_cancellation(*, enrollment_ids: Iterable[int]) -> CancellationSummary:
    """Return what cancelling these enrollments now would do, in three queries."""
    details = describe(Enrollment.objects.filter(pk__in=list(enrollment_ids)))
    refunds: dict[str, int] = {}
    for detail in details:
        if detail.can_cancel:
            refunds[detail.currency] = refunds.get(detail.currency, 0) + detail.refund_minor
    return CancellationSummary(
        cancellable=sum(detail.can_cancel for detail in details), refunds=refunds
    )


def find_live_states(
    *, student_ids: Iterable[int], course_ids: Iterable[int]
) -> dict[tuple[int, int], str]:
    """Return by student and course the state of what is requested, approved or completed."""
    rows = Enrollment.objects.filter(
        student_id__in=list(student_ids), course_id__in=list(course_ids), status__in=LIVE
    )
    return {
        (student_id, course_id): status
        for student_id, course_id, status in rows.values_list("student_id", "course_id", "status")
    }
