"""Tokens of the API: listed, named, ended one by one, and limited, on the page and in the API."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from apps.students.models import TokenDetail, VerifiedToken
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
TOKENS = "/api/v1/auth/tokens/"


def log_in(user, **more):
    body = {"email": user.email, "password": PASSWORD, **more}
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    answer = client.post("/api/v1/auth/token/", body)
    assert answer.status_code == 200, answer.content
    client.credentials(HTTP_AUTHORIZATION=f"Token {answer.json()['token']}")
    return client


@pytest.fixture
def page(client, alice):
    client.force_login(alice)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def test_list_shows_name_times_and_which_is_this(alice, bob):
    payroll, _other, _bobs = log_in(alice, name="Payroll"), log_in(alice), log_in(bob)

    newest, first = payroll.get(TOKENS).json()["results"]

    assert (first["name"], first["is_current"]) == ("Payroll", True)
    assert first["last_used_at"] is not None
    assert (newest["name"], newest["is_current"], newest["last_used_at"]) == ("", False, None)
    assert set(first) == {
        "id", "name", "created_at", "expires_at", "last_used_at", "is_current",
    }  # fmt: skip


def test_one_is_ended_at_once_and_the_others_go_on(alice):
    first, second = log_in(alice, name="first"), log_in(alice, name="second")
    ids = {token["name"]: token["id"] for token in first.get(TOKENS).json()["results"]}

    assert second.delete(f"{TOKENS}{ids['first']}/").status_code == 204

    assert first.get(TOKENS).status_code == 401
    assert [token["name"] for token in second.get(TOKENS).json()["results"]] == ["second"]
    assert second.delete(f"{TOKENS}{ids['second']}/").status_code == 204
    assert second.get(TOKENS).status_code == 401


def test_token_of_another_is_not_found(alice, bob):
    mine, theirs = log_in(alice), log_in(bob)
    (of_bob,) = theirs.get(TOKENS).json()["results"]

    assert mine.delete(f"{TOKENS}{of_bob['id']}/").status_code == 404
    assert theirs.get(TOKENS).status_code == 200


def test_limit_ends_the_one_that_is_idle_longest(alice, bob, settings):
    settings.API_TOKENS_PER_USER = 3
    with time_machine.travel(timezone.now(), tick=False) as clock:
        oldest = log_in(alice, name="oldest")
        clock.shift(timedelta(minutes=1))
        log_in(alice, name="idle")
        clock.shift(timedelta(minutes=1))
        log_in(alice, name="newer")
        log_in(bob)
        clock.shift(timedelta(minutes=5))
        oldest.get(TOKENS)
        log_in(alice, name="newest")
        names = [token["name"] for token in oldest.get(TOKENS).json()["results"]]

    assert names == ["newest", "newer", "oldest"]
    assert AuthToken.objects.filter(user=alice).count() == 3
    assert AuthToken.objects.filter(user=bob).count() == 1


def test_use_is_noted_to_the_minute(alice, django_assert_num_queries):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = log_in(alice)
        client.get(TOKENS)
        first = TokenDetail.objects.get().last_used_at
        clock.shift(timedelta(seconds=30))
        client.get(TOKENS)
        assert TokenDetail.objects.get().last_used_at == first
        clock.shift(timedelta(seconds=31))
        client.get(TOKENS)

    assert TokenDetail.objects.get().last_used_at > first


def test_page_creates_a_token_that_works_and_shows_it_once(page, alice):
    answer = page.post(reverse("students:tokens"), {"name": "Payroll"})
    token = answer.text.split("<code>")[1].split("</code>")[0]
    client = APIClient(HTTP_AUTHORIZATION=f"Token {token}")

    assert client.get("/api/v1/students/me/").json()["email"] == alice.email
    shown = page.get(reverse("students:tokens"))
    assert "Payroll" in shown.text
    assert "last used" in shown.text
    assert token not in shown.text
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\x00b"])
def test_page_refuses_a_name_that_says_nothing(page, name):
    assert page.post(reverse("students:tokens"), {"name": name}).status_code == 400
    assert not AuthToken.objects.exists()


def test_page_ends_a_token(page, alice):
    client = log_in(alice, name="Old")
    detail = TokenDetail.objects.get()

    answer = page.post(reverse("students:token_end", args=[detail.pk]), follow=True)

    assert "The token has ended." in answer.text
    assert client.get(TOKENS).status_code == 401


def test_page_gives_a_token_no_more_than_the_session_has(client, carol):
    client.force_login(carol)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("students:tokens"), {"name": "Desk"})

    assert AuthToken.objects.filter(user=carol).count() == 1
    assert not VerifiedToken.objects.exists()
