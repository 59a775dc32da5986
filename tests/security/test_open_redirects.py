"""Nobody is sent to another site by an address of ours."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

HOSTILE = [
    "https://evil.example/",
    "http://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "https:evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "HTTPS://EVIL.EXAMPLE",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "https://evil.example#testserver",
    "https://evil.example\\@testserver/",
    "https://ｅvil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt://testserver/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "ftp://testserver/",
    "/%0d%0aSet-Cookie:a=b\r\nX: y",
    "/" * 300 + "evil.example",
    "http://[evil",
]


def at_log_in(client, alice, target):
    given = {"login": alice.email, "password": PASSWORD, "next": target}
    return client.post(reverse("account_login"), given)


def at_log_in_by_query(client, alice, target):
    url = reverse("account_login", query={"next": target})
    return client.post(url, {"login": alice.email, "password": PASSWORD})


def when_logged_in(client, alice, target):
    client.force_login(alice)
    return client.get(reverse("account_login"), {"next": target})


def at_log_in_of_the_desk(client, alice, target):
    return client.get(client.get("/admin/login/", {"next": target}).url)


def at_log_out(client, alice, target):
    client.force_login(alice)
    return client.post(reverse("account_logout"), {"next": target})


def at_sign_up(client, alice, target):
    given = {"email": "new@example.com", "password1": "a-good-password", "name": "N"}
    return client.post(reverse("account_signup"), {**given, "next": target})


def at_password_reset(client, alice, target):
    return client.post(reverse("account_reset_password"), {"email": alice.email, "next": target})


def at_reauthentication(client, alice, target):
    client.force_login(alice)
    return client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": target})


def at_change_of_password(client, alice, target):
    client.force_login(alice)
    new = {"password1": "a-new-good-one", "password2": "a-new-good-one"}
    return client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, **new, "next": target}
    )


def at_language_switch(client, alice, target):
    return client.post(reverse("set_language"), {"language": "ko", "next": target})


def at_language_switch_by_referer(client, alice, target):
    referer = target.replace("\r", "").replace("\n", "")
    return client.post(reverse("set_language"), {"language": "ko"}, HTTP_REFERER=referer)


def at_theme(client, alice, target):
    return client.post(reverse("theme"), {"theme": "dark", "next": target})


def at_second_factor(client, alice, target):
    client.force_login(alice)
    return client.get(reverse("mfa_reauthenticate"), {"next": target})


WAYS = [
    at_log_in, at_log_in_by_query, when_logged_in, at_log_in_of_the_desk, at_log_out, at_sign_up,
    at_password_reset, at_reauthentication, at_change_of_password, at_language_switch,
    at_language_switch_by_referer, at_theme, at_second_factor,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_hostile_targets_are_not_followed(client, alice, way):
    for target in HOSTILE:
        client.logout()
        answer = way(client, alice, target)
        alice.set_password(PASSWORD)
        alice.save()
        location = answer.headers.get("Location", "")
        assert goes_nowhere_else(location), (target, location)
        assert answer.status_code < 500, target


def goes_nowhere_else(location):
    """Return whether a browser stays here: it takes a backslash for a slash and drops blanks."""
    seen = "".join(location.split()).replace("\\", "/")
    parts = urlsplit(seen)
    return (parts.scheme, parts.netloc) in {("", ""), ("http", "testserver")} and not (
        seen.startswith("//")
    )


@pytest.mark.parametrize(
    "way", [at_log_in, at_log_in_by_query, when_logged_in, at_reauthentication]
)
def test_addresses_of_ours_are_followed(client, alice, way):
    assert way(client, alice, "/courses/?q=SQL").url == "/courses/?q=SQL"


def test_other_hosts_are_refused(client, alice):
    answer = client.post(
        reverse("account_reset_password"), {"email": alice.email}, headers={"host": "evil.example"}
    )

    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["//evil.example", "//evil.example/..", "/\\evil.example"])
def test_slash_that_is_added_leads_nowhere_else(client, db, path):
    assert goes_nowhere_else(client.get(path).headers.get("Location", ""))
