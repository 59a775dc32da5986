"""Guarantees whose mutants no test noticed once, each seen by the caller."""

from __future__ import annotations

import re
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.courses.models import Course
from apps.students.models import SentEmail, User
from elearning.bulk.kinds import kind_named
from elearning.bulk.models import BulkJob
from elearning.bulk.services import NewItem, draft_job
from tests.conftest import PASSWORD, make_user
from tests.security.test_second_factor import code, is_logged_in, log_in, switch_on

pytestmark = pytest.mark.django_db
TOKEN = "/api/v1/auth/token/"
STYLES = ["static/css/site.css", "static/desk/desk.css"]


def test_code_counts_once_in_whichever_process(client, alice):
    switch_on(alice)
    used = code()
    log_in(client, alice, used)
    for name in caches.settings:
        caches[name].clear()  # as those of another process are

    other = Client()
    log_in(other, alice, used)

    assert is_logged_in(client)
    assert not is_logged_in(other)


@pytest.mark.parametrize("button", ["start", "stop", "discard"])
def test_colleague_with_every_right_cannot_touch_my_bulk_job(client, carol, make_course, button):
    course = make_course(opened=False)
    job = draft_job(
        kind=kind_named("open_courses"),
        started_by_id=carol.pk,
        items=[NewItem("SQL", {"id": course})],
    )
    client.force_login(make_user("dana@example.com", "Dana", is_staff=True, is_superuser=True))

    answer = client.post(reverse(f"admin:elearning_bulkjob_{button}", args=[job]))

    assert answer.status_code == 403
    assert BulkJob.objects.get().status == "draft"


@pytest.mark.parametrize("address", ["/", "/admin/", "/api/docs/", "/accounts/login/"])
def test_pages_load_from_this_site_alone(client, carol, address):
    client.force_login(carol)

    policy = client.get(address)["Content-Security-Policy"]
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";") if part)

    assert directives["default-src"] == "'self'"
    for name in ("script-src", "style-src"):
        sources = set(directives.get(name, "'self'").split())
        assert sources <= {"'self'", "'unsafe-inline'", "'unsafe-eval'"}


def test_token_ends_after_thirty_days(client, alice):
    body = {"email": alice.email, "password": PASSWORD}
    token = client.post(TOKEN, body, content_type="application/json").json()["token"]
    headers = {"authorization": f"Token {token}"}
    now = timezone.now()

    with time_machine.travel(now + timedelta(days=29)):
        assert Client(headers=headers).get("/api/v1/students/me/").status_code == 200
    with time_machine.travel(now + timedelta(days=31)):
        assert Client(headers=headers).get("/api/v1/students/me/").status_code == 401


@pytest.mark.parametrize("style", STYLES)
def test_korean_words_are_not_broken_at_the_end_of_a_line(style):
    source = Path(style).read_text(encoding="utf-8")

    assert re.search(r"\bbody\s*\{[^}]*word-break:\s*keep-all", source)
    assert not re.search(r"word-break:\s*(break-all|normal)", source)


@pytest.mark.parametrize("holds", ["a person", "a course"])
def test_demo_is_refused_on_a_database_that_holds_anything(make_course, holds):
    if holds == "a person":
        make_user("someone@example.com", "Someone")
    else:
        make_course(opened=False)
    before = (User.objects.count(), Course.objects.count())

    with pytest.raises(CommandError, match="Use an empty one"):
        call_command("load_demo")
    call_command("load_demo", if_empty=True)

    assert (User.objects.count(), Course.objects.count()) == before


def test_publishing_holds_up_no_request(monkeypatch, make_course, enroll, alice):
    here, slept = threading.get_ident(), []
    sleep = time.sleep

    def note(seconds):
        slept.append(threading.get_ident())
        sleep(seconds)

    course_id = make_course(price_minor=0)
    monkeypatch.setattr(time, "sleep", note)
    enroll(alice, course_id)

    assert here not in slept


def test_mail_to_an_unverified_address_is_not_its_claimants(client, mallory):
    EmailAddress.objects.create(user=mallory, email="victim@example.com", verified=False)

    client.post(reverse("account_reset_password"), {"email": "victim@example.com"})

    sent = SentEmail.objects.filter(address="victim@example.com")
    assert sent.exists()
    assert not sent.filter(recipient_id=mallory.pk).exists()
