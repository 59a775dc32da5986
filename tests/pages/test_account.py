"""The account page, and the language that goes with the account."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.urls import reverse

from apps.students.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

ACCOUNT = "/accounts/profile/"


def cookie(client):
    return client.cookies[settings.LANGUAGE_COOKIE_NAME].value


def test_account_page_shows_who_one_is_and_leads_to_password_and_address(client, alice):
    client.force_login(alice)

    text = client.get(ACCOUNT).text

    for part in (
        "Alice Kim", "alice@example.com", "Confirmed",
        reverse("account_email"), reverse("account_change_password"),
    ):  # fmt: skip
        assert part in text, part


def test_unconfirmed_address_is_shown_as_such(client, alice):
    EmailAddress.objects.update(verified=False)
    client.force_login(alice)

    assert "Not confirmed" in client.get(ACCOUNT).text


def test_name_and_language_change_at_once(client, alice):
    client.force_login(alice)

    response = client.post(ACCOUNT, {"name": "앨리스 김", "language": "ko"}, follow=True)

    alice.refresh_from_db()
    assert (alice.name, alice.language) == ("앨리스 김", "ko")
    assert cookie(client) == "ko"
    assert '<html lang="ko">' in response.text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "", "language": "en"}, "name"),
        ({"name": "   ", "language": "en"}, "name"),
        ({"name": "x" * 151, "language": "en"}, "name"),
        ({"name": "a\x00b", "language": "en"}, "name"),
        ({"name": "Alice", "language": "xx"}, "language"),
        ({"name": "Alice"}, "language"),
    ],
)
def test_bad_values_name_the_field_and_change_nothing(client, alice, fields, field):
    client.force_login(alice)

    response = client.post(ACCOUNT, fields)

    assert response.status_code == 400
    assert f'id="id_{field}_error"' in response.text
    unchanged = User.objects.get(pk=alice.pk)
    assert (unchanged.name, unchanged.language) == ("Alice Kim", "en")


def test_no_other_field_can_be_changed(client, alice):
    client.force_login(alice)

    client.post(
        ACCOUNT,
        {"name": "A", "language": "en", "is_staff": "1", "email": "evil@example.com", "id": "1"},
    )

    alice.refresh_from_db()
    assert (alice.is_staff, alice.email) == (False, "alice@example.com")


def test_visitor_is_asked_to_log_in(client, db):
    assert client.get(ACCOUNT).url.startswith(reverse("account_login"))


def test_language_chosen_in_the_header_is_kept_on_the_account(client, alice):
    client.force_login(alice)

    client.post(reverse("set_language"), {"language": "ko", "next": "/my/"})

    alice.refresh_from_db()
    assert (alice.language, cookie(client)) == ("ko", "ko")


def test_visitor_chooses_a_language_too(client, alice):
    response = client.post(reverse("set_language"), {"language": "ko", "next": "/verify/"})

    alice.refresh_from_db()
    assert (response.url, cookie(client), alice.language) == ("/verify/", "ko", "en")


@pytest.mark.parametrize("language", ["fr", "xx", "", "../"])
def test_language_that_the_school_does_not_speak_changes_nothing(client, alice, language):
    client.force_login(alice)

    client.post(reverse("set_language"), {"language": language})

    alice.refresh_from_db()
    assert alice.language == "en"


def test_language_switch_is_no_open_redirect(client, db):
    response = client.post(
        reverse("set_language"), {"language": "ko", "next": "https://evil.example/"}
    )

    assert response.url == "/"


def test_log_in_brings_the_language_of_the_account(client, alice):
    User.objects.update(language="ko")

    client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})

    assert cookie(client) == "ko"
    assert '<html lang="ko">' in client.get("/my/").text


def test_sign_up_survives_a_mail_server_that_is_down(client, db, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    response = client.post(
        reverse("account_signup"),
        {"email": "dora@example.com", "name": "Dora", "password1": "learn-by-doing"},
    )

    assert response.status_code == 302
    assert User.objects.filter(email="dora@example.com").exists()
