"""Request an enrollment, and approve it once the money is there."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.courses import queries as courses_queries
from apps.courses import services as courses
from apps.courses.queries import CourseTerms
from apps.crash_points import CrashPoint, reach
from apps.events.services import publish
from apps.lectures.events import EnrollmentApproved, EnrollmentRequested
from apps.lectures.models import Enrollment, EnrollmentStatus
from apps.lectures.services.announcing import about
from apps.lectures.services.holding import refuse_another_hold
from apps.lectures.services.locking import lock_enrollment
from apps.lectures.services.refusals import AlreadyEnrolled
from apps.lectures.services.waiting_list import (
    Queue,
    meet_queue,
    refuse_not_open,
    take_offered_seat,
)
from apps.payments import services as payments
from apps.payments.queries import PaymentSummary
from apps.retries import retry_given_up
from foundation.agreement import Agreement, require
from foundation.inserts import insert_unless_exists


@retry_given_up
def request_enrollment(
    *, student_id: int, course_id: int, by_staff: bool = False, agreed: Agreement | None = None
) -> int:
    """Hold a seat for the student until ``pay_by``; a free course is approved in the same step.

    The seat is the one that the waiting list offers the student, or a free one for which nobody
    waits. What a student may hold unpaid is limited, unless staff act for the student. Returns the
    enrollment's id. Publishes EnrollmentRequested (and EnrollmentApproved, OfferAccepted). Raises
    NotFound, CourseFull, CourseNotOpen, EnrollmentClosed, EnrollmentNotYetOpen, AlreadyEnrolled,
    OfferHasLapsed, TooManyHolds, HoldPaused, and what ``agreed`` raises where the course is no
    longer offered on the terms that its page showed.
    """
    now = timezone.now()
    terms = courses_queries.get_terms(course_id=course_id)
    queue = meet_queue(student_id=student_id, course_id=course_id)
    refuse_not_open(terms, now)
    if queue.offer_id is None:
        _refuse_without_seat(terms, queue, student_id, now)
    with transaction.atomic():
        if not by_staff:
            refuse_another_hold(student_id=student_id, terms=terms, now=now)
        enrollment = _create(terms, student_id, now)
        require(agreed)  # after the unique key has spoken, against terms read since
        if enrollment.price_minor == 0:
            _approve(enrollment, paid_minor=0, paid_at=None, now=now)
        _take_seat(enrollment, queue, now)
        reach(CrashPoint.SEAT_TAKEN)
    return enrollment.pk


def _refuse_without_seat(terms: CourseTerms, queue: Queue, student_id: int, now: datetime) -> None:
    if terms.availability(now=now) == "full" or queue.waiting:
        raise AlreadyEnrolled() if _is_live(student_id, terms.id) else courses.CourseFull()


def _is_live(student_id: int, course_id: int) -> bool:
    live = Enrollment.objects.filter(student_id=student_id, course_id=course_id)
    return live.filter(status__in=["requested", "approved", "completed"]).exists()


def _take_seat(enrollment: Enrollment, queue: Queue, now: datetime) -> None:
    if queue.offer_id is None:
        courses.take_seat(course_id=enrollment.course_id)
    else:
        take_offered_seat(offer_id=queue.offer_id, enrollment=enrollment, now=now)


def _create(terms: CourseTerms, student_id: int, now: datetime) -> Enrollment:
    pay_by = now + timedelta(seconds=settings.ENROLLMENT_HOLD_SECONDS)
    enrollment = Enrollment(
        course_id=terms.id,
        student_id=student_id,
        price_minor=terms.price_minor,
        currency=terms.currency,
        refund_policy=terms.refund_policy,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        requested_at=now,
        pay_by=pay_by,
    )
    if not insert_unless_exists(enrollment):
        raise AlreadyEnrolled()
    payment = _open_payment(enrollment, terms.title, pay_by)
    publish(
        EnrollmentRequested(
            enrollment_id=enrollment.pk,
            student_id=student_id,
            course_id=terms.id,
            course_title=terms.title,
            course_slug=terms.slug,
            occurred_at=now.isoformat(),
            price_minor=terms.price_minor,
            currency=terms.currency,
            payment_id=payment.id if payment else None,
            payment_number=payment.number if payment else "",
            pay_by=pay_by.isoformat(),
        )
    )
    return enrollment


def _open_payment(enrollment: Enrollment, title: str, pay_by: datetime) -> PaymentSummary | None:
    if enrollment.price_minor == 0:
        return None
    return payments.open_payment(
        reference=enrollment.payment_reference,
        payer_id=enrollment.student_id,
        amount_minor=enrollment.price_minor,
        currency=enrollment.currency,
        description=title,
        pay_by=pay_by,
    )


def approve_paid_enrollment(*, enrollment_id: int, paid_minor: int, paid_at: datetime) -> None:
    """Approve the enrollment that a settled payment belongs to, in the payment's transaction.

    Publishes EnrollmentApproved. Money for an enrollment that ended meanwhile is refunded; a second
    call changes nothing. Raises NotPaid when it is not exactly the frozen price.
    """
    enrollment = lock_enrollment(enrollment_id)
    if enrollment.status == EnrollmentStatus.REQUESTED:
        _approve(enrollment, paid_minor=paid_minor, paid_at=paid_at, now=timezone.now())
    elif enrollment.status in [EnrollmentStatus.CANCELLED, EnrollmentStatus.EXPIRED]:
        payments.cancel_payment(reference=enrollment.payment_reference, refund_minor=paid_minor)


def _approve(
    enrollment: Enrollment, *, paid_minor: int, paid_at: datetime | None, now: datetime
) -> None:
    enrollment.approve(paid_minor=paid_minor, paid_at=paid_at, at=now)
    enrollment.save()
    publish(
        EnrollmentApproved(
            **about(enrollment, now), paid_minor=paid_minor, currency=enrollment.currency
        )
    )
