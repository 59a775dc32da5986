"""A school with something of everything in it, so that the API has answers to give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import time_machine
from django.utils import timezone

from apps.certification import services as certification
from apps.certification.models import Certificate
from apps.lectures import services as lectures
from apps.payments import services as payments
from apps.payments.models import Payment
from apps.students.models import User


def fill(
    student: User, other: User, make_course: Callable[..., int], learn: Any, deliver_all: Any
) -> None:
    """Give the student an enrollment, payment and certificate in every state, and company."""
    _expire(student, make_course(title="Expired"))
    full = make_course(title="Full", capacity=1)
    _approve(other, full)
    lectures.join_waiting_list(student_id=student.pk, course_id=full)
    for title, act in _ENROLLMENTS.items():
        act(student, make_course(title=title, refund_policy="full"))
    for title in ("Certified", "Revoked"):
        enrollment_id = _approve(student, make_course(title=title))
        learn(enrollment_id, student)
    deliver_all()
    revoked = Certificate.objects.get(course_title="Revoked", student_id=student.pk)
    certification.revoke_certificate(certificate_id=revoked.pk, reason="Issued by mistake.")
    make_course(title="Free", price_minor=0)
    make_course(title="Draft", opened=False)
    begun = _approve(student, make_course(title="Begun", **_A_MONTH))
    with time_machine.travel(_A_MONTH["starts_at"] + timedelta(days=3)):
        lectures.cancel_enrollment(enrollment_id=begun, student_id=student.pk)
        deliver_all()


def _request(student: User, course_id: int) -> int:
    return lectures.request_enrollment(student_id=student.pk, course_id=course_id)


def _pay(student: User, course_id: int, token: str) -> int:
    enrollment_id = _request(student, course_id)
    lectures.pay_enrollment(enrollment_id=enrollment_id, student_id=student.pk, token=token)
    return enrollment_id


def _approve(student: User, course_id: int) -> int:
    return _pay(student, course_id, "tok_approved")


def _decline(student: User, course_id: int) -> None:
    _pay(student, course_id, "tok_declined")


def _defer(student: User, course_id: int) -> None:
    payments.set_sandbox_behaviour(behaviour="down")
    _pay(student, course_id, "tok_approved")
    payments.set_sandbox_behaviour(behaviour="working")


def _cancel(student: User, course_id: int) -> None:
    lectures.cancel_enrollment(enrollment_id=_request(student, course_id), student_id=student.pk)


def _refund(student: User, course_id: int) -> None:
    enrollment_id = _approve(student, course_id)
    lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=student.pk)


def _expire(student: User, course_id: int) -> None:
    enrollment_id = _request(student, course_id)
    pay_by = Payment.objects.get(reference=f"lecture-{enrollment_id}").pay_by
    with time_machine.travel(max(pay_by, timezone.now()) + timedelta(seconds=1)):
        lectures.expire_enrollments()


_A_MONTH = {
    "refund_policy": "tuition_law",
    "starts_at": timezone.now() + timedelta(days=1),
    "ends_at": timezone.now() + timedelta(days=31),
}
_ENROLLMENTS = {
    "Requested": _request,
    "Approved": _approve,
    "Declined": _decline,
    "Deferred": _defer,
    "Cancelled": _cancel,
    "Refunded": _refund,
}
