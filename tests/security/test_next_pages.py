"""A log-in leads on to a page that a browser can open, never to a 405."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from foundation.pages.methods import accepts_get
from tests.conftest import PASSWORD
from tests.security.every_url import every_url
from tests.security.test_every_url import client_for, fill, people, world

__all__ = ["people", "world"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["owner", "carol"])
def test_next_after_a_post_without_a_log_in_can_be_opened(world, people, role):
    stranger, user, wrong, followed = (
        client_for("stranger", people),
        client_for(role, people),
        [],
        0,
    )
    for address in every_url():
        path = fill(address, world)
        if path.startswith("/api/"):
            continue
        location = stranger.post(path).headers.get("Location", "")
        target = parse_qs(urlsplit(location).query).get("next", [""])[0]
        if target:
            followed += 1
            if user.get(target).status_code == 405:
                wrong.append(f"{path} leads on to {target}")

    assert not wrong, "\n".join(wrong)
    assert followed > 50


def test_log_in_leads_back_to_the_page_with_the_form(client, alice):
    page = "http://testserver/accounts/log-ins/?a=b"

    answer = client.post("/accounts/sign-outs/", headers={"referer": page})

    assert answer.url == reverse("account_login", query={"next": "/accounts/log-ins/?a=b"})


@pytest.mark.parametrize(
    "referer", ["", "https://evil.example/my/", "http://testserver/accounts/sign-outs/"]
)
def test_log_in_leads_to_the_start_page_when_the_form_is_not_known(client, alice, referer):
    answer = client.post("/accounts/sign-outs/", headers={"referer": referer})

    assert answer.url == reverse("account_login")


def test_log_in_leads_to_the_desk_when_the_form_was_there(client, db):
    assert client.post("/admin/views/").url == "/admin/login/?next=%2Fadmin%2F"


@pytest.mark.parametrize(
    "target", ["/accounts/sign-outs/", "/accounts/log-ins/1/end/", "/admin/views/"]
)
def test_log_in_passes_over_a_next_that_only_takes_post(client, alice, target):
    given = {"login": alice.email, "password": PASSWORD, "next": target}

    assert client.post(reverse("account_login"), given).url == reverse("students:history")
    assert client.get(reverse("account_login"), {"next": target}).url == reverse("students:history")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/courses/?q=x", True),
        ("/accounts/login/", True),
        ("/accounts/sign-outs/", False),
        ("/admin/views/", False),
        ("/api/v1/students/me/", True),
        ("/api/v1/auth/token/", False),
        ("/no/such/page", False),
    ],
)
def test_methods_are_read_from_the_view(path, expected):
    assert accepts_get(path) is expected
