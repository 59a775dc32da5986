"""An open session alone changes nothing that would let a thief stay, and takes no data along."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from elearning.sensitive import ASKS_ITSELF, NOT_SENSITIVE, SCOPE, SENSITIVE
from tests.conftest import PASSWORD
from tests.security.every_url import Address, every_url
from tests.security.test_every_url import fill, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db
LISTS = (SENSITIVE, ASKS_ITSELF, NOT_SENSITIVE)
HEARTS = {
    "account_email", "account_set_password", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_generate_recovery_codes", "students:tokens", "students:session_end", "own_data:json",
    "own_data:pdf",
}  # fmt: skip


def unlisted(addresses):
    return [
        address.name
        for address in addresses
        if address.route.startswith(SCOPE) and not any(address.name in names for names in LISTS)
    ]


def test_every_url_of_the_account_is_in_one_list():
    names = [name for names in LISTS for name in names]

    assert unlisted(every_url()) == [], "Say in elearning/sensitive.py whether it is sensitive."
    assert len(names) == len(set(names))
    assert set(names) <= {address.name for address in every_url()}
    assert set(SENSITIVE) >= HEARTS
    assert {"account_change_password", "own_data:removal"} <= set(ASKS_ITSELF)


def test_new_url_that_no_list_names_is_seen():
    planted = Address("students:planted", "accounts/planted/")

    assert unlisted([*every_url(), planted]) == ["students:planted"]


@pytest.fixture
def session(client, alice):
    """A log-in by the page, a second ago: no proof in itself."""
    client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    return client


def prove(client):
    return client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


@pytest.mark.parametrize("name", sorted(SENSITIVE))
def test_sensitive_view_asks_for_the_password_first(session, world, alice, name):
    session.force_login(alice)
    (address,) = (address for address in every_url() if address.name == name)
    path = fill(address, world)

    for method in SENSITIVE[name]:
        answer = getattr(session, method.lower())(path)
        assert answer.status_code == 302, method
        assert answer.url.startswith(reverse("account_reauthenticate")), method

    prove(session)
    after = session.post(path) if "GET" not in SENSITIVE[name] else session.get(path)
    assert not after.headers.get("Location", "").startswith(reverse("account_reauthenticate"))


def test_proof_is_good_for_minutes(session):
    path = reverse("own_data:json")
    prove(session)
    assert session.get(path).status_code == 200

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert session.get(path).status_code == 302


def test_wrong_password_is_no_proof(session):
    session.post(reverse("account_reauthenticate"), {"password": "wrong"})

    assert session.get(reverse("own_data:json")).status_code == 302


def test_what_was_asked_for_goes_on_after_the_proof(session, alice):
    given = {"action_add": "", "email": "other@example.com"}
    asked = session.post(reverse("account_email"), given)

    answer = session.post(asked.url, {"password": PASSWORD})

    assert answer.status_code == 302
    assert alice.emailaddress_set.filter(email="other@example.com").exists()
    assert [message.to for message in mail.outbox] == [["other@example.com"]]


def test_open_session_changes_no_password_and_removes_nothing(session, alice):
    new = {"oldpassword": "", "password1": "correct-horse-7", "password2": "correct-horse-7"}

    assert session.post(reverse("account_change_password"), new).status_code == 400
    assert session.post(reverse("own_data:removal"), {"password": "x"}).status_code == 400
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert alice.removed_at is None


def test_session_needs_a_proof_for_tokens_in_the_api_too(session, alice):
    _row, _token = AuthToken.objects.create(user=alice)

    refused = session.get("/api/v1/auth/tokens/")
    prove(session)

    assert (refused.status_code, refused.json()["code"]) == (403, "reauthentication_required")
    assert session.get("/api/v1/auth/tokens/").status_code == 200


def test_proof_for_a_download_leads_back_to_its_page(session):
    asked = session.get(reverse("own_data:json"))

    assert session.post(asked.url, {"password": PASSWORD}).url == reverse("own_data:overview")
