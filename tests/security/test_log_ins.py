"""Where somebody is logged in: seen by her alone, ended one by one, and never without an end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.students import services
from apps.students.services.sessions import name_browser
from tests.conftest import PASSWORD
from tests.security.test_sessions import is_open, log_in

pytestmark = pytest.mark.django_db
LIST = "/accounts/log-ins/"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def browser(user, user_agent=LAPTOP, **environment):
    client = Client(headers={"user-agent": user_agent}, **environment)
    client.cookies["django_language"] = "en"
    log_in(client, user)
    return client


def endings(client):
    return re.findall(rf'action="({LIST}\d+/end/)"', client.get(LIST).text)


def end(client, pk):
    """End a log-in, and give the password that is asked for."""
    asked = client.post(f"{LIST}{pk}/end/")
    assert asked.url.startswith(reverse("account_reauthenticate"))
    return client.post(asked.url, {"password": PASSWORD}, follow=True)


def test_log_ins_are_shown_to_who_made_them_alone(alice, bob):
    laptop = browser(alice)
    browser(alice, PHONE, REMOTE_ADDR="203.0.113.9")
    browser(bob, "Whale/4", REMOTE_ADDR="198.51.100.1")

    page = laptop.get(LIST).text

    assert "Firefox · Windows" in page
    assert "Chrome · Android" in page
    assert "203.0.113.9" in page
    assert "Whale" not in page
    assert "198.51.100.1" not in page
    assert page.count("This browser") == 1
    assert len(endings(laptop)) == 1


def test_one_is_ended_and_the_others_stay(alice):
    laptop, phone, tablet = browser(alice), browser(alice, PHONE), browser(alice, "iPad Safari/1")
    of_phone = UserSession.objects.get(user_agent=PHONE)

    answer = end(laptop, of_phone.pk)

    assert "That log-in has ended." in answer.text
    assert not is_open(phone)
    assert is_open(laptop)
    assert is_open(tablet)
    assert not UserSession.objects.filter(pk=of_phone.pk).exists()


def test_password_is_asked_for_before_one_ends(alice):
    phone, laptop = browser(alice, PHONE), browser(alice)
    ending = f"{LIST}{UserSession.objects.get(user_agent=PHONE).pk}/end/"

    asked = laptop.post(ending)
    laptop.post(asked.url, {"password": "a wrong guess"})

    assert is_open(phone)
    laptop.post(asked.url, {"password": PASSWORD})
    assert not is_open(phone)


def test_nobody_ends_the_log_in_of_another(alice, mallory):
    phone = browser(alice, PHONE)
    hers = UserSession.objects.get()

    answer = end(browser(mallory), hers.pk)

    assert "has ended already" in answer.text
    assert is_open(phone)


def test_signing_out_everywhere_leaves_none(alice):
    laptop, phone = browser(alice), browser(alice, PHONE)
    laptop.post(reverse("students:sign_outs"))

    assert not is_open(phone)
    assert endings(browser(alice)) == []


@pytest.mark.parametrize("address", ["", "2001:db8::7", "::ffff:203.0.113.7"])
def test_any_address_can_log_in(alice, address):
    assert is_open(browser(alice, REMOTE_ADDR=address))


def test_log_in_has_a_greatest_age_however_busy_it_is(alice, settings):
    settings.SESSION_MAX_AGE_SECONDS = 30 * 24 * 3600
    laptop = browser(alice)
    for days in (9, 18, 27, 29.9):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            assert is_open(laptop), days
            session = laptop.session
            session["busy"] = days  # writing it puts off the end that a cookie has
            session.save()

    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1)):
        assert not is_open(laptop)
        laptop.cookies["sessionid"] = session.session_key
        assert not is_open(laptop)


def test_log_in_from_before_there_was_an_age_begins_now(alice):
    client = Client()
    client.force_login(alice)
    session = client.session
    del session["began_at"]
    session.save()

    assert is_open(client)
    assert client.session["began_at"] > 0


def test_what_has_ended_is_forgotten(alice):
    browser(alice)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert services.forget_ended_sessions() == 1

    assert not Session.objects.exists()
    assert not UserSession.objects.exists()


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("curl/8.5", ""),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/140 Safari/604",
            "Chrome · iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/18 Safari/605", "Safari · macOS"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140", "Edge · Windows"),
    ],
)
def test_browser_is_called_as_people_call_it(user_agent, name):
    assert name_browser(user_agent) == name
