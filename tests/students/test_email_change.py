"""The former address of an account is told of a change, and may take it back for some days."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from apps.students.models import EmailChange, SentEmail, User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "thief@example.com"


def change_address(client, email=NEW, password=PASSWORD):
    """Change the address of whoever is logged in, and confirm it by the link that was sent."""
    client.post(reverse("account_reauthenticate"), {"password": password})
    client.post(reverse("account_email"), {"action_add": "", "email": email})
    return client.post(link_to(email, "confirm-email"))


def link_to(email, part):
    bodies = [message.body for message in mail.outbox if message.to == [email]]
    found = [link for body in bodies for link in re.findall(r"http://\S+", body) if part in link]
    return found[-1].removeprefix("http://localhost:8000")


@pytest.fixture
def changed(client, alice, deliver_all):
    """A thief at Alice's open session has changed her address. Returns the link to undo it."""
    client.force_login(alice)
    change_address(client)
    deliver_all()
    return link_to(alice.email, "/undo/")


def test_change_is_told_to_the_old_address_and_shown_on_the_page(client, alice, changed):
    assert User.objects.get(pk=alice.pk).email == NEW
    assert list(EmailAddress.objects.values_list("email", "verified")) == [(NEW, True)]
    told = [message for message in mail.outbox if message.to == ["alice@example.com"]]
    assert len(told) == 1
    assert NEW in told[0].body
    page = client.get(changed)
    assert (page.status_code, page["Referrer-Policy"]) == (200, "no-referrer")
    assert "alice@example.com" in page.text
    assert NEW in page.text
    assert User.objects.get(pk=alice.pk).email == NEW


def test_link_is_kept_as_a_digest_only(changed):
    token = changed.rstrip("/").rpartition("/")[2]

    assert EmailChange.objects.get().undo_digest != token
    assert len(token) >= 43
    assert token not in str(list(SentEmail.objects.values()))


def test_undo_gives_the_account_back_and_ends_everything_else(client, alice, changed):
    AuthToken.objects.create(user=alice)
    secret = generate_totp_secret()
    TOTP.activate(alice, secret)

    answer = client.post(changed)

    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        ("alice@example.com", True, True)
    ]
    assert not AuthToken.objects.exists()
    assert not Authenticator.objects.exists()
    assert not alice.has_usable_password()
    assert client.get(reverse("students:account")).status_code == 302
    page = client.get(answer.url, follow=True)
    new = {"password1": "my-own-horse-7", "password2": "my-own-horse-7"}
    client.post(page.redirect_chain[-1][0], new)
    given = {"login": "alice@example.com", "password": "my-own-horse-7"}
    assert client.post(reverse("account_login"), given).status_code == 302


def test_undo_works_once(client, changed):
    assert client.post(changed).status_code == 302

    assert client.post(changed).status_code == 404
    assert client.get(changed).status_code == 404


@pytest.mark.parametrize(("days", "status"), [(6, 302), (8, 404)])
def test_undo_works_for_some_days(client, changed, days, status):
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        assert client.post(changed).status_code == status


def test_undo_ends_the_links_of_later_changes(client, alice, changed, deliver_all):
    change_address(client, "second@example.com")
    deliver_all()
    of_the_thief = link_to(NEW, "/undo/")

    client.post(changed)

    assert client.post(of_the_thief).status_code == 404
    assert User.objects.get(pk=alice.pk).email == "alice@example.com"


def test_first_undo_of_two_leaves_the_owner_hers(client, alice, changed, deliver_all):
    change_address(client, "second@example.com")
    deliver_all()

    assert client.post(link_to(NEW, "/undo/")).status_code == 302
    assert client.post(changed).status_code == 302
    assert User.objects.get(pk=alice.pk).email == "alice@example.com"


def test_nobody_signs_up_with_an_address_that_may_come_back(client, changed):
    client.logout()
    form = {"email": "alice@example.com", "name": "N", "password1": "correct-horse-7"}

    client.post(reverse("account_signup"), form)

    assert User.objects.count() == 1
    assert client.post(changed).status_code == 302


def test_unknown_link_is_a_page_that_says_what_to_do(client, db):
    page = client.get("/accounts/email/undo/nonsense/")

    assert page.status_code == 404
    assert "This link has expired or has been used already." in page.text


def test_first_confirmation_is_no_change(client, db, deliver_all):
    form = {"email": "n@example.com", "name": "N", "password1": "correct-horse-7"}
    client.post(reverse("account_signup"), form)
    client.post(link_to("n@example.com", "confirm-email"))
    deliver_all()

    assert not EmailChange.objects.exists()


@pytest.mark.parametrize(("language", "words"), [
    ("en", "Undo the change of your e-mail address"), ("ko", "이메일 주소 변경 취소"),
])  # fmt: skip
def test_page_speaks_the_readers_language(client, changed, language, words):
    client.cookies["django_language"] = language

    assert words in client.get(changed).text
