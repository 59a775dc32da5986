"""Tokens and sign-up: for their owners easy, for everybody else no source of knowledge."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from knox.models import AuthToken

from apps.students.models import User
from tests.conftest import PASSWORD

TOKEN = "/api/v1/auth/token/"
STUDENTS = "/api/v1/students/"
SIGN_UP = {"email": "new@example.com", "password": "a-good-password", "name": "New Student"}


def test_token_opens_the_api(alice, client_of):
    answer = client_of().post(TOKEN, {"email": "Alice@Example.com", "password": PASSWORD})

    assert answer.status_code == 200
    client = client_of()
    token = answer.json()["token"]
    assert len(token) >= 32  # of 4 bits each
    assert client_of().get(f"/api/v1/students/me/?token={token}").status_code == 401
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    me = client.get("/api/v1/students/me/").json()
    assert (me["id"], me["email"], me["is_staff"]) == (alice.pk, "alice@example.com", False)
    assert answer["Cache-Control"] == "no-store"


def test_refusals_do_not_tell_which_addresses_are_known(alice, bob, client_of):
    bob.is_active = False
    bob.save()
    EmailAddress.objects.filter(user=alice).update(verified=False)

    answers = [
        client_of().post(TOKEN, {"email": email, "password": password})
        for email, password in [
            ("alice@example.com", "wrong-password"),
            ("alice@example.com", PASSWORD),  # right, but the address is not confirmed
            ("bob@example.com", PASSWORD),  # inactive
            ("nobody@example.com", PASSWORD),
        ]
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "log_in_refused"
    assert answers[0]["WWW-Authenticate"] == "Token"


def test_unconfirmed_address_gets_a_token_where_the_school_allows_it(client_of, db, settings):
    settings.API_TOKEN_NEEDS_CONFIRMED_EMAIL = False
    client_of().post(STUDENTS, SIGN_UP)

    answer = client_of().post(TOKEN, {key: SIGN_UP[key] for key in ("email", "password")})

    assert answer.status_code == 200


def test_expired_tokens_are_cleared_at_log_in(alice, client_of):
    AuthToken.objects.create(user=alice)
    AuthToken.objects.update(expiry="2020-01-01T00:00:00Z")

    client_of().post(TOKEN, {"email": alice.email, "password": PASSWORD})

    assert AuthToken.objects.count() == 1


def test_sign_up_answers_the_same_for_a_known_address(alice, client_of):
    fresh = client_of().post(STUDENTS, SIGN_UP)
    known = client_of().post(STUDENTS, SIGN_UP | {"email": "Alice@example.com"})

    assert (fresh.status_code, known.status_code) == (201, 201)
    assert (
        set(fresh.json())
        == set(known.json())
        == {*("email", "name", "latin_name", "language", "detail")}
    )
    assert fresh.json()["detail"] == known.json()["detail"]
    assert set(fresh.headers) == set(known.headers)
    assert [message.to for message in mail.outbox] == [["new@example.com"], ["alice@example.com"]]
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert alice.name == "Alice Kim"


def test_signed_up_student_logs_in_once_the_address_is_confirmed(client_of, db):
    credentials = {key: SIGN_UP[key] for key in ("email", "password")}
    client_of().post(STUDENTS, SIGN_UP)

    before = client_of().post(TOKEN, credentials)
    EmailAddress.objects.update(verified=True)
    after = client_of().post(TOKEN, credentials)

    assert (before.status_code, after.status_code) == (401, 200)
    student = User.objects.get()
    assert (student.name, student.language, student.is_staff) == ("New Student", "en", False)


def test_old_token_in_the_header_does_not_hinder_log_in_or_sign_up(alice, client_of):
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION="Token expired")

    answers = [
        client.post(TOKEN, {"email": alice.email, "password": PASSWORD}).status_code,
        client.post(STUDENTS, SIGN_UP).status_code,
    ]

    assert answers == [200, 201]


@pytest.mark.parametrize(
    "body", [{}, {"email": "alice@example.com"}, {"email": [[]], "password": {}}]
)
def test_incomplete_log_in_is_a_400(alice, client_of, body):
    assert client_of().post(TOKEN, body).status_code == 400
