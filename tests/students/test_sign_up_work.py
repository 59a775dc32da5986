"""Nobody can tell from the work that was done whether an e-mail address has an account."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.events.models import LoggedEvent
from apps.students.models import User
from tests.conftest import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEW = "correct-horse-7"


@pytest.fixture
def hashes(monkeypatch):
    """Count the password hashes that are computed."""
    done = []
    encode = hashers.MD5PasswordHasher.encode

    def count(self, password, salt):
        done.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", count)
    return done


@pytest.fixture
def people(alice):
    """One account in each state that an address may be in."""
    make_user("unconfirmed@example.com", "U").emailaddress_set.update(verified=False)
    invited = make_user("invited@example.com", "I")
    invited.set_unusable_password()
    invited.save()
    make_user("switched-off@example.com", "S", is_active=False)
    EmailAddress.objects.create(user=alice, email="second@example.com", verified=True)
    return [
        "alice@example.com", "unconfirmed@example.com", "invited@example.com",
        "switched-off@example.com", "second@example.com", "new@example.com",
    ]  # fmt: skip


def by_page(client, email):
    form = {"email": email, "name": "N", "password1": NEW}
    return client.post(reverse("account_signup"), form)


def by_api(client, email):
    body = {"email": email, "name": "N", "password": NEW}
    return client.post("/api/v1/students/", body, "application/json")


def reset(client, email):
    return client.post(reverse("account_reset_password"), {"email": email})


def log_in(client, email):
    return client.post(reverse("account_login"), {"login": email, "password": "wrong-horse-7"})


def token(client, email):
    body = {"email": email, "password": "wrong-horse-7"}
    return client.post("/api/v1/auth/token/", body, "application/json")


def work_of(client, hashes, door, email):
    """Return the hashes, the statements by table, the e-mails, and the answer of a request."""
    client.cookies.clear()
    hashes.clear()
    mail.outbox.clear()
    with CaptureQueriesContext(connection) as queries:
        answer = door(client, email)
    statements = [shape(query["sql"]) for query in queries.captured_queries]
    said = (answer.status_code, answer.headers.get("Location"))
    return len(hashes), statements, len(mail.outbox), said


def shape(sql):
    verb, *_rest = sql.split()
    table = re.search(r'(?:INTO|FROM|UPDATE) "?(\w+)', sql)
    return verb if verb in {"SAVEPOINT", "RELEASE", "ROLLBACK"} else (verb, table and table[1])


@pytest.mark.parametrize("door", [by_page, by_api])
def test_sign_up_does_the_same_work_for_each_address(client, hashes, people, door):
    before = User.objects.count()

    work = {email: work_of(client, hashes, door, email) for email in people}

    assert {email: cost[0] for email, cost in work.items()} == dict.fromkeys(people, 1)
    expected = [line if line != "RELEASE" else "ROLLBACK" for line in work["new@example.com"][1]]
    for email, (_hashes, statements, mails, said) in work.items():
        settled = [line if line != "RELEASE" else "ROLLBACK" for line in statements]
        assert without_rollback(settled) == without_rollback(expected), email
        assert (mails, said) == work["new@example.com"][2:], email
    assert User.objects.count() == before + 1
    assert EmailAddress.objects.get(email="new@example.com").verified is False
    assert LoggedEvent.objects.filter(payload__student_id=User.objects.latest("pk").pk).exists()


def without_rollback(statements):
    """A savepoint that is rolled back is released as well: one word more, no work."""
    return [line for line in statements if line != "ROLLBACK"]


@pytest.mark.parametrize("door", [log_in, token])
def test_log_in_does_the_same_work_for_each_address(client, hashes, people, door):
    work = {email: work_of(client, hashes, door, email) for email in people}

    assert {email: cost[0] for email, cost in work.items()} == dict.fromkeys(people, 1)
    assert {cost[2:] for cost in work.values()} == {work["new@example.com"][2:]}
    counts = {email: len(cost[1]) for email, cost in work.items()}
    assert max(counts.values()) - min(counts.values()) == 0, counts


def test_reset_hashes_nothing_and_answers_alike(client, hashes, people):
    work = {email: work_of(client, hashes, reset, email) for email in people}

    assert {cost[0] for cost in work.values()} == {0}
    assert {cost[2:] for cost in work.values()} == {work["new@example.com"][2:]}


def test_log_in_by_the_second_confirmed_address_works(client, people):
    given = {"login": "second@example.com", "password": PASSWORD}

    assert client.post(reverse("account_login"), given).status_code == 302


def test_log_in_knows_no_address_that_its_owner_has_not_confirmed(client, alice, mallory):
    EmailAddress.objects.create(user=mallory, email="claimed@example.com")
    given = {"login": "claimed@example.com", "password": PASSWORD}

    assert client.post(reverse("account_login"), given).status_code == 400


def test_address_that_another_account_only_claims_is_free(client, mallory):
    EmailAddress.objects.create(user=mallory, email="claimed@example.com")

    by_page(client, "claimed@example.com")

    assert User.objects.filter(email="claimed@example.com").exists()
    assert "/accounts/confirm-email/" in mail.outbox[0].body
