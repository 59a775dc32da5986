"""Reminders are switched off on the account or by their link, and then no more come."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from apps.lectures import services as lectures
from apps.students.models import MailSwitch
from apps.students.services.mail_switches import unsubscribe_url

pytestmark = pytest.mark.django_db
PAGE = "/accounts/notifications/"


@pytest.fixture
def remind(alice, make_course, enroll, deliver_all):
    """Let Alice pause for a week, and send what follows; returns the reminders."""
    begins = timezone.now()
    enroll(alice, make_course(price_minor=0))
    deliver_all()

    def remind(week=1):
        mail.outbox.clear()
        with time_machine.travel(begins + timedelta(weeks=week, minutes=1)):
            lectures.remind_of_lessons()
            deliver_all()
        return list(mail.outbox)

    return remind


@pytest.fixture
def link(alice):
    return unsubscribe_url(alice.pk, "lessons").removeprefix("http://localhost:8000")


def test_reminder_says_how_it_is_switched_off(remind):
    (message,) = remind()
    raw = message.message()

    url = raw["List-Unsubscribe"].strip("<>")
    assert raw["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in message.body
    assert url in message.alternatives[0].content
    assert f" <{url}>\n" in raw.as_string()  # a line of its own, not broken and not encoded


def test_one_click_switches_off_without_log_in_or_cookie(remind, link):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(
        link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 200
    assert remind() == []
    assert strict.post(link).status_code == 200
    assert MailSwitch.objects.count() == 1


def test_looking_at_the_link_changes_nothing(client, remind, link):
    for _scanner in range(2):
        page = client.get(link, headers={"accept-language": "en"})
    client.head(link)

    assert "Shall we send you no more" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert len(remind()) == 1


@pytest.mark.parametrize(
    "spoil", [lambda s: s[:-2] + "/", lambda s: s[:-5] + "AAAA/", lambda _s: "/mail/unsubscribe/x/"]
)
def test_spoiled_link_is_not_found(client, link, spoil):
    assert client.get(spoil(link)).status_code == client.post(spoil(link)).status_code == 404
    assert not MailSwitch.objects.exists()


def test_link_switches_off_its_own_kind_of_its_own_account(client, alice, bob, link):
    client.force_login(bob)
    client.post(link)

    assert list(MailSwitch.objects.values_list("student_id", "name")) == [(alice.pk, "lessons")]


def test_page_of_the_account_switches_off_and_on(client, alice, remind):
    client.force_login(alice)
    assert client.get(PAGE).text.count(" checked") == 2

    assert client.post(PAGE, {"starts": "on"}).status_code == 302
    assert remind() == []
    client.post(PAGE, {"starts": "on", "lessons": "on"})
    assert not MailSwitch.objects.exists()
    assert len(remind(week=2)) == 1


def test_unknown_switch_is_ignored_and_visitor_is_asked_to_log_in(client, alice):
    assert client.get(PAGE).status_code == 302
    client.force_login(alice)
    client.post(PAGE, {"starts": "on", "lessons": "on", "evil": "on"})

    assert not MailSwitch.objects.exists()


def test_reminder_is_not_sent_to_whoever_went_on_meanwhile(alice, make_course, enroll, learn):
    from apps.events.services import sweep

    enrollment_id = enroll(alice, make_course(price_minor=0))
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        lectures.remind_of_lessons()
        learn(enrollment_id, alice)
        sweep(queue="default")

    assert not any("waiting" in message.subject for message in mail.outbox)


def test_course_that_starts_comes_with_its_calendar_file_once(
    alice, make_course, enroll, deliver_all
):
    start = timezone.now() + timedelta(days=10)
    enroll(alice, make_course(price_minor=0, starts_at=start, ends_at=start + timedelta(days=9)))
    deliver_all()
    mail.outbox.clear()
    for _again in range(2):
        with time_machine.travel(start - timedelta(minutes=30)):
            lectures.remind_of_starts()
            deliver_all()

    (message,) = mail.outbox
    raw = message.message()
    (file,) = (part for part in raw.walk() if part.get_content_type() == "text/calendar")
    assert raw.get_content_type() == "multipart/mixed"
    assert (file.get_param("method"), file.get_filename()) == ("PUBLISH", "course.ics")
    assert b"BEGIN:VEVENT" in file.get_payload(decode=True)
