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
    """``payment_id`` is None for a free course; amounts in minor units."""

    course_slug: str
    price_minor: int
    currency: str
    payment_id: int | None
    pay_by: str


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
    """Carries all that certification needs."""

    student_name: str
    progress_percent: int


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
