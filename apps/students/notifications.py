"""E-mails that follow what happened: event in, one e-mail owed out, each once (0016)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.certification.events import CertificateIssued
from apps.events.registry import later
from apps.lectures.events import (
    CourseStartsSoon,
    EnrollmentApproved,
    EnrollmentCancelled,
    EnrollmentCompleted,
    EnrollmentEvent,
    EnrollmentExpired,
    EnrollmentPaymentDue,
    EnrollmentRequested,
    LearningPaused,
    OfferLapsed,
    SeatOffered,
    WaitingListEnded,
    WaitingListEvent,
)
from apps.payments.events import (
    PaymentDeclined,
    PaymentDeferred,
    RefundRequested,
    RefundSucceeded,
)
from apps.students import services
from apps.students.events import (
    EmailChanged,
    LogInLocked,
    MailAskedForAgain,
    PasswordLinkRequested,
    SecondFactorLinkRequested,
    SecondFactorReset,
    StudentConfirmed,
    StudentInvited,
    StudentRemoved,
)
from apps.students.models import HistoryEntry, WaitingPlace


@later(StudentConfirmed)
def mail_welcome(event: StudentConfirmed) -> None:
    """Once in an account's life, however many addresses it confirms."""
    services.send_mail_once(
        kind="welcome", recipient_id=event.student_id, reason="account", facts={}
    )


@later(EnrollmentRequested)
def mail_enrollment_requested(event: EnrollmentRequested) -> None:
    if event.payment_id:
        _mail(event, "requested", amount_minor=event.price_minor, pay_by=event.pay_by)


@later(EnrollmentApproved)
def mail_enrollment_approved(event: EnrollmentApproved) -> None:
    _mail(event, "approved", amount_minor=event.paid_minor, paid_at=event.occurred_at)


@later(PaymentDeferred)
def mail_payment_deferred(event: PaymentDeferred) -> None:
    """Once per enrollment, however often the payer tries again."""
    _mail_payer(event, "deferred", reason="enrollment", pay_by=event.pay_by)


@later(PaymentDeclined)
def mail_payment_declined(event: PaymentDeclined) -> None:
    """Once a day, however many cards the payer tries, and not when one of them went through."""
    entry = _find_entry(event.payment_id)
    if entry and entry.status == "requested":
        date = timezone.localdate(datetime.fromisoformat(event.occurred_at))
        _mail_payer(event, "declined", reason=date.isoformat(), decline_code=event.decline_code)


@later(EnrollmentPaymentDue)
def mail_payment_due(event: EnrollmentPaymentDue) -> None:
    """Only while it is due: late, it would ask for money that is paid or not wanted any more."""
    requested = HistoryEntry.objects.filter(lecture_id=event.enrollment_id, status="requested")
    if requested.exists() and timezone.now() < datetime.fromisoformat(event.pay_by):
        _mail(event, "payment_due", amount_minor=event.price_minor, pay_by=event.pay_by)


@later(EnrollmentCancelled)
def mail_enrollment_cancelled(event: EnrollmentCancelled) -> None:
    """Tell of the refund as made where it was faster than this e-mail."""
    entry = HistoryEntry.objects.filter(lecture_id=event.enrollment_id).first()
    made = bool(entry and event.refund_minor and entry.refunded_minor >= event.refund_minor)
    _mail(event, "cancelled", amount_minor=event.refund_minor, cause=event.cause, refunded=made)


@later(EnrollmentExpired)
def mail_enrollment_expired(event: EnrollmentExpired) -> None:
    _mail(event, "expired")


@later(RefundRequested)
def mail_surplus_refunded(event: RefundRequested) -> None:
    """Money that nobody owes; what a cancellation gives back, its own e-mail says."""
    if event.purpose == "surplus":
        _mail_payer(event, "surplus", amount_minor=event.refund_minor)


@later(RefundSucceeded)
def mail_refund_succeeded(event: RefundSucceeded) -> None:
    """After the e-mail that the enrollment is cancelled, and not where that one tells of it.

    Raises StillBeingSent while that one is owed: it is tried again then.
    """
    entry = _find_entry(event.payment_id)
    told = services.cancellation_told_refund
    if entry and event.purpose == "cancellation" and told(lecture_id=entry.lecture_id):
        return
    _mail_payer(event, "refunded", amount_minor=event.refund_minor, refunded_at=event.occurred_at)


@later(SeatOffered)
def mail_seat_offered(event: SeatOffered) -> None:
    """Only while the offer stands: late, it would send the student to a seat that is gone."""
    if WaitingPlace.objects.filter(entry_id=event.entry_id, status="offered").exists():
        _mail_waiting(event, "seat_offered", until=event.offered_until)


@later(OfferLapsed)
def mail_offer_lapsed(event: OfferLapsed) -> None:
    _mail_waiting(event, "offer_lapsed")


@later(WaitingListEnded)
def mail_waiting_list_ended(event: WaitingListEnded) -> None:
    _mail_waiting(event, "waiting_list_ended")


@later(CourseStartsSoon)
def mail_course_starts(event: CourseStartsSoon) -> None:
    """Once per enrollment and start, to whoever is still to take part."""
    if _is_learning(event.enrollment_id):
        _mail(
            event,
            "course_starts",
            reason=event.starts_at,
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            sequence=event.sequence,
        )


@later(LearningPaused)
def mail_lessons_wait(event: LearningPaused) -> None:
    """Not to whoever has gone on learning since."""
    unchanged = HistoryEntry.objects.filter(progress_percent=event.progress_percent)
    if unchanged.filter(lecture_id=event.enrollment_id, status="approved").exists():
        _mail(event, "lessons_wait", reason=event.week_at)


@later(EnrollmentCompleted)
def mail_enrollment_completed(event: EnrollmentCompleted) -> None:
    _mail(event, "completed", progress_percent=event.progress_percent)


@later(CertificateIssued)
def mail_certificate_issued(event: CertificateIssued) -> None:
    _mail(event, "certified", code=event.code, replaces_code=event.replaces_code)


@later(StudentRemoved)
def mail_account_removed(event: StudentRemoved) -> None:
    services.send_parting(student_id=event.student_id)


@later(LogInLocked)
def mail_log_in_locked(event: LogInLocked) -> None:
    services.send_mail_once(
        kind="log_in_locked",
        recipient_id=event.student_id,
        reason=f"event-{event.log_id}",
        facts={"until": event.locked_until},
    )


@later(SecondFactorReset)
def mail_second_factor_reset(event: SecondFactorReset) -> None:
    services.send_mail_once(
        kind="second_factor_reset",
        recipient_id=event.student_id,
        reason=f"event-{event.log_id}",
        facts={},
    )


@later(EmailChanged)
def mail_email_changed(event: EmailChanged) -> None:
    services.send_email_change_notice(change_id=event.change_id, reason=f"event-{event.log_id}")


@later(StudentInvited)
def mail_student_invited(event: StudentInvited) -> None:
    services.send_invitation(student_id=event.student_id, reason=f"event-{event.log_id}")


@later(PasswordLinkRequested)
def mail_password_link(event: PasswordLinkRequested) -> None:
    services.mail_password_link(user_id=event.student_id, reason=f"event-{event.log_id}")


@later(SecondFactorLinkRequested)
def mail_second_factor_link(event: SecondFactorLinkRequested) -> None:
    services.mail_second_factor_link(user_id=event.student_id, reason=f"event-{event.log_id}")


@later(MailAskedForAgain)
def mail_again(event: MailAskedForAgain) -> None:
    services.send_mail_again(mail_id=event.mail_id)


def _is_learning(lecture_id: int) -> bool:
    return HistoryEntry.objects.filter(lecture_id=lecture_id, status="approved").exists()


def _find_entry(payment_id: int) -> HistoryEntry | None:
    return HistoryEntry.objects.filter(payment_id=payment_id).first()


def _mail(
    event: EnrollmentEvent | CertificateIssued, kind: str, *, reason: str = "", **facts: Any
) -> None:
    """Owe an e-mail about an enrollment; without a ``reason`` once per event."""
    services.send_mail_once(
        kind=kind,
        recipient_id=event.student_id,
        reason=f"enrollment-{event.enrollment_id}:{reason or event.log_id}",
        facts={"lecture_id": event.enrollment_id, **facts},
    )


def _mail_payer(
    event: PaymentDeferred | PaymentDeclined | RefundRequested | RefundSucceeded,
    kind: str,
    *,
    reason: str = "",
    **facts: Any,
) -> None:
    """Owe an e-mail about the payment of an enrollment; without a ``reason`` once per event."""
    entry = _find_entry(event.payment_id)
    if entry:
        services.send_mail_once(
            kind=kind,
            recipient_id=event.payer_id,
            reason=f"payment-{event.payment_id}:{reason or event.log_id}",
            facts={
                "lecture_id": entry.lecture_id,
                "amount_minor": event.amount_minor,
                **facts,
            },
        )


def _mail_waiting(event: WaitingListEvent, kind: str, **facts: Any) -> None:
    """Owe an e-mail about a place on a waiting list, once per event."""
    services.send_mail_once(
        kind=kind,
        recipient_id=event.student_id,
        reason=f"waiting-{event.entry_id}:{event.log_id}",
        facts={"title": event.course_title, "slug": event.course_slug, **facts},
    )
