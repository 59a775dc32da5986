"""Links in e-mails are of SITE_URL, whatever the request says its host is."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from tests.conftest import PASSWORD, make_user

FOREIGN = "backend.internal"
pytestmark = pytest.mark.django_db
NEW = {"name": "N", "password1": "correct-horse-7", "password": "correct-horse-7"}


@pytest.fixture
def foreign(client, settings):
    """A client that names a host which is allowed, and not the site's own."""
    settings.SITE_URL = "https://school.example"
    settings.ALLOWED_HOSTS = ["testserver", FOREIGN]
    client.defaults["HTTP_HOST"] = FOREIGN
    return client


def sign_up(client, alice):
    client.post(reverse("account_signup"), {**NEW, "email": "new@example.com"})


def sign_up_by_api(client, alice):
    body = {"email": "new@example.com", "name": "N", "password": "correct-horse-7"}
    client.post("/api/v1/students/", body, "application/json")


def sign_up_again(client, alice):
    client.post(reverse("account_signup"), {**NEW, "email": alice.email})


def reset(client, alice):
    client.post(reverse("account_reset_password"), {"email": alice.email})


def reset_of_nobody(client, alice):
    client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})


def log_in_unconfirmed(client, alice):
    user = make_user("late@example.com", "Late")
    EmailAddress.objects.filter(user=user).update(verified=False)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def change_address(client, alice):
    client.force_login(alice)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("account_email"), {"action_add": "", "email": "other@example.com"})


DOORS = [
    sign_up, sign_up_by_api, sign_up_again, reset, reset_of_nobody, log_in_unconfirmed,
    change_address,
]  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_links_are_of_the_site_whatever_host_the_request_names(foreign, alice, door):
    door(foreign, alice)

    (message,) = mail.outbox
    html = message.alternatives[0][0]
    links = re.findall(r"https?://[^\s\"'<>)]+", message.body + html)
    assert links
    assert {link.split("/")[2] for link in links} == {"school.example"}
    assert FOREIGN not in message.body + html
