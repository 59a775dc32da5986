"""Reads on students and their history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from apps.refusals import NotFound
from apps.students.models import HistoryEntry, TimelineEntry, User, WaitingPlace


@dataclass(frozen=True)
class HistoryTotals:
    """How many enrollments a student has, in all and in each state that matters to her."""

    enrollments: int
    awaiting_payment: int
    learning: int
    completed: int
    certified: int


@dataclass(frozen=True)
class Person:
    """Somebody who has an account."""

    id: int
    email: str
    name: str
    is_active: bool


def find_people(*, emails: Iterable[str]) -> dict[str, Person]:
    """Return who has an account by these addresses, in lower case, in one query."""
    wanted = {email.lower() for email in emails}
    rows = User.objects.annotate(lower_email=Lower("email")).filter(lower_email__in=wanted)
    return {
        row.email.lower(): Person(
            id=row.pk, email=row.email, name=row.name, is_active=row.is_active
        )
        for row in rows
    }


def count_history(*, student_id: int) -> HistoryTotals:
    """Return the totals of a student's history, in one indexed query."""
    return HistoryTotals(
        **HistoryEntry.objects.filter(student_id=student_id).aggregate(
            enrollments=Count("lecture_id"),
            awaiting_payment=Count("lecture_id", filter=Q(status="requested")),
            learning=Count("lecture_id", filter=Q(status="approved")),
            completed=Count("lecture_id", filter=Q(status="completed")),
            certified=Count("lecture_id", filter=Q(certified_at__isnull=False)),
        )
    )


def list_history(*, student_id: int) -> QuerySet[HistoryEntry]:
    """Return the student's history, newest first: one indexed query, whatever the school holds."""
    entries = HistoryEntry.objects.filter(student_id=student_id)
    return entries.order_by("-requested_at", "-lecture_id")


def list_places(*, student_id: int) -> list[WaitingPlace]:
    """Return where the student waits for a seat, offers first, in one query.

    Each has its ``position``, from 1 among those who wait.
    """
    ahead = WaitingPlace.objects.filter(
        course_id=OuterRef("course_id"), status="waiting", entry_id__lte=OuterRef("entry_id")
    )
    counted = ahead.order_by().values("course_id").annotate(count=Count("pk")).values("count")
    places = WaitingPlace.objects.filter(student_id=student_id)
    return list(places.annotate(position=Subquery(counted)).order_by("status", "entry_id"))


def get_history_entry(*, student_id: int, lecture_id: int) -> HistoryEntry:
    """Return one entry of the student's history. Raises NotFound, also for somebody else's."""
    entry = HistoryEntry.objects.filter(student_id=student_id, lecture_id=lecture_id).first()
    if entry is None:
        raise NotFound(_("There is no such enrollment in your history."))
    return entry


def list_timelines(*, lecture_ids: Iterable[int]) -> dict[int, list[TimelineEntry]]:
    """Return what happened to each of these enrollments, in order, in one query."""
    timelines: dict[int, list[TimelineEntry]] = {pk: [] for pk in lecture_ids}
    for line in TimelineEntry.objects.filter(lecture_id__in=timelines).order_by(
        "occurred_at", "event_id"
    ):
        timelines[line.lecture_id].append(line)
    return timelines
