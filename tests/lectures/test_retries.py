"""What the database gave up for the sake of another transaction is tried again, and only that."""

import psycopg
import pytest
from django.db import OperationalError, transaction

from apps.lectures import services as lectures
from apps.retries import retry_given_up


def given_up(sqlstate):
    error = OperationalError("given up")
    error.__cause__ = psycopg.errors.lookup(sqlstate)()
    return error


class Command:
    def __init__(self, *errors):
        self.errors, self.calls = list(errors), 0

    def __call__(self):
        self.calls += 1
        if self.errors:
            raise self.errors.pop()
        return "done"


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
@pytest.mark.django_db(transaction=True)
def test_command_is_tried_again_when_the_database_gave_it_up(sqlstate):
    command = Command(given_up(sqlstate), given_up(sqlstate))

    assert retry_given_up(command)() == "done"
    assert command.calls == 3


@pytest.mark.django_db(transaction=True)
def test_third_time_is_the_last():
    command = Command(*(given_up("40P01") for _time in range(5)))

    with pytest.raises(OperationalError):
        retry_given_up(command)()
    assert command.calls == 3


@pytest.mark.django_db(transaction=True)
def test_lock_that_took_too_long_is_not_tried_again():
    command = Command(given_up("55P03"))

    with pytest.raises(OperationalError):
        retry_given_up(command)()
    assert command.calls == 1


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_nothing_is_tried_again():
    command = Command(given_up("40P01"))

    with transaction.atomic(), pytest.raises(OperationalError):
        retry_given_up(command)()
    assert command.calls == 1


@pytest.mark.django_db(transaction=True)
def test_page_is_a_503_when_the_database_has_no_room(client, alice, make_course, monkeypatch):
    def no_room(**arguments):
        raise given_up("55P03")

    monkeypatch.setattr(lectures, "request_enrollment", no_room)
    client.force_login(alice)
    client.raise_request_exception = False

    response = client.post("/lectures/", {"course": make_course()})

    assert response.status_code == 503
    assert response["Retry-After"] == "2"
