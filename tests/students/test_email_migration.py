"""Stored addresses are normalized, and collisions are resolved without losing an account."""

from importlib import import_module
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Value

from apps.students.models import User
from tests.conftest import make_user

pytestmark = pytest.mark.django_db
migration = import_module("apps.students.migrations.0013_normalize_email_addresses")


@pytest.fixture
def before():
    """The tables as they were: any address may be stored."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE students_user DROP CONSTRAINT user_email_is_normalized")
        cursor.execute(
            "ALTER TABLE account_emailaddress DROP CONSTRAINT account_email_is_normalized"
        )


def stored(name, email, *, verified=True):
    user = make_user(f"{name}@example.com", name)
    User.objects.filter(pk=user.pk).update(email=Value(email))
    addresses = EmailAddress.objects.filter(user=user)
    addresses.update(email=Value(email), verified=verified)
    return user.pk


def address_of(pk):
    return User.objects.values_list("email", flat=True).get(pk=pk)


def rows_of(pk):
    rows = EmailAddress.objects.filter(user_id=pk).order_by("email")
    return list(rows.values_list("email", "verified", "primary"))


def migrate():
    migration.normalize(apps, None)


def test_migration_normalizes_what_can_be(before):
    upper = stored("upper", "Upper@Example.COM")
    domain = stored("domain", "a@bücher.example")

    migrate()

    assert (address_of(upper), address_of(domain)) == (
        "upper@example.com", "a@xn--bcher-kva.example",
    )  # fmt: skip
    assert rows_of(upper) == [("upper@example.com", True, True)]


def test_confirmed_account_keeps_the_address_that_two_have(before, capsys):
    claimed = stored("claimed", "a@bücher.example", verified=False)
    owner = stored("owner", "a@xn--bcher-kva.example")

    migrate()

    assert address_of(owner) == "a@xn--bcher-kva.example"
    assert address_of(claimed) == f"account-{claimed}@removed.invalid"
    assert rows_of(claimed) == []
    assert rows_of(owner) == [("a@xn--bcher-kva.example", True, True)]
    assert f"Account {claimed}: 'a@bücher.example' cannot be kept" in capsys.readouterr().out


def test_address_that_reaches_nobody_gets_a_stand_in(before):
    alice = make_user("alice@example.com", "Alice").pk
    lookalike = stored("lookalike", "al\u0131ce@example.com")

    migrate()

    assert address_of(alice) == "alice@example.com"
    assert address_of(lookalike) == f"account-{lookalike}@removed.invalid"
    assert User.objects.count() == 2


def test_two_rows_of_one_account_become_one(before):
    user = make_user("a@example.com", "A")
    second = EmailAddress.objects.create(user=user, email="b@example.com")
    EmailAddress.objects.filter(pk=second.pk).update(email=Value("A@EXAMPLE.com"))

    migrate()

    assert rows_of(user.pk) == [("a@example.com", True, True)]


def test_migration_changes_nothing_a_second_time(before):
    pk = stored("upper", "Upper@Example.COM")
    migrate()
    migrate()

    assert rows_of(pk) == [("upper@example.com", True, True)]


def test_command_gives_an_account_another_address(alice, bob):
    call_command("set_email", str(alice.pk), "New@Example.com", stdout=StringIO())

    assert rows_of(alice.pk) == [("new@example.com", False, True)]
    assert address_of(alice.pk) == "new@example.com"
    for email in ("bob@example.com", "BOB@example.com", "al\u0131ce@example.com"):
        with pytest.raises(CommandError):
            call_command("set_email", str(alice.pk), email)
