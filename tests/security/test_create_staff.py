"""The first staff of a school: a command, a link used once, a password, the second factor."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from apps.students.models import StaffSetupLink, User
from tests.conftest import PASSWORD

OWNER = "owner@school.example"
NEW = "three plain words"
ACTIVATE = reverse("mfa_activate_totp")


@pytest.fixture(autouse=True)
def production(settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    settings.SITE_URL = "https://school.example"


@pytest.fixture
def create(db, capsys):
    """Run the command, and return the path of the link that it prints."""

    def run(email=OWNER, **options):
        call_command("create_staff", email, **options)
        (path,) = re.findall(r"https://school\.example(/\S+)", capsys.readouterr().out)
        return path

    return run


def choose_password(client, path, password=NEW):
    return client.post(path, {"password1": password, "password2": password})


def code_for(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def is_closed(client):
    return client.get("/admin/").status_code == 302


def test_link_leads_to_a_password_and_the_second_factor(client, create):
    path = create(name="Olivia Owner")

    assert OWNER in client.get(path).text
    assert choose_password(client, path).url == ACTIVATE
    assert client.get("/admin/").url == ACTIVATE
    secret = client.get(ACTIVATE).context["form"].secret
    client.post(ACTIVATE, {"code": code_for(secret)})

    assert client.get("/admin/").status_code == 200
    owner = User.objects.get(email=OWNER)
    assert (owner.name, owner.is_staff, owner.is_superuser) == ("Olivia Owner", True, True)
    assert owner.check_password(NEW)


def test_link_works_once(client, create):
    path = create()
    choose_password(client, path)

    again = choose_password(Client(), path, "another three words")

    assert again.status_code == 404
    assert User.objects.get(email=OWNER).check_password(NEW)


def test_looking_at_the_link_does_not_use_it_up(client, create):
    path = create()
    for _ in range(3):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]

    assert choose_password(client, path).status_code == 302


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 404)])
def test_link_is_valid_for_minutes(client, create, minutes, status):
    path = create()

    with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
        assert client.get(path).status_code == status
        choose_password(client, path)

    assert User.objects.get(email=OWNER).has_usable_password() is (status == 200)


def test_second_run_replaces_the_link(client, create):
    first, second = create(), create()

    assert client.get(first).status_code == 404
    assert choose_password(client, second).status_code == 302
    assert User.objects.count() == 1


def test_database_holds_no_token(create):
    token = create().rstrip("/").rpartition("/")[2]

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(l)::text FROM students_staffsetuplink l")
        (row,) = cursor.fetchone()
    assert token not in row
    assert len(StaffSetupLink.objects.get().digest) == 64


@pytest.mark.parametrize("password", ["short-1", "password", "수려아카데미99"])
def test_weak_password_is_refused_and_the_link_stays(client, create, password):
    path = create()

    assert choose_password(client, path, password).status_code == 400
    assert choose_password(client, path).status_code == 302


def test_nobody_logs_in_before_the_link_is_used(client, create):
    create()

    answer = client.post(reverse("account_login"), {"login": OWNER, "password": ""})

    assert answer.status_code == 400
    assert not User.objects.get(email=OWNER).has_usable_password()


def test_account_in_use_is_left_alone(alice):
    with pytest.raises(CommandError, match="has an account"):
        call_command("create_staff", alice.email.upper())

    alice.refresh_from_db()
    assert (alice.is_staff, alice.check_password(PASSWORD)) == (False, True)


def test_account_that_is_switched_off_is_refused(alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)

    with pytest.raises(CommandError, match="switched off"):
        call_command("create_staff", alice.email)


def test_stranger_who_signed_up_with_the_address_loses_the_account(client, create):
    squatter = User.objects.create_user(OWNER, PASSWORD, name="Mallory")
    EmailAddress.objects.create(user=squatter, email=OWNER, primary=True)
    AuthToken.objects.create(user=squatter)
    mallory = Client()
    mallory.force_login(squatter)

    path = create()

    assert is_closed(mallory)
    assert AuthToken.objects.count() == 0
    assert not User.objects.get().check_password(PASSWORD)
    assert choose_password(client, path).url == ACTIVATE


@pytest.mark.parametrize("options", [{"minutes": 0}, {"minutes": 61}])
def test_minutes_have_bounds(db, options):
    with pytest.raises(CommandError, match="1 to 60"):
        call_command("create_staff", OWNER, **options)


def test_address_must_be_one(db):
    with pytest.raises(CommandError, match="not an e-mail address"):
        call_command("create_staff", "owner")

    assert not User.objects.exists()


def test_staff_taken_off_meanwhile_cannot_use_the_link(client, create):
    path = create()
    User.objects.update(is_staff=False, is_superuser=False)

    assert choose_password(client, path).status_code == 404


@pytest.mark.parametrize("published", [True, False])
def test_published_password_opens_no_account_in_production(client, alice, settings, published):
    settings.PUBLISHED_PASSWORDS = [PASSWORD] if published else []
    body = {"email": alice.email, "password": PASSWORD}

    by_page = client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    by_api = client.post("/api/v1/auth/token/", body, content_type="application/json")

    assert (by_page.status_code, by_api.status_code) == ((400, 401) if published else (302, 200))


def test_published_password_cannot_be_chosen_in_production(client, create, settings):
    settings.PUBLISHED_PASSWORDS = [PASSWORD]

    answer = choose_password(client, create(), PASSWORD)

    assert answer.status_code == 400
