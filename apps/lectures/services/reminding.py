"""Say, once, what students should not forget: a payment, a start, their lessons.

Each row is reminded in one transaction with the event that says so: locked, looked up in a second
statement (which sees what others have committed meanwhile), noted, published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from apps.courses import queries as courses_queries
from apps.courses.queries import CourseTerms
from apps.events.services import publish
from apps.lectures import policies
from apps.lectures.events import (
    CourseStartsSoon,
    EnrollmentEvent,
    EnrollmentPaymentDue,
    LearningPaused,
)
from apps.lectures.models import Enrollment, EnrollmentStatus, Reminder, ReminderKind
from apps.lectures.services.announcing import about_in
from apps.retries import retry_given_up
from foundation.batches.services import run_each

BATCH_ROWS = 200
BATCH_BUDGET_SECONDS = 15.0

Due = dict[int, datetime]
"""By enrollment id the moment to be reminded of."""
FindDue = Callable[[list[Enrollment], datetime], Due]


def remind_of_payments() -> None:
    """Remind of payments due within PAYMENT_REMINDER_HOURS. Publishes EnrollmentPaymentDue.

    A hold that was shorter from the beginning is not reminded of: its student has just been told.
    """
    now, horizon = timezone.now(), timedelta(hours=settings.PAYMENT_REMINDER_HOURS)
    reminded = Reminder.objects.filter(
        enrollment=OuterRef("pk"), kind=ReminderKind.PAYMENT, about_at=OuterRef("pay_by")
    )
    due = Enrollment.objects.filter(
        ~Exists(reminded),
        status=EnrollmentStatus.REQUESTED,
        pay_by__gt=now,
        pay_by__lte=now + horizon,
        requested_at__lt=F("pay_by") - horizon,
    )
    _remind_each(due, ReminderKind.PAYMENT, now, _payments_due)


def _payments_due(enrollments: list[Enrollment], now: datetime) -> Due:
    return {
        row.pk: row.pay_by
        for row in enrollments
        if row.status == EnrollmentStatus.REQUESTED and row.pay_by and row.pay_by > now
    }


def remind_of_starts() -> None:
    """Announce what starts tomorrow, from START_REMINDER_HOUR on. Publishes CourseStartsSoon.

    A start that has been moved is announced again, the day before it.
    """
    now = timezone.localtime(timezone=timezone.get_default_timezone())
    for course_id, starts_at in _courses_starting(now).items():
        announced = Reminder.objects.filter(
            enrollment=OuterRef("pk"), kind=ReminderKind.START, about_at=starts_at
        )
        due = Enrollment.objects.filter(
            ~Exists(announced), course_id=course_id, status=EnrollmentStatus.APPROVED
        )
        _remind_each(due, ReminderKind.START, now, _starts_due, scope=str(course_id))


def _courses_starting(now: datetime) -> dict[int, datetime]:
    attended = Enrollment.objects.filter(status=EnrollmentStatus.APPROVED).order_by()
    return _starts_of(attended.values_list("course_id", flat=True).distinct(), now)


def _starts_of(course_ids: Iterable[int], now: datetime) -> dict[int, datetime]:
    """Return the starts, by course, that are to be announced now."""
    return {
        terms.id: terms.starts_at
        for terms in courses_queries.list_terms(course_ids=course_ids).values()
        if terms.starts_at
        and terms.status != "withdrawn"
        and policies.course_starts_soon(
            starts_at=terms.starts_at, now=now, from_hour=settings.START_REMINDER_HOUR
        )
    }


def _starts_due(enrollments: list[Enrollment], now: datetime) -> Due:
    starts = _starts_of([row.course_id for row in enrollments], now)
    return {
        row.pk: starts[row.course_id]
        for row in enrollments
        if row.status == EnrollmentStatus.APPROVED and row.course_id in starts
    }


def remind_of_lessons() -> None:
    """Remind of lessons that wait, LESSON_REMINDER_AFTER_DAYS into a pause and then weekly.

    Publishes LearningPaused, LESSON_REMINDERS_PER_PAUSE times at most.
    """
    now = timezone.now()
    week_ago = now - timedelta(weeks=1)
    recent = Reminder.objects.filter(
        enrollment=OuterRef("pk"), kind=ReminderKind.LESSONS, reminded_at__gt=week_ago
    )
    paused = Enrollment.objects.filter(
        ~Exists(recent),
        status=EnrollmentStatus.APPROVED,
        approved_at__lte=now - timedelta(days=settings.LESSON_REMINDER_AFTER_DAYS),
    )
    _remind_each(paused, ReminderKind.LESSONS, now, _lessons_due)


def _lessons_due(enrollments: list[Enrollment], now: datetime) -> Due:
    last = _last_active(enrollments)
    terms = courses_queries.list_terms(course_ids=[row.course_id for row in enrollments])
    due = {}
    for row in enrollments:
        course = terms[row.course_id]
        over = course.ends_at is not None and course.ends_at <= now
        week = policies.pause_week(
            paused_since=max(last[row.pk], course.starts_at or last[row.pk]),
            now=now,
            after_days=settings.LESSON_REMINDER_AFTER_DAYS,
            weeks=settings.LESSON_REMINDERS_PER_PAUSE,
        )
        if week and not over and row.status == EnrollmentStatus.APPROVED:
            due[row.pk] = week
    return _where_lessons_are(due, enrollments)


def _last_active(enrollments: list[Enrollment]) -> dict[int, datetime]:
    rows = Enrollment.objects.filter(pk__in=[row.pk for row in enrollments]).order_by()
    active = Greatest("approved_at", Max("lessons__opened_at"), Max("lessons__completed_at"))
    return dict(rows.annotate(active_at=active).values_list("pk", "active_at"))


def _where_lessons_are(due: Due, enrollments: list[Enrollment]) -> Due:
    courses = {row.course_id for row in enrollments if row.pk in due}
    taught = {pk for pk in courses if courses_queries.list_outline(course_id=pk)}
    return {row.pk: due[row.pk] for row in enrollments if row.pk in due and row.course_id in taught}


def _remind_each(
    due: QuerySet[Enrollment], kind: ReminderKind, now: datetime, find_due: FindDue, scope: str = ""
) -> None:
    """Go through the rows by id, many at once, within the budget; the next run finds the rest."""
    run_each(
        batch=f"lectures.remind_of_{kind}",
        scope=scope,
        keys=due.order_by("pk").values_list("pk", flat=True),
        together=lambda ids: _remind(ids, kind, now, find_due),
        step=lambda pk: _remind([pk], kind, now, find_due),
        size=BATCH_ROWS,
        budget_seconds=BATCH_BUDGET_SECONDS,
    )


@retry_given_up
def _remind(
    ids: list[int],
    kind: ReminderKind,
    now: datetime,
    find_due: FindDue,
) -> None:
    with transaction.atomic():
        locked = Enrollment.objects.select_for_update(no_key=True, skip_locked=True)
        enrollments = list(locked.filter(pk__in=ids).order_by("pk"))
        due = _not_reminded(find_due(enrollments, now), kind, now)
        announced = [row for row in enrollments if row.pk in due]
        events = _events(announced, kind, due, now)
        Reminder.objects.bulk_create(
            Reminder(enrollment=row, kind=kind, about_at=due[row.pk], reminded_at=now)
            for row in announced
        )
        publish(*events)


def _not_reminded(due: Due, kind: ReminderKind, now: datetime) -> Due:
    """Leave out what is noted already: of lessons, anything within a week."""
    noted = Reminder.objects.filter(enrollment__in=due, kind=kind)
    pairs = set(noted.values_list("enrollment_id", "about_at"))
    lately = noted.filter(Q(kind=ReminderKind.LESSONS), reminded_at__gt=now - timedelta(weeks=1))
    recent = set(lately.values_list("enrollment_id", flat=True))
    return {pk: at for pk, at in due.items() if (pk, at) not in pairs and pk not in recent}


def _events(
    enrollments: list[Enrollment], kind: ReminderKind, due: Due, now: datetime
) -> list[EnrollmentEvent]:
    terms = courses_queries.list_terms(course_ids=[row.course_id for row in enrollments])
    describe: Callable[..., EnrollmentEvent] = {
        ReminderKind.PAYMENT: _payment_due,
        ReminderKind.START: _course_starts_soon,
        ReminderKind.LESSONS: _learning_paused,
    }[kind]
    return [describe(row, terms[row.course_id], due[row.pk], now) for row in enrollments]


def _payment_due(
    row: Enrollment, terms: CourseTerms, pay_by: datetime, now: datetime
) -> EnrollmentPaymentDue:
    return EnrollmentPaymentDue(
        **about_in(row, terms, now),
        price_minor=row.price_minor,
        currency=row.currency,
        pay_by=pay_by.isoformat(),
    )


def _course_starts_soon(
    row: Enrollment, terms: CourseTerms, starts_at: datetime, now: datetime
) -> CourseStartsSoon:
    return CourseStartsSoon(
        **about_in(row, terms, now),
        course_slug=terms.slug,
        starts_at=starts_at.isoformat(),
        ends_at=terms.ends_at.isoformat() if terms.ends_at else None,
        sequence=row.reminders.filter(kind=ReminderKind.START).count(),
    )


def _learning_paused(
    row: Enrollment, terms: CourseTerms, week: datetime, now: datetime
) -> LearningPaused:
    return LearningPaused(
        **about_in(row, terms, now),
        week_at=week.isoformat(),
        progress_percent=row.progress_percent,
    )
