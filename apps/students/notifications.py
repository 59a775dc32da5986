"""E-mails that follow what happened. Sent later; a delivery that succeeded is never repeated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation

from apps.certification.events import CertificateIssued
from apps.events.registry import later
from apps.lectures.events import (
    EnrollmentApproved,
    EnrollmentCancelled,
    EnrollmentExpired,
    EnrollmentRequested,
)
from apps.payments.events import PaymentDeferred, RefundSucceeded
from apps.students.models import HistoryEntry, User


@later(EnrollmentRequested)
def mail_enrollment_requested(event: EnrollmentRequested) -> None:
    if event.payment_id:
        _mail(
            event.student_id,
            "requested",
            event.enrollment_id,
            amount_minor=event.price_minor,
            pay_by=datetime.fromisoformat(event.pay_by),
        )


@later(EnrollmentApproved)
def mail_enrollment_approved(event: EnrollmentApproved) -> None:
    _mail(event.student_id, "approved", event.enrollment_id, amount_minor=event.paid_minor)


@later(PaymentDeferred)
def mail_payment_deferred(event: PaymentDeferred) -> None:
    entry = HistoryEntry.objects.filter(payment_id=event.payment_id).first()
    if entry:
        _mail(
            event.payer_id,
            "deferred",
            entry.lecture_id,
            amount_minor=event.amount_minor,
            pay_by=datetime.fromisoformat(event.pay_by),
        )


@later(EnrollmentCancelled)
def mail_enrollment_cancelled(event: EnrollmentCancelled) -> None:
    _mail(
        event.student_id,
        "cancelled",
        event.enrollment_id,
        amount_minor=event.refund_minor,
        cause=event.cause,
    )


@later(EnrollmentExpired)
def mail_enrollment_expired(event: EnrollmentExpired) -> None:
    _mail(event.student_id, "expired", event.enrollment_id)


@later(RefundSucceeded)
def mail_refund_succeeded(event: RefundSucceeded) -> None:
    entry = HistoryEntry.objects.filter(payment_id=event.payment_id).first()
    if entry:
        _mail(event.payer_id, "refunded", entry.lecture_id, amount_minor=event.refund_minor)


@later(CertificateIssued)
def mail_certificate_issued(event: CertificateIssued) -> None:
    _mail(event.student_id, "certified", event.enrollment_id, code=event.code)


def _mail(student_id: int, kind: str, lecture_id: int, **context: Any) -> None:
    """Send the e-mail ``students/mail/<kind>.txt``, whose first line is its subject."""
    student = User.objects.get(pk=student_id)
    if not student.is_active:
        return
    entry = HistoryEntry.objects.get(lecture_id=lecture_id)
    facts = {"site_url": settings.SITE_URL, "school_name": settings.SCHOOL_NAME}
    with translation.override(student.language):
        text = render_to_string(
            f"students/mail/{kind}.txt", {"student": student, "entry": entry, **facts, **context}
        )
    subject, body = text.strip().split("\n", 1)
    one_line = " ".join(subject.split())  # a title may hold what no header may
    send_mail(one_line, body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [student.email])
