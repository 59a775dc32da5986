"""Offer free seats to those who wait, in their order; an offer lapses, a list ends.

Everything here runs with the course's row locked, and locks entries after it (0004, 0010): what one
transaction frees it offers itself, so that nobody can slip in between.
"""

from __future__ import annotations

import time
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
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
from foundation.batches.services import list_held, run_each

BATCH_ROWS = 100
BATCH_BUDGET_SECONDS = 10.0
OFFERS = "lectures.offer_seats"


def pass_on_seat(*, course_id: int, now: datetime) -> None:
    """Free one seat, in the caller's transaction, and offer it at once if somebody waits.

    Publishes SeatOffered. The course's row stays locked until the commit.
    """
    courses.free_seats(course_id=course_id)
    offer_seats(course_id=course_id, now=now)


def offer_seats(*, course_id: int, now: datetime) -> int:
    """Hold the free seats of a locked course for those who wait longest. Returns how many.

    An entry that cannot be offered a seat is recorded and passed over. Publishes SeatOffered. One
    query where nobody waits.
    """
    queue = WaitingListEntry.objects.filter(course_id=course_id, status=WaitingStatus.WAITING)
    if not queue.exists():
        return 0
    terms = courses_queries.get_terms(course_id=course_id)
    if terms.availability(now=now) != "open":
        return 0
    free = BATCH_ROWS if terms.capacity is None else terms.capacity - terms.seats_taken
    first = queue.exclude(pk__in=list_held(batch=OFFERS, scope=str(course_id))).order_by("pk")
    return run_each(
        batch=OFFERS,
        scope=str(course_id),
        keys=list(first.values_list("pk", flat=True)[: min(free, BATCH_ROWS)]),
        together=lambda pks: _offer(pks, terms, now),
        step=lambda pk: _offer([pk], terms, now),
    ).done


def _offer(pks: list[int], terms: CourseTerms, now: datetime) -> None:
    until = policies.offer_ends_at(
        now=now,
        offer_seconds=settings.WAITING_LIST_OFFER_SECONDS,
        closes_at=terms.enrollment_closes_at,
    )
    entries = _lock(WaitingListEntry.objects.filter(pk__in=pks, status=WaitingStatus.WAITING))
    courses.take_seat(course_id=terms.id, count=len(entries))
    for entry in entries:
        entry.offer(at=now, until=until)
        entry.save()
    publish(
        *(
            SeatOffered(**about_waiting(entry, terms, now), offered_until=until.isoformat())
            for entry in entries
        )
    )


def _lock(entries: QuerySet[WaitingListEntry]) -> list[WaitingListEntry]:
    return list(entries.select_for_update(no_key=True).order_by("pk"))


def keep_waiting_lists() -> None:
    """Bring every waiting list up to date: the guarantee behind the offers made at once.

    Lapses what is due, offers what is free, ends what is over. Two queries where nothing is; stops
    when its time is over, and the next run goes on.
    """
    if course_ids := _courses_to_keep(timezone.now()):
        run_each(
            batch="lectures.keep_waiting_lists",
            keys=course_ids,
            step=_keep,
            budget_seconds=BATCH_BUDGET_SECONDS,
        )


def keep_waiting_list(*, course_id: int) -> None:
    """Bring one course's waiting list up to date. Raises Unfinished when its time is over."""
    if not _keep(course_id):
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
        if not terms[course_id].awaits_payments  # the list rests until payments are taken again
        and (
            row["due"]
            or (availability := terms[course_id].availability(now=now)) == "closed"
            or (availability == "open" and row["waiting"])
        )
    ]


def _keep(course_id: int) -> bool:
    """Lapse, end and offer, in transactions of many rows. Returns whether all of it was done."""
    ends_at = time.monotonic() + BATCH_BUDGET_SECONDS
    lapsed = run_each(
        batch="lectures.lapse_waiting",
        scope=str(course_id),
        keys=_lapsing(course_id, timezone.now()).order_by("pk").values_list("pk", flat=True),
        together=lambda pks: _lapse(course_id, pks),
        step=lambda pk: _lapse(course_id, [pk]),
        size=BATCH_ROWS,
        budget_seconds=BATCH_BUDGET_SECONDS,
    )
    while lapsed.is_complete and _offer_some(course_id):
        if time.monotonic() > ends_at:
            return False
    return lapsed.is_complete


def _lapsing(course_id: int, now: datetime) -> QuerySet[WaitingListEntry]:
    """Return the entries whose time is over: all of them where the course takes nobody any more."""
    live = WaitingListEntry.objects.filter(course_id=course_id, status__in=WAITS)
    terms = courses_queries.get_terms(course_id=course_id)
    if terms.awaits_payments:
        return live.none()
    if terms.availability(now=now) == "closed":
        return live
    return live.filter(status=WaitingStatus.OFFERED, offered_until__lte=now)


@retry_given_up
def _offer_some(course_id: int) -> bool:
    with transaction.atomic():
        courses.hold_course(course_id=course_id)
        return offer_seats(course_id=course_id, now=timezone.now()) > 0


@retry_given_up
def _lapse(course_id: int, pks: list[int]) -> None:
    """End the entries that are still due, and offer the seats that they held to the next."""
    with transaction.atomic():
        courses.hold_course(course_id=course_id)
        now = timezone.now()
        terms = courses_queries.get_terms(course_id=course_id)
        entries = _lock(_lapsing(course_id, now).filter(pk__in=pks))
        if not entries:
            return
        held = sum(entry.status == WaitingStatus.OFFERED for entry in entries)
        for entry in entries:
            entry.lapse(at=now)
            entry.save()
        if held:
            courses.free_seats(course_id=course_id, count=held)
        ended = terms.availability(now=now) == "closed"
        publish(
            *(
                (WaitingListEnded if ended else OfferLapsed)(**about_waiting(entry, terms, now))
                for entry in entries
            )
        )
        offer_seats(course_id=course_id, now=now)
