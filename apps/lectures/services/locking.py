"""Load and lock an enrollment, after its payment."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.lectures.models import Enrollment, payment_reference
from apps.payments import services as payments
from apps.refusals import NotFound


def get_enrollment(enrollment_id: int) -> Enrollment:
    enrollment = Enrollment.objects.filter(pk=enrollment_id).first()
    if enrollment is None:
        raise NotFound(_("There is no such enrollment."))
    return enrollment


def lock_with_payment(enrollment_id: int) -> Enrollment:
    """Lock the payment, then the enrollment: the order that settlement takes too (0004)."""
    payments.lock_payment(reference=payment_reference(enrollment_id))
    return lock_enrollment(enrollment_id)


def lock_enrollment(enrollment_id: int) -> Enrollment:
    enrollment = Enrollment.objects.select_for_update(no_key=True).filter(pk=enrollment_id).first()
    if enrollment is None:
        raise NotFound(_("There is no such enrollment."))
    return enrollment


def refuse_stranger(enrollment: Enrollment, *, student_id: int | None) -> None:
    """Raise NotFound unless the enrollment is the student's; None stands for staff."""
    if student_id is not None and enrollment.student_id != student_id:
        raise NotFound(_("There is no such enrollment."))
