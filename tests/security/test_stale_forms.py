"""A form that was open while its user logged in or out in another tab: told, led on, not lost."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
HERE = {"HTTP_ORIGIN": "http://testserver", "HTTP_ACCEPT_LANGUAGE": "en"}
STALE = {"csrfmiddlewaretoken": "t" * 64}


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True, **HERE)


def token_in(answer):
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.text).group(1)


def test_log_in_form_is_shown_again_and_works(browser, alice):
    answer = browser.post(
        reverse("account_login"),
        {**STALE, "login": alice.email, "password": PASSWORD, "next": "/my/"},
    )

    assert answer.status_code == 403
    assert "This log-in form had expired." in answer.text
    assert f'value="{alice.email}"' in answer.text
    assert PASSWORD not in answer.text
    again = {"csrfmiddlewaretoken": token_in(answer), "login": alice.email, "password": PASSWORD}
    assert 'name="next" value="/my/"' in answer.text
    assert browser.post(reverse("account_login"), again | {"next": "/my/"}).url == "/my/"


@pytest.mark.parametrize(("target", "leads_to"), [
    ("/courses/?q=x", "/courses/?q=x"),
    ("", "/my/"),
    ("https://evil.example/", "/my/"),
    ("/accounts/sign-outs/", "/my/"),
])  # fmt: skip
def test_log_in_form_leads_on_when_another_tab_has_logged_in(browser, alice, target, leads_to):
    browser.force_login(alice)

    answer = browser.post(
        reverse("account_login"), {**STALE, "login": "x", "password": "x", "next": target}
    )

    assert (answer.status_code, answer.url) == (302, leads_to)


def test_other_form_keeps_what_was_typed_and_can_be_sent_again(browser, alice):
    browser.force_login(alice)
    typed = {"name": 'Alice "A" <Kim>', "language": "en", "latin_name": "", "time_zone": ""}

    answer = browser.post(reverse("students:account"), STALE | typed)

    assert answer.status_code == 403
    assert "nothing you entered is lost" in answer.text
    assert "Alice &quot;A&quot; &lt;Kim&gt;</textarea>" in answer.text
    alice.refresh_from_db()
    assert alice.name == "Alice Kim"
    sent = browser.post(
        reverse("students:account"), typed | {"csrfmiddlewaretoken": token_in(answer)}
    )
    alice.refresh_from_db()
    assert (sent.status_code, alice.name) == (302, typed["name"])


@pytest.mark.parametrize("headers", [
    {"HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_ORIGIN": "null"},
    {"HTTP_SEC_FETCH_SITE": "cross-site"},
    {"HTTP_SEC_FETCH_SITE": "same-site"},
])  # fmt: skip
def test_form_of_another_site_is_not_offered_for_sending(browser, alice, headers):
    browser.force_login(alice)

    answer = browser.post(reverse("students:account"), {"name": "Forged"}, **headers)

    assert answer.status_code == 403
    assert "Forged" not in answer.text
    assert "nothing was sent" in answer.text


def test_form_with_a_password_is_not_repeated(browser, alice):
    browser.force_login(alice)

    answer = browser.post(
        reverse("account_change_password"), STALE | {"oldpassword": PASSWORD, "password1": "x"}
    )

    assert answer.status_code == 403
    assert PASSWORD not in answer.text
    assert "reload the page" in answer.text
