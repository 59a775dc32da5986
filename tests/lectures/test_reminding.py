"""A payment that is due, a course that starts, lessons that wait: said once, and only if true."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from apps.courses import queries as courses_queries
from apps.courses import services as courses
from apps.events.models import LoggedEvent
from apps.lectures import policies
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment, Reminder

pytestmark = pytest.mark.django_db
SEOUL = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 12, 1, 12, tzinfo=SEOUL)


def said(name):
    return [row.payload for row in LoggedEvent.objects.filter(name=f"lectures.{name}.v1")]


def at(moment, act, times=2):
    with time_machine.travel(moment, tick=False):
        for _again in range(times):
            act()


@pytest.fixture
def requested(alice, make_course, enroll):
    with time_machine.travel(NOON, tick=False):
        return enroll(alice, make_course())


def test_payment_is_due_six_hours_before_the_hold_ends_once(requested):
    pay_by = Enrollment.objects.get().pay_by

    at(pay_by - timedelta(hours=6, seconds=1), lectures.remind_of_payments)
    assert said("enrollment_payment_due") == []
    at(pay_by - timedelta(hours=6), lectures.remind_of_payments)
    at(pay_by - timedelta(minutes=1), lectures.remind_of_payments)

    (event,) = said("enrollment_payment_due")
    assert (event["enrollment_id"], event["price_minor"]) == (requested, 50_000)
    assert datetime.fromisoformat(event["pay_by"]) == pay_by


def test_nobody_is_reminded_of_what_is_paid_or_over(requested, alice, pay):
    pay_by = Enrollment.objects.get().pay_by

    at(pay_by, lectures.remind_of_payments)
    with time_machine.travel(pay_by - timedelta(hours=1), tick=False):
        pay(requested, alice)
        lectures.remind_of_payments()

    assert said("enrollment_payment_due") == []


def test_short_hold_is_not_reminded_of(alice, make_course, enroll, settings):
    settings.ENROLLMENT_HOLD_SECONDS = 3600
    enroll(alice, make_course())
    lectures.remind_of_payments()

    assert said("enrollment_payment_due") == []


@pytest.fixture
def starting(alice, make_course, enroll):
    """A free course that starts at 10 in the morning of 10 December in Seoul."""
    with time_machine.travel(NOON, tick=False):
        starts_at = datetime(2026, 12, 10, 10, tzinfo=SEOUL)
        fields = {"price_minor": 0, "starts_at": starts_at, "ends_at": starts_at + timedelta(30)}
        course_id = make_course(**fields)
        enroll(alice, course_id)
    return course_id


def test_start_is_announced_the_day_before_from_the_hour_on(starting):
    at(datetime(2026, 12, 9, 8, 59, tzinfo=SEOUL), lectures.remind_of_starts)
    assert said("course_starts_soon") == []
    at(datetime(2026, 12, 9, 9, 0, tzinfo=SEOUL), lectures.remind_of_starts)
    at(datetime(2026, 12, 10, 9, 0, tzinfo=SEOUL), lectures.remind_of_starts)

    (event,) = said("course_starts_soon")
    assert event["sequence"] == 0
    assert datetime.fromisoformat(event["starts_at"]) == datetime(2026, 12, 10, 1, tzinfo=UTC)


def test_start_that_is_moved_is_announced_again_as_a_change(starting):
    at(datetime(2026, 12, 9, 9, tzinfo=SEOUL), lectures.remind_of_starts)
    later = datetime(2026, 12, 20, 10, tzinfo=SEOUL)
    with time_machine.travel(datetime(2026, 12, 9, 10, tzinfo=SEOUL), tick=False):
        courses.change_course(course_id=starting, fields={"starts_at": later})
    at(datetime(2026, 12, 9, 11, tzinfo=SEOUL), lectures.remind_of_starts)
    assert len(said("course_starts_soon")) == 1
    at(datetime(2026, 12, 19, 11, tzinfo=SEOUL), lectures.remind_of_starts)

    assert [event["sequence"] for event in said("course_starts_soon")] == [0, 1]


@pytest.mark.parametrize(
    ("start", "now", "soon"),
    [
        ("2026-12-10T00:00", "2026-12-09T23:59", True),
        ("2026-12-10T00:00", "2026-12-09T08:59", False),
        ("2026-12-10T23:59", "2026-12-10T00:01", True),
        ("2026-12-11T00:00", "2026-12-09T23:59", False),
        ("2026-12-10T09:00", "2026-12-10T09:00", False),
    ],
)
def test_tomorrow_is_that_of_the_school(start, now, soon):
    starts_at = datetime.fromisoformat(start).replace(tzinfo=SEOUL).astimezone(UTC)
    moment = datetime.fromisoformat(now).replace(tzinfo=SEOUL)

    assert policies.course_starts_soon(starts_at=starts_at, now=moment, from_hour=9) == soon


def test_start_of_a_course_in_which_nobody_learns_is_not_announced(starting, alice):
    enrollment_id = Enrollment.objects.get().pk
    with time_machine.travel(NOON, tick=False):
        lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)
    at(datetime(2026, 12, 9, 9, tzinfo=SEOUL), lectures.remind_of_starts)

    assert said("course_starts_soon") == []


@pytest.fixture
def learning(alice, make_course, enroll):
    with time_machine.travel(NOON, tick=False):
        return enroll(alice, make_course(price_minor=0))


def days(count):
    return NOON + timedelta(days=count)


def test_lessons_are_reminded_of_weekly_and_not_for_ever(learning):
    for day in range(80):
        at(days(day), lectures.remind_of_lessons)

    reminded = [(row.reminded_at - NOON).days for row in Reminder.objects.order_by("pk")]
    assert reminded == [7, 14, 21, 28]
    assert len(said("learning_paused")) == 4


def test_pause_begins_anew_with_every_lesson(learning, alice):
    lesson_id = courses_queries.list_outline(course_id=Enrollment.objects.get().course_id)[0].id
    with time_machine.travel(days(6), tick=False):
        lectures.complete_lesson(enrollment_id=learning, student_id=alice.pk, lesson_id=lesson_id)
    at(days(12), lectures.remind_of_lessons)
    assert said("learning_paused") == []
    at(days(13), lectures.remind_of_lessons)

    (event,) = said("learning_paused")
    assert event["progress_percent"] == 33


@pytest.mark.parametrize(
    "fields",
    [
        {"starts_at": NOON + timedelta(days=20)},
        {"starts_at": NOON + timedelta(days=1), "ends_at": NOON + timedelta(days=8)},
    ],
)
def test_nobody_is_reminded_before_the_start_or_after_the_end(alice, make_course, enroll, fields):
    with time_machine.travel(NOON, tick=False):
        enroll(alice, make_course(price_minor=0, **fields))
    at(days(15), lectures.remind_of_lessons)

    assert said("learning_paused") == []


def test_course_without_lessons_or_completed_is_not_reminded_of(alice, make_course, enroll, learn):
    with time_machine.travel(NOON, tick=False):
        enroll(alice, make_course(price_minor=0, lessons=0))
        learn(enroll(alice, make_course(title="Done", price_minor=0)), alice)
    at(days(15), lectures.remind_of_lessons)

    assert said("learning_paused") == []


@pytest.mark.django_db(transaction=True)
def test_parallel_runs_remind_once(alice, bob, make_course, enroll):
    course_id = make_course()
    for student in (alice, bob):
        enroll(student, course_id)
    pay_by = Enrollment.objects.earliest("pay_by").pay_by

    def run(_number):
        try:
            lectures.remind_of_payments()
        finally:
            connection.close()

    with time_machine.travel(pay_by - timedelta(hours=1)), ThreadPoolExecutor(6) as pool:
        list(pool.map(run, range(12)))

    assert len(said("enrollment_payment_due")) == Reminder.objects.count() == 2
    assert timezone.now() < pay_by
