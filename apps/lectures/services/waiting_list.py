"""Join the waiting list of a full course, leave it, and take the seat that was offered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.courses import queries as courses_queries
from apps.courses import services as courses
from apps.courses.queries import CourseTerms
from apps.events.services import publish
from apps.lectures.events import OfferAccepted, WaitingListJoined, WaitingListLeft
from apps.lectures.models import LIVE, WAITS, Enrollment, WaitingListEntry, WaitingStatus
from apps.lectures.services.announcing import about_waiting
from apps.lectures.services.holding import refuse_another_place
from apps.lectures.services.offering import pass_on_seat
from apps.lectures.services.refusals import (
    AlreadyEnrolled,
    AlreadyWaiting,
    EnrollmentClosed,
    EnrollmentNotYetOpen,
    NotWaiting,
    OfferHasLapsed,
    PaidCoursesUnavailable,
    SeatIsFree,
)
from apps.refusals import NotFound
from apps.retries import retry_given_up
from foundation.agreement import Agreement, require


@dataclass(frozen=True)
class Queue:
    """The waiting list of a course as one student meets it."""

    offer_id: int | None
    """The entry by which a seat is held for this student."""
    waiting: int
    """How many wait for a seat, and so come before whoever comes now."""


def meet_queue(*, student_id: int, course_id: int) -> Queue:
    """Return how the course's queue stands for the student, in one query."""
    live = WaitingListEntry.objects.filter(course_id=course_id, status__in=WAITS)
    held = Q(student_id=student_id, status=WaitingStatus.OFFERED)
    return Queue(
        **live.aggregate(
            offer_id=Max("pk", filter=held),
            waiting=Count("pk", filter=Q(status=WaitingStatus.WAITING)),
        )
    )


@retry_given_up
def join_waiting_list(*, student_id: int, course_id: int) -> int:
    """Put the student at the end of the queue for a full course. Publishes WaitingListJoined.

    Returns the entry's id. Raises NotFound, EnrollmentNotYetOpen, EnrollmentClosed, CourseNotOpen,
    AlreadyEnrolled, AlreadyWaiting, TooManyPlaces, and SeatIsFree when there is no reason to wait.
    """
    now = timezone.now()
    with transaction.atomic():
        refuse_another_place(student_id=student_id)
        courses.hold_course(course_id=course_id)
        terms = courses_queries.get_terms(course_id=course_id)
        refuse_not_open(terms, now)
        _refuse_no_need(terms, student_id, now)
        entry = WaitingListEntry.objects.create(
            course_id=course_id, student_id=student_id, joined_at=now
        )
        publish(WaitingListJoined(**about_waiting(entry, terms, now)))
    return entry.pk


def refuse_not_open(terms: CourseTerms, now: datetime) -> None:
    """Raise EnrollmentNotYetOpen, EnrollmentClosed, CourseNotOpen or PaidCoursesUnavailable."""
    if terms.awaits_payments:
        raise PaidCoursesUnavailable()
    availability = terms.availability(now=now)
    if availability == "upcoming":
        raise EnrollmentNotYetOpen()
    if availability == "closed":
        raise EnrollmentClosed() if terms.status == "open" else courses.CourseNotOpen()


def _refuse_no_need(terms: CourseTerms, student_id: int, now: datetime) -> None:
    enrolled = Enrollment.objects.filter(student_id=student_id, course_id=terms.id)
    if enrolled.filter(status__in=LIVE).exists():
        raise AlreadyEnrolled()
    waiting = WaitingListEntry.objects.filter(course_id=terms.id, status__in=WAITS)
    if waiting.filter(student_id=student_id).exists():
        raise AlreadyWaiting()
    if terms.availability(now=now) == "open" and not waiting.exists():
        raise SeatIsFree()


@retry_given_up
def leave_waiting_list(*, entry_id: int, student_id: int, agreed: Agreement | None = None) -> None:
    """Give the place up; a seat that was offered goes on to the next. Publishes WaitingListLeft.

    Raises NotFound (also for somebody else's place), NotWaiting, and what ``agreed`` raises.
    """
    course_id = _get_own(entry_id, student_id).course_id
    now = timezone.now()
    with transaction.atomic():
        courses.hold_course(course_id=course_id)
        entry = WaitingListEntry.objects.select_for_update(no_key=True).get(pk=entry_id)
        if entry.status not in WAITS:
            raise NotWaiting()
        require(agreed)
        held = entry.status == WaitingStatus.OFFERED
        entry.leave(at=now)
        entry.save()
        if held:
            pass_on_seat(course_id=course_id, now=now)
        terms = courses_queries.get_terms(course_id=course_id)
        publish(WaitingListLeft(**about_waiting(entry, terms, now)))


def _get_own(entry_id: int, student_id: int) -> WaitingListEntry:
    entry = WaitingListEntry.objects.filter(pk=entry_id, student_id=student_id).first()
    if entry is None:
        raise NotFound(_("There is no such place on a waiting list."))
    return entry


def take_offered_seat(*, offer_id: int, enrollment: Enrollment, now: datetime) -> None:
    """Give the held seat to the enrollment, in its transaction, last before the commit.

    Publishes OfferAccepted. Raises OfferHasLapsed, CourseNotOpen: the seat is then not taken.
    """
    courses.hold_course(course_id=enrollment.course_id)
    terms = courses_queries.get_terms(course_id=enrollment.course_id)
    refuse_not_open(terms, now)
    entry = WaitingListEntry.objects.select_for_update(no_key=True).get(pk=offer_id)
    if entry.status != WaitingStatus.OFFERED or (entry.offered_until or now) <= now:
        raise OfferHasLapsed()
    entry.accept(enrollment=enrollment, at=now)
    entry.save()
    publish(OfferAccepted(**about_waiting(entry, terms, now), enrollment_id=enrollment.pk))
