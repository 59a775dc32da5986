"""The facts that lectures publish. Each carries what its readers need, so that they ask nobody."""

from __future__ import annotations

from dataclasses import dataclass

from apps.events.registry import Event, event


@dataclass(frozen=True, kw_only=True)
class EnrollmentEvent(Event):
    enrollment_id: int
    student_id: int
    course_id: int
    course_title: str
    occurred_at: str


@event("lectures.enrollment_requested.v1")
@dataclass(frozen=True, kw_only=True)
class EnrollmentRequested(EnrollmentEvent):
    """``payment_id`` is None for a free course; amounts in minor units.

    ``payment_number`` is empty where it is free, or older than the numbers (PaymentNumbered).
    """

    course_slug: str
    price_minor: int
    currency: str
    payment_id: int | None
    pay_by: str
    payment_number: str = ""


@event("lectures.enrollment_approved.v1")
@dataclass(frozen=True, kw_only=True)
class EnrollmentApproved(EnrollmentEvent):
    paid_minor: int
    currency: str


@event("lectures.enrollment_progressed.v1")
@dataclass(frozen=True, kw_only=True)
class EnrollmentProgressed(EnrollmentEvent):
    lesson_id: int
    lesson_title: str
    progress_percent: int


@event("lectures.enrollment_completed.v1")
@dataclass(frozen=True, kw_only=True)
class EnrollmentCompleted(EnrollmentEvent):
    """Carries all that certification needs: the name as written, and in Latin letters if known."""

    student_name: str
    progress_percent: int
    student_latin_name: str = ""


@event("lectures.enrollment_cancelled.v1")
@dataclass(frozen=True, kw_only=True)
class EnrollmentCancelled(EnrollmentEvent):
    """``cause`` is ``student``, ``staff`` or ``course_withdrawn``."""

    refund_minor: int
    currency: str
    cause: str


@event("lectures.enrollment_expired.v1")
@dataclass(frozen=True, kw_only=True)
class EnrollmentExpired(EnrollmentEvent):
    pass


@event("lectures.enrollment_payment_due.v1")
@dataclass(frozen=True, kw_only=True)
class EnrollmentPaymentDue(EnrollmentEvent):
    """The seat is held until ``pay_by``, which is near. Once per ``pay_by``."""

    price_minor: int
    currency: str
    pay_by: str


@event("lectures.course_starts_soon.v1")
@dataclass(frozen=True, kw_only=True)
class CourseStartsSoon(EnrollmentEvent):
    """The course starts tomorrow, as the school's calendar has it. Once per start.

    ``sequence`` counts the starts announced before: the dates have changed since.
    """

    course_slug: str
    starts_at: str
    ends_at: str | None
    sequence: int


@event("lectures.learning_paused.v1")
@dataclass(frozen=True, kw_only=True)
class LearningPaused(EnrollmentEvent):
    """Nothing has been learned for a while. Once per ``week_at``, the start of a week of it."""

    week_at: str
    progress_percent: int


@dataclass(frozen=True, kw_only=True)
class WaitingListEvent(Event):
    entry_id: int
    student_id: int
    course_id: int
    course_title: str
    course_slug: str
    occurred_at: str


@event("lectures.waiting_list_joined.v1")
@dataclass(frozen=True, kw_only=True)
class WaitingListJoined(WaitingListEvent):
    pass


@event("lectures.seat_offered.v1")
@dataclass(frozen=True, kw_only=True)
class SeatOffered(WaitingListEvent):
    """A freed seat is held for the student until ``offered_until``."""

    offered_until: str


@event("lectures.offer_accepted.v1")
@dataclass(frozen=True, kw_only=True)
class OfferAccepted(WaitingListEvent):
    """The held seat is now that of ``enrollment_id``."""

    enrollment_id: int


@event("lectures.offer_lapsed.v1")
@dataclass(frozen=True, kw_only=True)
class OfferLapsed(WaitingListEvent):
    """The offer was not taken in time; the seat goes on to the next."""


@event("lectures.waiting_list_left.v1")
@dataclass(frozen=True, kw_only=True)
class WaitingListLeft(WaitingListEvent):
    """The student waits no longer, and gives up the seat if one was offered."""


@event("lectures.waiting_list_ended.v1")
@dataclass(frozen=True, kw_only=True)
class WaitingListEnded(WaitingListEvent):
    """The course takes nobody any more, so nobody waits for it; offers end with the list."""
