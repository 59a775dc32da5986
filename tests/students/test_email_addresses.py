"""An e-mail address has one form: stored, unique, compared by equality."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Value
from django.urls import reverse

from apps.students import queries, services
from apps.students.models import SentEmail, TryCount, User
from foundation.email_addresses import normalize_email
from tests.conftest import PASSWORD, make_user

pytestmark = pytest.mark.django_db
DOTLESS = "al\u0131ce@example.com"
KELVIN = "ali\u212ae@example.com"
LONG_S = "\u017fam@example.com"
SAME = [
    ("alice@example.com", "alice@example.com"),
    ("ALICE@Example.COM", "alice@example.com"),
    ("  alice@example.com\t", "alice@example.com"),
    ("ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", "alice@example.com"),
    ("alice@example。com", "alice@example.com"),
    ("a@bücher.example", "a@xn--bcher-kva.example"),
    ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
    ("a@bu\u0308cher.example", "a@xn--bcher-kva.example"),
    ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),
    ("a@학교.한국", "a@xn--9d0b527e.xn--3e0b707e"),
    (KELVIN, "alike@example.com"),  # by NFC the same letter, not one that looks like it
    ("o'neil+x/y=z@example.com", "o'neil+x/y=z@example.com"),
]
REFUSED = [
    DOTLESS, LONG_S, "\u0130@example.com", "홍길동@example.com", "é@example.com",
    "ⓐlice@example.com", "ﬁ@example.com", "alice", "@example.com", "alice@", "alice@example",
    "a@@example.com", '"a\\ b"@example.com', "a b@example.com", "alice@exa\u200bmple..com", "",
    "a\x00@example.com", "alice@\u0131.", "a@-x.example", "alice@example.com\u2060x y",
]  # fmt: skip


@pytest.mark.parametrize(("typed", "stored"), SAME)
def test_address_has_one_form(typed, stored):
    assert normalize_email(typed) == stored
    assert normalize_email(stored) == stored


@pytest.mark.parametrize("typed", REFUSED)
def test_address_that_no_mail_reaches_is_refused(typed):
    with pytest.raises(ValidationError):
        normalize_email(typed)


@pytest.mark.parametrize("typed", ["ALICE@Example.COM", "ａｌｉｃｅ＠example.com"])
def test_every_door_takes_an_address_however_it_is_typed(client, client_of, alice, typed):
    log_in = {"login": typed, "password": PASSWORD}
    token = {"email": typed, "password": PASSWORD}

    assert client.post(reverse("account_login"), log_in).status_code == 302
    client.logout()
    assert client.post("/api/v1/auth/token/", token, "application/json").status_code == 200
    client.post(reverse("account_reset_password"), {"email": typed})
    assert [message.to for message in mail.outbox] == [[alice.email]]
    assert list(queries.find_people(emails=[normalize_email(typed)])) == [alice.email]
    assert User.objects.get_by_natural_key(typed) == alice


@pytest.mark.parametrize("typed", [DOTLESS, LONG_S])
def test_lookalike_is_refused_by_every_door(client, alice, carol, typed):
    make_user("alike@example.com", "Alike")
    make_user("sam@example.com", "Sam")
    before = User.objects.count()
    fields = {"email": typed, "name": "M", "password1": "correct-horse-7"}
    body = {"email": typed, "name": "M", "password": "correct-horse-7"}

    assert client.post(reverse("account_signup"), fields).status_code == 400
    assert client.post("/api/v1/students/", body, "application/json").status_code == 400
    assert client.post(reverse("account_reset_password"), {"email": typed}).status_code == 400
    login = {"login": typed, "password": PASSWORD}
    assert client.post(reverse("account_login"), login).status_code == 400
    client.force_login(carol)
    client.post(
        "/admin/students/user/add/", fields | {"language": "ko", "usable_password": "false"}
    )
    client.post(reverse("account_email"), {"email": typed, "action_add": ""})
    assert User.objects.count() == before
    assert not EmailAddress.objects.filter(email=typed).exists()
    assert mail.outbox == []
    assert not SentEmail.objects.exists()


def test_stranger_gets_none_of_the_owners_mails(alice, mallory):
    services.send_account_mail(
        kind=services_kind("unknown_account"), address=DOTLESS,
        student=services.find_student_by_address(email=DOTLESS), language="en",
        facts={"signup_url": "/x", "email": DOTLESS},
    )  # fmt: skip

    assert SentEmail.objects.get().recipient is None
    assert services.find_student_by_address(email="ALICE@example.com") == alice


def services_kind(name):
    from apps.students.letters import KINDS

    return KINDS[name]


@pytest.mark.parametrize("stored", ["Alice@example.com", DOTLESS, "a b@example.com"])
def test_database_holds_both_tables_to_the_form(alice, bob, stored):
    for rows in (User.objects.filter(pk=bob.pk), EmailAddress.objects.filter(user=bob)):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(email=Value(stored))


def test_attempts_are_counted_for_one_account_however_it_is_typed(alice):
    for typed in ("alice@example.com", "ALICE@EXAMPLE.COM", " ａlice@example.com "):
        services.count_log_in(email=typed, address="127.0.0.1")

    row = TryCount.objects.get(purpose="log_in")
    assert (row.tries, row.user) == (3, alice)


def test_user_made_by_code_is_stored_normalized(db):
    assert User.objects.create_user("Ａ@BÜCHER.example").email == "a@xn--bcher-kva.example"
    user = User(email="B@Example.com", name="B")
    user.save()
    user.refresh_from_db()
    assert user.email == "b@example.com"
    assert User.objects.filter(email="B@EXAMPLE.COM").exists()
