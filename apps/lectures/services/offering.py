"""Offer free seats to those who wait, in their order; an offer lapses, a list ends.

Everything here runs with the course's row locked, and locks entries after it (0004, 0010): what one
transaction frees it offers itself, so that nobody can slip in between.
"""

from __future__ import annotations

import time
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from apps.courses import queries as courses_queries
from apps.courses import services as courses
from apps.courses.queries import CourseTerms
from apps.events.services import Unfinished, publish
from apps.lectures import policies
from apps.lectures.events import OfferLapsed, SeatOffered, WaitingListEnded
from apps.lectures.models import WAITS, WaitingListEntry, WaitingStatus
from apps.lectures.services.announcing import about_waiting
from apps.retries import retry_given_up

BATCH_ROWS = 100
BATCH_BUDGET_SECONDS = 10.0


def pass_on_seat(*, course_id: int, now: datetime) -> None:
    """Free one seat, in the caller's transaction, and offer it at once if somebody waits.

    Publishes SeatOffered. The course's row stays locked until the commit.
    """
    courses.free_seats(course_id=course_id)
    offer_seats(course_id=course_id, now=now)


def offer_seats(*, course_id: int, now: datetime) -> int:
    """Hold the free seats of a locked course for those who wait longest. Returns how many.

    Publishes SeatOffered. One query where nobody waits.
    """
    queue = WaitingListEntry.objects.filter(course_id=course_id, status=WaitingStatus.WAITING)
    waiting = list(queue.select_for_update(no_key=True).order_by("pk")[:BATCH_ROWS])
    if not waiting:
        return 0
    terms = courses_queries.get_terms(course_id=course_id)
    if terms.availability(now=now) != "open":
        return 0
    free = None if terms.capacity is None else terms.capacity - terms.seats_taken
    first = waiting[:free]
    courses.take_seat(course_id=course_id, count=len(first))
    _offer(first, terms, now)
    return len(first)


def _offer(entries: list[WaitingListEntry], terms: CourseTerms, now: datetime) -> None:
    until = policies.offer_ends_at(
        now=now,
        offer_seconds=settings.WAITING_LIST_OFFER_SECONDS,
        closes_at=terms.enrollment_closes_at,
    )
    for entry in entries:
        entry.offer(at=now, until=until)
        entry.save()
    publish(
        *(
            SeatOffered(**about_waiting(entry, terms, now), offered_until=until.isoformat())
            for entry in entries
        )
    )


def keep_waiting_lists() -> None:
    """Bring every waiting list up to date: the guarantee behind the offers made at once.

    Lapses what is due, offers what is free, ends what is over. Two queries where nothing is; stops
    when its time is over, and the next run goes on.
    """
    ends_at = time.monotonic() + BATCH_BUDGET_SECONDS
    for course_id in _courses_to_keep(timezone.now()):
        while _keep_some(course_id):
            if time.monotonic() > ends_at:
                return


def keep_waiting_list(*, course_id: int) -> None:
    """Bring one course's waiting list up to date. Raises Unfinished when its time is over."""
    ends_at = time.monotonic() + BATCH_BUDGET_SECONDS
    while _keep_some(course_id):
        if time.monotonic() > ends_at:
            raise Unfinished()


def _courses_to_keep(now: datetime) -> list[int]:
    lists = WaitingListEntry.objects.filter(status__in=WAITS).order_by().values("course_id")
    rows = lists.annotate(
        waiting=Count("pk", filter=Q(status=WaitingStatus.WAITING)),
        due=Count("pk", filter=Q(status=WaitingStatus.OFFERED, offered_until__lte=now)),
    )
    found = {row["course_id"]: row for row in rows}
    terms = courses_queries.list_terms(course_ids=found)
    return [
        course_id
        for course_id, row in found.items()
        if row["due"]
        or (availability := terms[course_id].availability(now=now)) == "closed"
        or (availability == "open" and row["waiting"])
    ]


@retry_given_up
def _keep_some(course_id: int) -> bool:
    """Do a batch in a transaction of its own. Returns whether there was anything to do."""
    with transaction.atomic():
        courses.hold_course(course_id=course_id)
        now = timezone.now()
        terms = courses_queries.get_terms(course_id=course_id)
        if terms.availability(now=now) == "closed":
            return _end_some(terms, now)
        lapsed = _lapse_some(terms, now)
        return offer_seats(course_id=course_id, now=now) > 0 or lapsed


def _lapse_some(terms: CourseTerms, now: datetime) -> bool:
    due = WaitingListEntry.objects.filter(
        course_id=terms.id, status=WaitingStatus.OFFERED, offered_until__lte=now
    )
    entries = list(due.select_for_update(no_key=True).order_by("pk")[:BATCH_ROWS])
    _lapse(entries, terms, now, event_type=OfferLapsed)
    return bool(entries)


def _end_some(terms: CourseTerms, now: datetime) -> bool:
    live = WaitingListEntry.objects.filter(course_id=terms.id, status__in=WAITS)
    entries = list(live.select_for_update(no_key=True).order_by("pk")[:BATCH_ROWS])
    _lapse(entries, terms, now, event_type=WaitingListEnded)
    return bool(entries)


def _lapse(
    entries: list[WaitingListEntry],
    terms: CourseTerms,
    now: datetime,
    *,
    event_type: type[OfferLapsed | WaitingListEnded],
) -> None:
    if not entries:
        return
    held = sum(entry.status == WaitingStatus.OFFERED for entry in entries)
    for entry in entries:
        entry.lapse(at=now)
        entry.save()
    if held:
        courses.free_seats(course_id=terms.id, count=held)
    publish(*(event_type(**about_waiting(entry, terms, now)) for entry in entries))
