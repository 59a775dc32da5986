"""E-mails that follow what happened. Sent later; a delivery that succeeded is never repeated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from apps.certification.events import CertificateIssued
from apps.events.registry import later
from apps.lectures.events import (
    EnrollmentApproved,
    EnrollmentCancelled,
    EnrollmentExpired,
    EnrollmentRequested,
    OfferLapsed,
    SeatOffered,
    WaitingListEnded,
)
from apps.payments.events import PaymentDeferred, RefundRequested, RefundSucceeded
from apps.students.events import LogInLocked
from apps.students.models import HistoryEntry, TimelineEntry, User, WaitingPlace
from apps.students.reading import as_read_by


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
    """Once per enrollment, however often the payer tries again."""
    entry = HistoryEntry.objects.filter(payment_id=event.payment_id).first()
    if entry and not _was_deferred_before(entry, event):
        _mail(
            event.payer_id,
            "deferred",
            entry.lecture_id,
            amount_minor=event.amount_minor,
            pay_by=datetime.fromisoformat(event.pay_by),
        )


def _was_deferred_before(entry: HistoryEntry, event: PaymentDeferred) -> bool:
    lines = TimelineEntry.objects.filter(lecture_id=entry.lecture_id, kind="deferred")
    return lines.filter(event_id__lt=event.log_id).exists()


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


@later(RefundRequested)
def mail_surplus_refunded(event: RefundRequested) -> None:
    """Money that nobody owes; what a cancellation gives back, its own e-mail says."""
    entry = HistoryEntry.objects.filter(payment_id=event.payment_id).first()
    if entry and event.purpose == "surplus":
        _mail(event.payer_id, "surplus", entry.lecture_id, amount_minor=event.refund_minor)


@later(RefundSucceeded)
def mail_refund_succeeded(event: RefundSucceeded) -> None:
    entry = HistoryEntry.objects.filter(payment_id=event.payment_id).first()
    if entry:
        _mail(event.payer_id, "refunded", entry.lecture_id, amount_minor=event.refund_minor)


@later(SeatOffered)
def mail_seat_offered(event: SeatOffered) -> None:
    """Only while the offer stands: late, it would send the student to a seat that is gone."""
    offered = WaitingPlace.objects.filter(entry_id=event.entry_id, status="offered").first()
    if offered:
        _send(
            event.student_id,
            "seat_offered",
            place=event,
            until=datetime.fromisoformat(event.offered_until),
        )


@later(OfferLapsed)
def mail_offer_lapsed(event: OfferLapsed) -> None:
    _send(event.student_id, "offer_lapsed", place=event)


@later(WaitingListEnded)
def mail_waiting_list_ended(event: WaitingListEnded) -> None:
    _send(event.student_id, "waiting_list_ended", place=event)


@later(CertificateIssued)
def mail_certificate_issued(event: CertificateIssued) -> None:
    _mail(event.student_id, "certified", event.enrollment_id, code=event.code)


@later(LogInLocked)
def mail_log_in_locked(event: LogInLocked) -> None:
    _send(event.student_id, "log_in_locked", until=datetime.fromisoformat(event.locked_until))


def _mail(student_id: int, kind: str, lecture_id: int, **context: Any) -> None:
    """Send an e-mail about an enrollment."""
    _send(student_id, kind, entry=HistoryEntry.objects.get(lecture_id=lecture_id), **context)


def _send(student_id: int, kind: str, **context: Any) -> None:
    """Send the e-mail ``students/mail/<kind>.txt``, whose first line is its subject."""
    student = User.objects.get(pk=student_id)
    if not student.is_active:
        return
    facts = {"site_url": settings.SITE_URL, "school_name": settings.SCHOOL_NAME}
    with as_read_by(student):
        text = render_to_string(
            f"students/mail/{kind}.txt", {"student": student, **facts, **context}
        )
    subject, body = text.strip().split("\n", 1)
    one_line = " ".join(subject.split())  # a title may hold what no header may
    send_mail(one_line, body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [student.email])
