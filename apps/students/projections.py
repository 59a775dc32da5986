"""Fold the log into the history. ``project`` is pure: one event in, what changes out.

The live handler and the rebuild share it, so that history equals a rebuild by construction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.certification.events import CertificateIssued, CertificateRevoked
from apps.courses.events import CourseWithdrawn
from apps.events.registry import Event
from apps.lectures.events import (
    EnrollmentApproved,
    EnrollmentCancelled,
    EnrollmentCompleted,
    EnrollmentExpired,
    EnrollmentProgressed,
    EnrollmentRequested,
    OfferAccepted,
    OfferLapsed,
    SeatOffered,
    WaitingListEnded,
    WaitingListJoined,
    WaitingListLeft,
)
from apps.payments.events import (
    PaymentApproved,
    PaymentCancelled,
    PaymentDeclined,
    PaymentDeferred,
    PaymentEvent,
    PaymentNumbered,
    RefundRequested,
    RefundSucceeded,
)
from apps.students.models import TimelineEntry


@dataclass(frozen=True)
class Projection:
    """What an event does to the entries that ``key`` names.

    ``kind`` names the line of the timeline; without one (a withdrawn course, a number)
    there is none.
    """

    key: dict[str, int]
    occurred_at: datetime
    changes: dict[str, Any] = field(default_factory=dict)
    creates: bool = False
    kind: str = ""
    amount_minor: int | None = None
    currency: str = ""
    detail: str = ""


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _requested(event: EnrollmentRequested) -> Projection:
    return Projection(
        key={"lecture_id": event.enrollment_id},
        creates=True,
        changes={
            "student_id": event.student_id,
            "course_id": event.course_id,
            "course_title": event.course_title,
            "course_slug": event.course_slug,
            "status": "requested",
            "price_minor": event.price_minor,
            "currency": event.currency,
            "payment_id": event.payment_id,
            "payment_number": event.payment_number,
            "payment_status": "pending" if event.payment_id else "",
            "requested_at": _at(event.occurred_at),
            "pay_by": _at(event.pay_by) if event.payment_id else None,
        },
        kind="requested",
        occurred_at=_at(event.occurred_at),
        amount_minor=event.price_minor,
        currency=event.currency,
    )


def _approved(event: EnrollmentApproved) -> Projection:
    at = _at(event.occurred_at)
    return Projection(
        key={"lecture_id": event.enrollment_id},
        changes={"status": "approved", "approved_at": at, "pay_by": None},
        kind="approved",
        occurred_at=at,
    )


def _progressed(event: EnrollmentProgressed) -> Projection:
    return Projection(
        key={"lecture_id": event.enrollment_id},
        changes={"progress_percent": event.progress_percent},
        kind="lesson_completed",
        occurred_at=_at(event.occurred_at),
        detail=event.lesson_title,
    )


def _completed(event: EnrollmentCompleted) -> Projection:
    at = _at(event.occurred_at)
    return Projection(
        key={"lecture_id": event.enrollment_id},
        changes={"status": "completed", "completed_at": at},
        kind="completed",
        occurred_at=at,
    )


def _cancelled(event: EnrollmentCancelled) -> Projection:
    at = _at(event.occurred_at)
    return Projection(
        key={"lecture_id": event.enrollment_id},
        changes={"status": "cancelled", "cancelled_at": at, "pay_by": None},
        kind="cancelled",
        occurred_at=at,
        amount_minor=event.refund_minor,
        currency=event.currency,
        detail=event.cause,
    )


def _expired(event: EnrollmentExpired) -> Projection:
    at = _at(event.occurred_at)
    return Projection(
        key={"lecture_id": event.enrollment_id},
        changes={"status": "expired", "expired_at": at, "pay_by": None},
        kind="expired",
        occurred_at=at,
    )


def _payment(event: PaymentEvent, kind: str, *, detail: str = "", **more: Any) -> Projection:
    changes = {
        "payment_status": event.payment_status,
        "refunded_minor": event.refunded_minor,
        **more.pop("changes", {}),
    }
    return Projection(
        key={"payment_id": event.payment_id},
        changes=changes,
        kind=kind,
        occurred_at=_at(event.occurred_at),
        currency=event.currency,
        detail=detail,
        **more,
    )


def _paid(event: PaymentApproved) -> Projection:
    paid = {"paid_minor": event.amount_minor}
    return _payment(
        event, "paid", changes=paid, amount_minor=event.amount_minor, detail=event.gateway
    )


def _refund(event: RefundRequested | RefundSucceeded, kind: str) -> Projection:
    owed = event.purpose == "cancellation" and isinstance(event, RefundRequested)
    return _payment(
        event,
        kind,
        changes={"refund_requested_minor": event.refund_minor} if owed else {},
        amount_minor=event.refund_minor,
        detail=event.purpose,
    )


def _issued(event: CertificateIssued) -> Projection:
    at = _at(event.occurred_at)
    return Projection(
        key={"lecture_id": event.enrollment_id},
        changes={"certificate_code": event.code, "certified_at": at},
        kind="reissued" if event.replaces_code else "certified",
        occurred_at=at,
        detail=event.code,
    )


def _revoked(event: CertificateRevoked) -> Projection:
    """The code stays, so that revoked (a code, no time) is not taken for not issued yet."""
    return Projection(
        key={"lecture_id": event.enrollment_id},
        changes={"certified_at": None},
        kind="certificate_revoked",
        occurred_at=_at(event.occurred_at),
        detail=event.reason,
    )


_PROJECTORS: dict[type[Event], Callable[[Any], Projection]] = {
    EnrollmentRequested: _requested,
    EnrollmentApproved: _approved,
    EnrollmentProgressed: _progressed,
    EnrollmentCompleted: _completed,
    EnrollmentCancelled: _cancelled,
    EnrollmentExpired: _expired,
    PaymentDeferred: lambda event: _payment(event, "deferred"),
    PaymentDeclined: lambda event: _payment(event, "declined", detail=event.decline_code),
    PaymentApproved: _paid,
    PaymentCancelled: lambda event: _payment(event, "payment_cancelled"),
    RefundRequested: lambda event: _refund(event, "refund_requested"),
    RefundSucceeded: lambda event: _refund(event, "refunded"),
    PaymentNumbered: lambda event: Projection(
        key={"payment_id": event.payment_id},
        occurred_at=_at(event.occurred_at),
        changes={"payment_number": event.number},
    ),
    CertificateIssued: _issued,
    CertificateRevoked: _revoked,
    CourseWithdrawn: lambda event: Projection(
        key={"course_id": event.course_id},
        occurred_at=_at(event.withdrawn_at),
        changes={"course_withdrawn": True},
    ),
}

EVENT_TYPES = tuple(_PROJECTORS)
BEGINNING: type[Any] = EnrollmentRequested
"""The event that begins an entry, and tells its payment."""
OF_A_COURSE: type[Any] = CourseWithdrawn
"""The event that is about all entries of a course."""


def project(event: Event) -> Projection:
    """Return what the event changes in the history."""
    return _PROJECTORS[type(event)](event)


def timeline_entry(event: Event, projection: Projection, lecture_id: int) -> TimelineEntry:
    """Return the line that the event adds to the timeline of the enrollment."""
    return TimelineEntry(
        event_id=event.log_id,
        lecture_id=lecture_id,
        kind=projection.kind,
        occurred_at=projection.occurred_at,
        amount_minor=projection.amount_minor,
        currency=projection.currency,
        detail=projection.detail[:300],
    )


@dataclass(frozen=True)
class PlaceProjection:
    """What an event does to a place on a waiting list; without ``changes`` it ends it."""

    entry_id: int
    changes: dict[str, Any] = field(default_factory=dict)
    creates: bool = False


def _joined(event: WaitingListJoined) -> PlaceProjection:
    changes = {
        "student_id": event.student_id,
        "course_id": event.course_id,
        "course_title": event.course_title,
        "course_slug": event.course_slug,
        "status": "waiting",
        "joined_at": _at(event.occurred_at),
    }
    return PlaceProjection(event.entry_id, changes, creates=True)


def _offered(event: SeatOffered) -> PlaceProjection:
    changes = {"status": "offered", "offered_until": _at(event.offered_until)}
    return PlaceProjection(event.entry_id, changes)


def _place_ended(
    event: OfferAccepted | OfferLapsed | WaitingListLeft | WaitingListEnded,
) -> PlaceProjection:
    return PlaceProjection(event.entry_id)


_PLACE_PROJECTORS: dict[type[Event], Callable[[Any], PlaceProjection]] = {
    WaitingListJoined: _joined,
    SeatOffered: _offered,
    OfferAccepted: _place_ended,
    OfferLapsed: _place_ended,
    WaitingListLeft: _place_ended,
    WaitingListEnded: _place_ended,
}

PLACE_EVENT_TYPES = tuple(_PLACE_PROJECTORS)


def project_place(event: Event) -> PlaceProjection:
    """Return what the event changes of a place on a waiting list."""
    return _PLACE_PROJECTORS[type(event)](event)
