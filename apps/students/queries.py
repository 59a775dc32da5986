"""Reads on students and their history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.usersessions.models import UserSession
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from apps.held import read_as, read_by
from apps.refusals import NotFound
from apps.students.models import (
    EmailChange,
    HistoryEntry,
    MailSwitch,
    SentEmail,
    TimelineEntry,
    TryCount,
    User,
    WaitingPlace,
)


@dataclass(frozen=True)
class HistoryTotals:
    """How many enrollments a student has, in all and in each state that matters to her."""

    enrollments: int
    awaiting_payment: int
    learning: int
    completed: int
    certified: int


@dataclass(frozen=True)
class HeldProfile:
    id: int
    email: str
    name: str
    latin_name: str
    language: str
    time_zone: str
    is_staff: bool
    date_joined: datetime
    last_login: datetime | None


@dataclass(frozen=True)
class HeldAddress:
    email: str
    verified: bool
    primary: bool


@dataclass(frozen=True)
class HeldConfirmation:
    """An e-mail that asked to confirm an address; its key stays secret."""

    email: str
    created: datetime
    sent: datetime | None


@dataclass(frozen=True)
class HeldToken:
    """When a token of the API was given out; its digest says nothing, and nothing more is kept."""

    created: datetime
    expiry: datetime | None
    name: str | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class HeldEmailChange:
    """A change of the address that can still be taken back by the former one."""

    old_email: str
    changed_at: datetime
    undo_until: datetime
    undone_at: datetime | None


@dataclass(frozen=True)
class HeldSession:
    """A log-in that is open, or was lately: from where, and by which browser."""

    created_at: datetime
    ip: str
    user_agent: str


@dataclass(frozen=True)
class HeldEmail:
    """That an e-mail was sent; what it said is not kept."""

    kind: str
    address: str
    subject: str
    status: str
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class HeldSwitch:
    """Reminders that are switched off."""

    name: str
    switched_off_at: datetime


@dataclass(frozen=True)
class HeldTries:
    """Tries to log in, and where they came from, while they count."""

    purpose: str
    address: str
    tries: int
    until: datetime


@dataclass(frozen=True)
class HeldLine:
    kind: str
    occurred_at: datetime
    amount_minor: int | None
    currency: str
    detail: str


@dataclass(frozen=True)
class HeldHistory:
    id: int
    course_title: str
    status: str
    price_minor: int
    paid_minor: int
    refund_requested_minor: int
    refunded_minor: int
    currency: str
    progress_percent: int
    certificate_code: str
    requested_at: datetime
    certified_at: datetime | None
    timeline: tuple[HeldLine, ...]


@dataclass(frozen=True)
class HeldByStudents:
    profile: HeldProfile
    addresses: tuple[HeldAddress, ...]
    confirmations: tuple[HeldConfirmation, ...]
    tokens: tuple[HeldToken, ...]
    sessions: tuple[HeldSession, ...]
    email_changes: tuple[HeldEmailChange, ...]
    groups: tuple[str, ...]
    emails: tuple[HeldEmail, ...]
    switches: tuple[HeldSwitch, ...]
    tries: tuple[HeldTries, ...]
    history: tuple[HeldHistory, ...]


@dataclass(frozen=True)
class Person:
    """Somebody who has an account."""

    id: int
    email: str
    name: str
    is_active: bool


def find_people(*, emails: Iterable[str]) -> dict[str, Person]:
    """Return by address who has an account, in one query; the addresses are normalized."""
    rows = User.objects.filter(email__in=set(emails))
    return {
        row.email: Person(id=row.pk, email=row.email, name=row.name, is_active=row.is_active)
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


def get_held(*, student_id: int) -> HeldByStudents:
    """Return all that is held of the account itself and its history, in twelve queries."""
    users = User.objects.filter(pk=student_id)
    addresses = EmailAddress.objects.filter(user_id=student_id).order_by("pk")
    confirmations = EmailConfirmation.objects.filter(email_address__user_id=student_id)
    tokens = AuthToken.objects.filter(user_id=student_id).annotate(
        name=F("detail__name"), last_used_at=F("detail__last_used_at")
    )
    email_changes = EmailChange.objects.filter(user_id=student_id).order_by("pk")
    sessions = UserSession.objects.filter(user_id=student_id).order_by("created_at")
    entries = HistoryEntry.objects.filter(student_id=student_id).annotate(id=F("lecture_id"))
    lines = TimelineEntry.objects.filter(lecture_id__in=entries.values("lecture_id"))
    return HeldByStudents(
        profile=read_as(HeldProfile, users)[0],
        addresses=read_as(HeldAddress, addresses),
        confirmations=read_as(
            HeldConfirmation, confirmations.annotate(email=F("email_address__email"))
        ),
        tokens=read_as(HeldToken, tokens.order_by("created")),
        sessions=read_as(HeldSession, sessions),
        email_changes=read_as(HeldEmailChange, email_changes),
        groups=tuple(users.filter(groups__isnull=False).values_list("groups__name", flat=True)),
        emails=read_as(HeldEmail, SentEmail.objects.filter(recipient_id=student_id).order_by("pk")),
        switches=read_as(HeldSwitch, MailSwitch.objects.filter(student_id=student_id)),
        tries=read_as(HeldTries, TryCount.objects.filter(user_id=student_id)),
        history=read_as(
            HeldHistory,
            entries.order_by("lecture_id"),
            timeline=read_by("lecture_id", HeldLine, lines),
        ),
    )
