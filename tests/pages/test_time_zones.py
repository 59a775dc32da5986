"""Times are said in the reader's zone; what the school dates itself stays in the school's."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.template import engines
from django.urls import reverse
from django.utils import timezone, translation

from apps import zones
from apps.certification.models import Certificate
from apps.lectures.models import Enrollment
from apps.students.models import User

pytestmark = pytest.mark.django_db

ACCOUNT = "/accounts/profile/"
JUST_BEFORE_MIDNIGHT_IN_SEOUL = datetime(2030, 3, 1, 14, 30, tzinfo=UTC)  # 23:30 KST


@pytest.fixture
def request_at(alice, make_course, enroll):
    """Request an enrollment so that ``pay_by`` is this moment."""

    def request(pay_by):
        hold = timedelta(seconds=settings.ENROLLMENT_HOLD_SECONDS)
        with time_machine.travel(pay_by - hold, tick=False):
            return enroll(alice, make_course())

    return request


@pytest.fixture
def reading_in(client, alice):
    def choose(zone):
        User.objects.filter(pk=alice.pk).update(time_zone=zone)
        client.force_login(alice)
        return client

    return choose


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("", "1 March 2030, 23:30 (KST)"),
        ("Asia/Seoul", "1 March 2030, 23:30 (KST)"),
        ("Pacific/Auckland", "2 March 2030, 03:30 (NZDT)"),  # the day after
        ("America/Los_Angeles", "1 March 2030, 06:30 (PST)"),
        ("Pacific/Kiritimati", "2 March 2030, 04:30 (UTC+14)"),
        ("Asia/Kathmandu", "1 March 2030, 20:15 (UTC+0545)"),
    ],
)
def test_page_says_when_to_pay_in_the_readers_zone(request_at, reading_in, zone, said):
    enrollment_id = request_at(JUST_BEFORE_MIDNIGHT_IN_SEOUL)

    with time_machine.travel(JUST_BEFORE_MIDNIGHT_IN_SEOUL - timedelta(hours=1), tick=False):
        text = reading_in(zone).get(reverse("lectures:checkout", args=[enrollment_id])).text

    assert said in text


def test_page_says_it_in_the_readers_language_too(request_at, reading_in):
    enrollment_id = request_at(JUST_BEFORE_MIDNIGHT_IN_SEOUL)

    with time_machine.travel(JUST_BEFORE_MIDNIGHT_IN_SEOUL - timedelta(hours=1), tick=False):
        client = reading_in("Pacific/Auckland")
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
        text = client.get(reverse("lectures:checkout", args=[enrollment_id])).text

    assert "2030년 3월 2일 오전 3:30 (NZDT)" in text


def test_email_says_the_day_that_it_is_where_the_student_reads(
    alice, request_at, reading_in, deliver_all
):
    reading_in("Pacific/Auckland")
    request_at(JUST_BEFORE_MIDNIGHT_IN_SEOUL)

    with time_machine.travel(JUST_BEFORE_MIDNIGHT_IN_SEOUL - timedelta(hours=1), tick=False):
        deliver_all()

    [message] = [message for message in mail.outbox if "kept for you" in message.subject]
    assert "2 March 2030" in message.body
    assert "03:30" in message.body


def test_times_that_clocks_change_at_are_said_as_they_are_there():
    before = datetime(
        2030, 3, 10, 9, 30, tzinfo=UTC
    )  # half an hour before New York turns its clock

    with timezone.override("America/Los_Angeles"), translation.override("en"):
        assert zones.moment(before) == "10 March 2030, 01:30 (PST)"
        assert zones.moment(before + timedelta(hours=1)) == "10 March 2030, 03:30 (PDT)"


def test_desk_and_api_speak_the_schools_zone_whoever_asks(client, carol, alice, request_at):
    request_at(JUST_BEFORE_MIDNIGHT_IN_SEOUL)
    User.objects.update(time_zone="Pacific/Auckland")
    client.force_login(carol)
    [enrollment] = Enrollment.objects.all()

    page = client.get(f"/admin/lectures/enrollment/{enrollment.pk}/change/").text
    answer = client.get(f"/api/v1/lectures/{enrollment.pk}/").json()

    assert "23:30" in page
    assert answer["pay_by"] == "2030-03-01T23:30:00+09:00"


def test_certificate_has_the_date_that_is_printed_on_it(
    alice, make_course, enroll, pay, learn, deliver_all, reading_in
):
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    with time_machine.travel(JUST_BEFORE_MIDNIGHT_IN_SEOUL, tick=False):
        learn(enrollment_id, alice)
        deliver_all()

    code = Certificate.objects.get().code
    text = reading_in("Pacific/Auckland").get(reverse("certification:verify", args=[code])).text

    assert "1 March 2030" in text
    assert "2 March 2030" not in text


def test_zone_is_chosen_on_the_account_page(client, alice):
    client.force_login(alice)

    client.post(ACCOUNT, {"name": alice.name, "language": "en", "time_zone": "Asia/Tokyo"})

    alice.refresh_from_db()
    assert (alice.time_zone, alice.zone.key) == ("Asia/Tokyo", "Asia/Tokyo")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "Asia/서울", "x" * 5000, "KST"])
def test_unknown_zone_names_the_field_and_changes_nothing(client, alice, zone):
    client.force_login(alice)

    response = client.post(ACCOUNT, {"name": "A", "language": "en", "time_zone": zone})

    alice.refresh_from_db()
    assert response.status_code == 400
    assert 'id="id_time_zone_error"' in response.text
    assert (alice.name, alice.time_zone) == ("Alice Kim", "")


def test_zone_that_the_world_gave_up_falls_back_to_the_schools(reading_in):
    response = reading_in("Europe/Atlantis").get(ACCOUNT)

    assert response.status_code == 200
    assert User.objects.get().zone.key == settings.TIME_ZONE


def test_one_readers_zone_is_not_the_next_readers(client, reading_in):
    reading_in("Pacific/Auckland").get(ACCOUNT)

    assert timezone.get_current_timezone_name() == settings.TIME_ZONE


@pytest.mark.parametrize(("language", "seoul"), [("ko", "서울"), ("en", "Seoul")])
def test_every_zone_has_a_name_in_the_readers_language(language, seoul):
    with translation.override(language):
        groups = zones.list_zones()

    names = dict(choice for _region, choices in groups for choice in choices)
    assert names["Asia/Seoul"] == seoul
    assert len(names) > 400
    assert all(names.values())


def test_moment_is_a_filter_of_every_template():
    template = engines["django"].from_string("{% load reading %}{{ at|moment }}")

    with translation.override("ko"):
        assert template.render({"at": JUST_BEFORE_MIDNIGHT_IN_SEOUL}) == (
            "2030년 3월 1일 오후 11:30 (KST)"
        )
