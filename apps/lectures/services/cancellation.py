"""Cancel one enrollment, all of a withdrawn course, or those whose hold ran out."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed

from apps.crash_points import CrashPoint, reach
from apps.events.services import Unfinished, publish
from apps.lectures import policies
from apps.lectures.events import EnrollmentCancelled, EnrollmentExpired
from apps.lectures.models import Enrollment, EnrollmentStatus, payment_reference
from apps.lectures.queries import refund_terms_of
from apps.lectures.services.announcing import about
from apps.lectures.services.locking import get_enrollment, lock_with_payment, refuse_stranger
from apps.lectures.services.offering import pass_on_seat
from apps.lectures.services.refusals import EnrollmentStateRefused
from apps.payments import services as payments
from apps.retries import retry_given_up
from foundation.agreement import Agreement, require
from foundation.batches.services import list_due_scopes, run_each

BATCH_BUDGET_SECONDS = 10.0
WITHDRAWAL = "lectures.cancel_course_enrollments"


def cancel_enrollment(
    *, enrollment_id: int, student_id: int | None, agreed: Agreement | None = None
) -> int:
    """Cancel by the student (or by staff, with None), refunding what the frozen policy gives.

    Returns the refund in minor units. Publishes EnrollmentCancelled. An unknown charge is first
    asked about; a gateway that is down stops nothing. Raises NotFound, EnrollmentStateRefused, and
    what ``agreed`` raises when its facts, such as the refund, no longer hold.
    """
    refuse_stranger(get_enrollment(enrollment_id), student_id=student_id)
    payments.settle_unknown_charges_of(reference=payment_reference(enrollment_id))
    cause = "staff" if student_id is None else "student"
    return _cancel_by_policy(enrollment_id, cause=cause, agreed=agreed)


@retry_given_up
def _cancel_by_policy(enrollment_id: int, *, cause: str, agreed: Agreement | None) -> int:
    now = timezone.now()  # before the facts are read again: by time, refunds only become smaller
    with transaction.atomic():
        enrollment = lock_with_payment(enrollment_id)
        _refuse_final(enrollment)
        require(agreed)
        refund_minor = policies.refund_amount(refund_terms_of(enrollment), now=now)
        return _cancel(enrollment, refund_minor=refund_minor, cause=cause, now=now)


def _cancel(enrollment: Enrollment, *, refund_minor: int, cause: str, now: datetime) -> int:
    _refuse_final(enrollment)
    enrollment.cancel(at=now, by_student=cause == "student")
    enrollment.save()
    pass_on_seat(course_id=enrollment.course_id, now=now)
    refunded_minor = payments.cancel_payment(
        reference=enrollment.payment_reference, refund_minor=refund_minor
    )
    publish(
        EnrollmentCancelled(
            **about(enrollment, now),
            refund_minor=refunded_minor,
            currency=enrollment.currency,
            cause=cause,
        )
    )
    return refunded_minor


def _refuse_final(enrollment: Enrollment) -> None:
    if not can_proceed(enrollment.cancel):
        raise EnrollmentStateRefused(_CANNOT_CANCEL[enrollment.status])


_CANNOT_CANCEL = {
    EnrollmentStatus.COMPLETED: _("A completed course cannot be cancelled any more."),
    EnrollmentStatus.CANCELLED: _("This enrollment has been cancelled already."),
    EnrollmentStatus.EXPIRED: _("This enrollment has expired already. Nothing is owed."),
}


def cancel_course_enrollments(*, course_id: int) -> None:
    """Cancel every requested and approved enrollment of a withdrawn course, with a full refund.

    Each in its own transaction, so it can be stopped anywhere and run again; one that fails is
    tried again by ``retry_withdrawals``. Raises Unfinished when its time is over and some are left.
    """
    live = Enrollment.objects.filter(
        course_id=course_id,
        status__in=[EnrollmentStatus.REQUESTED, EnrollmentStatus.APPROVED],
    )
    result = run_each(
        batch=WITHDRAWAL,
        scope=str(course_id),
        keys=live.order_by("pk").values_list("pk", flat=True),
        step=_cancel_for_withdrawal,
        budget_seconds=BATCH_BUDGET_SECONDS,
    )
    if not result.is_complete:
        raise Unfinished()


def retry_withdrawals() -> None:
    """Cancel the enrollments of withdrawn courses that failed and are due again."""
    for course_id in list_due_scopes(batch=WITHDRAWAL):
        with suppress(Unfinished):  # the next run goes on
            cancel_course_enrollments(course_id=int(course_id))


@retry_given_up
def _cancel_for_withdrawal(enrollment_id: int) -> None:
    with transaction.atomic():
        enrollment = lock_with_payment(enrollment_id)
        if not can_proceed(enrollment.cancel):
            return  # completed or cancelled since the list was read
        _cancel(
            enrollment,
            refund_minor=enrollment.price_minor,
            cause="course_withdrawn",
            now=timezone.now(),
        )
    reach(CrashPoint.WITHDRAWAL_HALFWAY)


def expire_enrollments(*, limit: int = 500) -> int:
    """Expire the requested enrollments past their ``pay_by``. Returns how many."""
    due = Enrollment.objects.filter(status=EnrollmentStatus.REQUESTED, pay_by__lte=timezone.now())
    return run_each(
        batch="lectures.expire_enrollments",
        keys=due.order_by("pay_by").values_list("pk", flat=True),
        step=_expire,
        limit=limit,
    ).done


def _expire(enrollment_id: int) -> bool:
    payments.settle_unknown_charges_of(reference=payment_reference(enrollment_id))
    now = timezone.now()
    with transaction.atomic():
        payment = payments.lock_payment(reference=payment_reference(enrollment_id))
        enrollment = Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment_id)
        if enrollment.status != EnrollmentStatus.REQUESTED or (
            payment is not None and payment.status == "processing"
        ):
            return False  # paid at the last moment, or about to be
        enrollment.expire(at=now)
        enrollment.save()
        pass_on_seat(course_id=enrollment.course_id, now=now)
        payments.cancel_payment(reference=enrollment.payment_reference, refund_minor=0)
        publish(EnrollmentExpired(**about(enrollment, now)))
    return True
