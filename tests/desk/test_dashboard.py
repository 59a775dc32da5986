"""The dashboard: what it counts, over which time, for whom, at what price, and as CSV."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from apps.courses.models import Course
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments.services import retry_refunds, set_sandbox_behaviour
from elearning.dashboard.charts import Series, draw_bars
from elearning.dashboard.choice import make_period, starts_of_units
from elearning.demo.clock import clock_at
from elearning.spreadsheet import BYTE_ORDER_MARK, safe_cell
from tests.conftest import make_user

NOON = datetime(2026, 3, 18, 3, tzinfo=UTC)  # a Wednesday, noon in Seoul
DASHBOARD_QUERIES = 16
"""Four for today, four for the period, eight for how things stand; session and user come on top."""


@pytest.fixture
def at_noon():
    """Let the page be read at noon of a Wednesday."""
    with clock_at(NOON):
        yield


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def enroll_at(enroll, pay):
    """Enroll a student at a moment, and let him pay in the same minute."""

    def act(student, course_id, at, *, paid=True):
        with clock_at(at):
            enrollment_id = enroll(student, course_id)
            if paid:
                pay(enrollment_id, student)
        return enrollment_id

    return act


def cards(page, group="cards"):
    return {card.label: (card.value, card.note) for card in page.context[group]}


def table(answer):
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith(BYTE_ORDER_MARK)
    header, *rows = csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK)))
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_today_begins_at_midnight_in_the_schools_time_zone(
    desk, alice, bob, mallory, make_course, enroll_at, at_noon
):
    course_id = make_course()
    enroll_at(alice, course_id, datetime(2026, 3, 17, 15, 0, tzinfo=UTC))  # 00:00 in Seoul
    enroll_at(bob, course_id, datetime(2026, 3, 17, 14, 59, tzinfo=UTC))  # 23:59 the day before
    enroll_at(mallory, course_id, datetime(2026, 3, 16, 20, 0, tzinfo=UTC))  # yesterday, 05:00

    today = cards(desk.get("/admin/"), "today")

    assert today["Enrollments"] == ("1", "unchanged · before: 1")  # up to the same time of the day
    assert today["Revenue in KRW, refunds taken off"][0] == "₩50,000"


def test_conversion_counts_what_costs_something(
    desk, alice, bob, mallory, make_course, enroll_at, at_noon
):
    course_id, free_id = make_course(), make_course(title="Free", price_minor=0)
    enroll_at(alice, course_id, NOON)
    enroll_at(bob, course_id, NOON, paid=False)
    enroll_at(mallory, free_id, NOON, paid=False)
    with clock_at(NOON + timedelta(minutes=1)):
        page = desk.get("/admin/", {"period": "7"})

    assert cards(page)["Requested to paid"] == ("50 %", "1 of 2 paid · before: –")
    assert cards(page)["Enrollments"][0] == "3"
    assert [step["value"] for step in page.context["funnel"]] == ["2", "1"]


def test_revenue_is_net_of_refunds_and_never_mixes_currencies(
    desk, alice, bob, make_course, enroll_at, at_noon
):
    won, dollars = make_course(), make_course(title="SQL", price_minor=1_250, currency="USD")
    enroll_at(alice, won, NOON - timedelta(hours=3))
    enrollment_id = enroll_at(bob, won, NOON - timedelta(hours=2))
    enroll_at(bob, dollars, NOON - timedelta(hours=1))
    with clock_at(NOON - timedelta(minutes=30)):
        lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=None)
        retry_refunds()

    page = desk.get("/admin/", {"period": "today"})

    assert cards(page)["Revenue in KRW, refunds taken off"][0] == "₩50,000"
    assert cards(page)["Revenue in USD, refunds taken off"][0] == "$12.50"
    [_learning, krw, usd] = page.context["charts"]
    assert krw.summary == "Received: ₩100,000, refunded: ₩50,000"
    assert usd.rows[11] == ("11:00", ["$12.50"])


def test_completions_and_what_waits_are_counted(
    desk, alice, bob, make_course, enroll, pay, learn, deliver_all
):
    course_id = make_course(capacity=4)
    pay(enroll(alice, course_id), alice)
    set_sandbox_behaviour(behaviour="down")
    pay(enroll(bob, course_id), bob)
    learn(Enrollment.objects.get(student=alice).pk, alice)
    page = desk.get("/admin/")

    assert cards(page)["Completions"][0] == "1"
    assert cards(page, "standing")["Seats taken"] == ("2 / 4", "1 open course")
    assert cards(page, "standing")["Payments to be made later"] == ("1", "₩50,000")
    assert cards(page, "standing")["Enrollments not yet paid"][0] == "1"
    waiting = int(cards(page, "standing")["Deliveries pending"][0])
    assert waiting > 0
    deliver_all()
    assert cards(desk.get("/admin/"), "standing")["Deliveries pending"][0] == "0"


def test_dashboard_costs_as_many_queries_for_a_big_school(
    client, carol, make_course, enroll, pay, learn, django_assert_num_queries
):
    client.force_login(carol)
    client.get("/admin/")  # the content types are read once

    def price():
        with django_assert_num_queries(DASHBOARD_QUERIES + 2):
            client.get("/admin/", {"period": "90"})

    make_course(title="First")
    price()
    for number in range(12):
        course_id = make_course(title=f"Course {number}", currency=["KRW", "USD"][number % 2])
        student = make_user(f"s{number}@example.com", "Student")
        enrollment_id = enroll(student, course_id)
        pay(enrollment_id, student)
        learn(enrollment_id, student)
    price()


def test_new_school_is_led_to_its_first_course(client, carol, staff_with):
    client.force_login(carol)
    page = client.get("/admin/").content.decode()
    assert "Register your first course" in page
    assert "/admin/courses/course/add/" in page

    client.force_login(staff_with("courses.view_course"))
    page = client.get("/admin/").content.decode()
    assert "Register your first course" not in page
    assert "There is no course yet" in page


RIGHTS = {
    "courses.view_course": {"Seats taken"},
    "lectures.view_enrollment": {"Enrollments not yet paid"},
    "payments.view_payment": {"Payments to be made later"},
    "payments.view_refund": {"Refunds not yet made"},
    "events.view_delivery": {"Deliveries pending", "Deliveries put aside"},
}


@pytest.mark.parametrize("right", RIGHTS)
def test_staff_see_what_their_rights_open_and_no_more(
    client, staff_with, alice, make_course, enroll, pay, right
):
    pay(enroll(alice, make_course()), alice)
    client.force_login(staff_with(right))
    page = client.get("/admin/")

    assert set(cards(page, "standing")) == RIGHTS[right]
    may_read = {
        "Enrollments": right == "lectures.view_enrollment",
        "Revenue in KRW, refunds taken off": right == "payments.view_payment",
    }
    assert {label: label in cards(page) for label in may_read} == may_read
    for name, allowed in {
        "seats": right == "courses.view_course",
        "period": right in {"lectures.view_enrollment", "payments.view_payment"},
    }.items():
        assert client.get(f"/admin/export/{name}/").status_code == (200 if allowed else 404)


def test_export_holds_only_the_columns_that_the_reader_may_see(
    client, staff_with, alice, make_course, enroll, pay
):
    pay(enroll(alice, make_course()), alice)
    client.force_login(staff_with("lectures.view_enrollment"))

    rows = table(client.get("/admin/export/period/", {"period": "7"}))

    assert len(rows) == 7
    assert not any("KRW" in name for name in rows[0])


def test_export_of_a_period_has_a_row_for_every_day(desk, alice, make_course, enroll_at, at_noon):
    enroll_at(alice, make_course(price_minor=1_250, currency="USD"), NOON - timedelta(days=100))

    rows = table(
        desk.get(
            "/admin/export/period/", {"period": "own", "first": "2025-12-01", "last": "2025-12-31"}
        )
    )

    assert [row["Day"] for row in rows][::30] == ["2025-12-01", "2025-12-31"]
    assert [(r["Day"], r["Net (USD)"]) for r in rows if r["Enrollments"] == "1"] == [
        ("2025-12-08", "12.50")
    ]


def test_export_makes_no_cell_a_formula(desk, make_course):
    make_course(title='=HYPERLINK("https://evil.example","가나다")', capacity=10)

    answer = desk.get("/admin/export/seats/")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    [row] = table(answer)
    assert row["Course"] == '\'=HYPERLINK("https://evil.example","가나다")'
    assert (row["Seats"], row["Seats taken"]) == ("10", "0")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "  =1", "＝1", "\r=1"])
def test_cell_that_starts_like_a_formula_is_quoted(text):
    assert safe_cell(text) == f"'{text}"


def test_cell_keeps_numbers_and_words():
    assert [safe_cell(value) for value in (-5, None, "가-나", "a=b")] == ["-5", "", "가-나", "a=b"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"period": "own"}, "Choose a day."),
        ({"period": "own", "first": "2026-03-02", "last": "2026-03-01"}, "not before the first"),
        ({"period": "own", "first": "2000-01-01", "last": "2199-01-01"}, "at most"),
        ({"period": "own", "first": "가", "last": "2026-03-01"}, "valid date"),
        ({"period": "own", "first": "0001-01-01", "last": "0001-01-02"}, "between 2000 and 2199"),
        ({"period": "<script>"}, "Select a valid choice"),
    ],
)
def test_own_range_that_makes_no_sense_says_why_and_shows_the_usual(desk, make_course, query, said):
    make_course()
    page = desk.get("/admin/", query)

    assert page.status_code == 200
    assert said in page.content.decode()
    assert "<script>Select" not in page.content.decode()
    assert desk.get("/admin/export/period/", query).status_code == 200


def test_range_ahead_is_empty_and_no_error(desk, make_course):
    make_course()
    page = desk.get("/admin/", {"period": "own", "first": "2100-01-01", "last": "2100-01-02"})

    assert cards(page)["Enrollments"][0] == "0"


def test_period_is_compared_with_as_many_days_before():
    period = make_period(date(2026, 3, 12), date(2026, 3, 18), now=NOON)

    assert period.starts_at.isoformat() == "2026-03-12T00:00:00+09:00"
    assert period.ends_at.isoformat() == "2026-03-18T12:00:00+09:00"
    assert period.earlier_starts_at.isoformat() == "2026-03-05T00:00:00+09:00"
    assert period.earlier_ends_at.isoformat() == "2026-03-11T12:00:00+09:00"


def test_days_are_whole_when_the_clocks_change(settings):
    settings.TIME_ZONE = "Europe/Berlin"  # 29 March 2026 has 23 hours
    now = datetime(2026, 4, 10, tzinfo=UTC)

    period = make_period(date(2026, 3, 29), date(2026, 3, 30), now=now)

    assert period.ends_at - period.starts_at == timedelta(days=2)  # by the wall clock
    assert period.ends_at.astimezone(UTC) - period.starts_at.astimezone(UTC) == timedelta(hours=47)
    assert [at.isoformat() for at in starts_of_units(period)] == [
        "2026-03-29T00:00:00+01:00",
        "2026-03-30T00:00:00+02:00",
    ]


@pytest.mark.parametrize(
    ("days", "unit", "count"),
    [(1, "hour", 24), (30, "day", 30), (90, "week", 14), (400, "month", 14)],
)
def test_long_periods_are_cut_into_longer_units(days, unit, count):
    now = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=days)
    first = date(2026, 2, 1)

    period = make_period(first, first + timedelta(days=days - 1), now=now)

    assert (period.unit, len(starts_of_units(period))) == (unit, count)


@pytest.mark.parametrize("values", [[0], [1], [3, 7], [-5, 10], [999_999_999], [0, 0], [12] * 62])
def test_axis_encloses_every_value_with_a_few_round_numbers(values):
    chart = draw_bars(
        title="t", summary="s", unit_label="u",
        names=[str(n) for n in range(len(values))],
        short_names=[str(n) for n in range(len(values))],
        series=[Series("row", "primary", values)],
        full=str, short=str, whole_steps=True,
    )  # fmt: skip

    ticks = [int(mark.text) for mark in chart.y_marks]
    assert ticks[0] <= min(0, *values) <= max(0, *values) <= ticks[-1]
    assert 2 <= len(ticks) <= 7
    assert len(chart.x_marks) <= 7
    assert all(0 <= bar.y <= 100 and bar.y + bar.height <= 100.01 for bar in chart.bars)
    assert [cells for _name, cells in chart.rows] == [[str(value)] for value in values]


def test_chart_says_its_values_in_words_and_in_a_table(desk, alice, make_course, enroll):
    enroll(alice, make_course())
    html = desk.get("/admin/", {"period": "7"}).content.decode()

    day = timezone.localdate()
    assert f"{day.day} {day:%B} {day.year} · Enrollments: 1" in html
    assert 'role="img" aria-label="Enrollments, completions and cancellations.' in html
    assert '<th scope="col">Cancellations</th>' in html


def test_dashboard_is_closed_to_students(client, alice):
    client.force_login(alice)

    assert client.get("/admin/export/period/").status_code == 302
    assert Course.objects.count() == 0
