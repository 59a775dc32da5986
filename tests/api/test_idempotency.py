"""The same key and body give the first answer again, and nothing happens twice."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken

from apps.courses.models import Course
from apps.lectures.models import Enrollment
from apps.payments.models import Charge
from apps.payments.services import set_sandbox_behaviour
from elearning import idempotency
from elearning.models import IdempotentRequest
from tests.conftest import PASSWORD

COURSES = "/api/v1/courses/"
TOKEN = "/api/v1/auth/token/"
STUDENTS = "/api/v1/students/"
KEY = {"HTTP_IDEMPOTENCY_KEY": "one"}
LOG_IN = {"email": "alice@example.com", "password": PASSWORD}
SIGN_UP = {"email": "new@example.com", "password": "a-good-password", "name": "New"}


def test_same_key_and_body_give_the_first_answer_again(carol, client_of):
    staff = client_of(carol)

    first = staff.post(COURSES, {"title": "SQL"}, **KEY)
    again = staff.post(COURSES, {"title": "SQL"}, **KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for header in ("Content-Type", "Location"):
        assert again[header] == first[header]
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert Course.objects.count() == 1


def test_same_key_with_another_body_or_address_is_a_422(carol, client_of, make_course):
    staff = client_of(carol)
    staff.post(COURSES, {"title": "SQL"}, **KEY)

    other_body = staff.post(COURSES, {"title": "NoSQL"}, **KEY)
    other_address = staff.post("/api/v1/lectures/", {"title": "SQL"}, **KEY)

    for answer in (other_body, other_address):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
        assert answer["Content-Type"] == "application/problem+json"
    assert Course.objects.count() == 1


def test_without_a_key_or_under_another_nothing_is_repeated(carol, client_of):
    staff = client_of(carol)
    staff.post(COURSES, {"title": "SQL"}, **KEY)
    staff.post(COURSES, {"title": "SQL"})
    staff.post(COURSES, {"title": "SQL"}, HTTP_IDEMPOTENCY_KEY="two")

    assert Course.objects.count() == 3


def test_refusals_are_repeated_too(carol, client_of):
    staff = client_of(carol)

    answers = [staff.post(COURSES, {"titel": "SQL"}, **KEY) for _ in range(2)]
    corrected = staff.post(COURSES, {"title": "SQL"}, **KEY)

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[1].content == answers[0].content
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert corrected.status_code == 422


def test_declined_charge_is_repeated_without_a_second_one(alice, client_of, make_course, enroll):
    enroll(alice, make_course())
    student = client_of(alice)
    payment = student.get("/api/v1/lectures/").json()["results"][0]["payment"]["id"]
    address = f"/api/v1/payments/{payment}/charges/"

    answers = [student.post(address, {"token": "tok_declined"}, **KEY) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [402, 402]
    assert answers[1].json()["decline_code"] == "card_declined"
    assert Charge.objects.count() == 1


def test_deferred_answer_is_repeated_with_its_retry_after(
    alice, client_of, make_course, enroll, settings
):
    settings.PAYMENT_BACKOFF_INITIAL_SECONDS = 0.001
    enroll(alice, make_course())
    student = client_of(alice)
    payment = student.get("/api/v1/lectures/").json()["results"][0]["payment"]["id"]
    address = f"/api/v1/payments/{payment}/charges/"
    set_sandbox_behaviour(behaviour="down")

    first, again = (student.post(address, {"token": "tok_approved"}, **KEY) for _ in range(2))

    assert (first.status_code, again.status_code) == (202, 202)
    assert again["Retry-After"] == first["Retry-After"]


def test_keys_of_different_people_do_not_meet(alice, bob, client_of, make_course):
    body = {"course": make_course()}

    hers, his = (
        client_of(person).post("/api/v1/lectures/", body, **KEY) for person in (alice, bob)
    )

    assert (hers.status_code, his.status_code) == (201, 201)
    assert hers.json()["student"] != his.json()["student"]


def test_key_stays_the_persons_with_a_new_token(alice, client_of, make_course):
    body = {"course": make_course()}

    first = client_of(alice).post("/api/v1/lectures/", body, **KEY)
    again = client_of(alice).post("/api/v1/lectures/", body, **KEY)

    assert again["Idempotent-Replayed"] == "true"
    assert again.content == first.content


def test_revoked_token_gets_no_answer_again(alice, client_of, make_course):
    student = client_of(alice)
    body = {"course": make_course()}
    student.post("/api/v1/lectures/", body, **KEY)
    AuthToken.objects.all().delete()

    assert student.post("/api/v1/lectures/", body, **KEY).status_code == 401


def test_log_in_under_a_key_gives_one_token(alice, client_of):
    first, again = (client_of().post(TOKEN, LOG_IN, **KEY) for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert again["Cache-Control"] == "no-store"
    assert AuthToken.objects.count() == 1


def test_stranger_who_guesses_the_key_gets_neither_token_nor_hint(alice, client_of):
    client_of().post(TOKEN, LOG_IN, **KEY)
    client_of().post(STUDENTS, SIGN_UP, HTTP_IDEMPOTENCY_KEY="two")

    wrong = client_of().post(TOKEN, LOG_IN | {"password": "guessed-it"}, **KEY)
    curious = client_of().post(
        STUDENTS, SIGN_UP | {"password": "guessed-it"}, HTTP_IDEMPOTENCY_KEY="two"
    )

    assert (wrong.status_code, curious.status_code) == (422, 422)
    assert "token" not in wrong.json()


def test_sign_up_under_a_key_sends_one_mail(client_of, db):
    answers = [client_of().post(STUDENTS, SIGN_UP, **KEY) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(mail.outbox) == 1


def test_database_tells_neither_token_nor_password(alice, client_of):
    token = client_of().post(TOKEN, LOG_IN, **KEY).json()["token"]

    row = IdempotentRequest.objects.get()

    assert token.encode() not in bytes(row.body)
    assert "alice" not in str(vars(row))
    plain = f"{TOKEN}\n".encode() + b'{"email":"alice@example.com","password":"learn-by-doing"}'
    assert row.fingerprint != hashlib.sha256(plain).hexdigest()


def test_answer_that_was_altered_is_not_given(alice, client_of):
    client_of().post(TOKEN, LOG_IN, **KEY)
    row = IdempotentRequest.objects.get()
    sealed = bytes(row.body)
    for altered in (sealed[:-9] + b"AAAAAAAA=", sealed[:-1], b"", b"x" * len(sealed)):
        IdempotentRequest.objects.update(body=altered)

        answer = client_of().post(TOKEN, LOG_IN, **KEY)

        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_answer_lost")
    assert AuthToken.objects.count() == 1


def test_answer_of_another_request_is_not_given(carol, client_of):
    staff = client_of(carol)
    staff.post(COURSES, {"title": "SQL"}, **KEY)
    other = staff.post(COURSES, {"title": "NoSQL"}, HTTP_IDEMPOTENCY_KEY="two")
    assert other.status_code == 201
    bodies = dict(IdempotentRequest.objects.values_list("key", "body"))
    IdempotentRequest.objects.filter(key="one").update(body=bodies["two"])

    assert staff.post(COURSES, {"title": "SQL"}, **KEY).status_code == 409


def test_answer_outlives_a_change_of_the_secret_key(alice, client_of, settings):
    first = client_of().post(TOKEN, LOG_IN, **KEY)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the-next-one"

    again = client_of().post(TOKEN, LOG_IN, **KEY)

    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"


def test_failed_log_in_and_fault_are_not_kept(alice, client_of, monkeypatch, settings):
    refused = client_of().post(TOKEN, LOG_IN | {"password": "wrong"}, **KEY)

    assert refused.status_code == 401
    assert not IdempotentRequest.objects.exists()


def test_crash_gives_the_key_back(carol, client_of, monkeypatch):
    def crash(**fields):
        raise ZeroDivisionError

    staff = client_of(carol, raise_request_exception=False)
    with monkeypatch.context() as broken:
        broken.setattr("apps.courses.services.register_course", crash)
        crashed = staff.post(COURSES, {"title": "SQL"}, **KEY)
    again = staff.post(COURSES, {"title": "SQL"}, **KEY)

    assert (crashed.status_code, crashed.json()["code"]) == (500, "error")
    assert crashed["Content-Type"] == "application/problem+json"
    assert again.status_code == 201
    assert "Idempotent-Replayed" not in again


def test_first_request_that_died_is_forgotten_after_a_minute(carol, client_of):
    staff = client_of(carol)
    staff.post(COURSES, {"title": "SQL"}, **KEY)
    row = IdempotentRequest.objects.get()
    row.status_code = None
    row.save()

    in_flight = staff.post(COURSES, {"title": "SQL"}, **KEY)
    row.created_at = timezone.now() - timedelta(seconds=idempotency.STALE_SECONDS + 1)
    row.save()
    again = staff.post(COURSES, {"title": "SQL"}, **KEY)

    assert (in_flight.status_code, in_flight.json()["code"]) == (409, "idempotency_key_in_flight")
    assert in_flight["Retry-After"] == "1"
    assert again.status_code == 201


def test_keys_are_forgotten_after_a_day(carol, client_of, settings):
    staff = client_of(carol)
    staff.post(COURSES, {"title": "SQL"}, **KEY)
    day_ago = timezone.now() - timedelta(seconds=settings.IDEMPOTENCY_KEY_SECONDS + 1)
    IdempotentRequest.objects.update(created_at=day_ago)

    assert idempotency.forget_old_keys() == 1
    assert staff.post(COURSES, {"title": "NoSQL"}, **KEY).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "a\x7f", "a\n", "\u00e9"])
def test_key_that_cannot_be_taken_is_a_400(carol, client_of, key):
    response = client_of(carol).post(COURSES, {"title": "SQL"}, HTTP_IDEMPOTENCY_KEY=key)

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"
    assert not Course.objects.exists()


def test_key_on_an_address_that_takes_no_post_is_harmless(carol, client_of):
    staff = client_of(carol)

    answers = [staff.post(path, {}, **KEY).status_code for path in ("/api/v1/history/", "/api/x/")]

    assert answers == [405, 404]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_under_one_key_do_it_once(alice, client_of, make_course):
    body = {"course": make_course()}
    clients = [client_of(alice) for _ in range(2)]
    together = Barrier(2)

    def post(client):
        together.wait()
        try:
            return client.post("/api/v1/lectures/", body, **KEY)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(post, clients))
    later = client_of(alice).post("/api/v1/lectures/", body, **KEY)

    # the second either came while the first was under way, or got its answer again
    assert {answer.status_code for answer in answers} <= {201, 409}
    bodies = {answer.content for answer in answers if answer.status_code == 201}
    assert bodies == {later.content}
    assert all(
        answer.json()["code"] == "idempotency_key_in_flight"
        for answer in answers
        if answer.status_code == 409
    )
    assert Enrollment.objects.count() == 1
    assert later["Idempotent-Replayed"] == "true"


def send(client, method, path, text, **extra):
    return client.generic(method, path, text, content_type="application/json", **KEY, **extra)


@pytest.mark.parametrize(
    "again",
    [
        '{"summary":"a\\u00e9","title":"SQL","capacity":5}',
        '  {"capacity" : 5,\n "title": "SQL",\t"summary": "a\u00e9"} ',
        '{"t\\u0069tle": "SQL", "summary": "a\u00e9", "capacity": 5}',
    ],
)
def test_same_json_in_other_order_or_spacing_is_the_same_request(carol, client_of, again):
    staff = client_of(carol)
    first = send(staff, "POST", COURSES, '{"title": "SQL", "summary": "aé", "capacity": 5}')

    repeated = send(staff, "POST", COURSES, again)

    assert (first.status_code, repeated.status_code) == (201, 201)
    assert repeated.content == first.content
    assert Course.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [
        '{"title": "SQL", "capacity": 5.0}',
        '{"title": "SQL", "capacity": "5"}',
        '{"title": "SQL", "capacity": 5, "capacity": 5}',
        '{"title": "SQ\\u0141", "capacity": 5}',
        '{"title": "SQL", "capacity": 5, "summary": ""}',
        '{"title": "SQL", "capacity": 5',
    ],
)
def test_json_that_means_something_else_is_another_request(carol, client_of, other):
    staff = client_of(carol)
    send(staff, "POST", COURSES, '{"title": "SQL", "capacity": 5}')

    assert send(staff, "POST", COURSES, other).status_code == 422


def test_composed_and_decomposed_letters_are_different_requests(carol, client_of):
    staff = client_of(carol)
    send(staff, "POST", COURSES, '{"title": "caf\u00e9"}')

    assert send(staff, "POST", COURSES, '{"title": "cafe\u0301"}').status_code == 422


def test_patch_under_a_key_changes_once(carol, client_of, make_course):
    staff = client_of(carol)
    path = f"{COURSES}{make_course(capacity=5)}/"

    first = send(staff, "PATCH", path, '{"capacity": 7}')
    staff.patch(path, {"capacity": 9})
    again = send(staff, "PATCH", path, '{"capacity":7}')
    other = send(staff, "PATCH", path, '{"capacity": 8}')

    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 422)
    assert again["Idempotent-Replayed"] == "true"
    assert Course.objects.get().capacity == 9


def test_delete_under_a_key_is_answered_alike(carol, client_of, make_course):
    staff = client_of(carol)
    path = f"{COURSES}{make_course()}/"

    first, again = (staff.delete(path, **KEY) for _ in range(2))

    assert (first.status_code, again.status_code) == (204, 204)
    assert again["Idempotent-Replayed"] == "true"
    assert again.headers.get("Content-Type") == first.headers.get("Content-Type")


def test_cancelling_under_a_key_refunds_once(alice, client_of, make_course, enroll):
    enrollment = enroll(alice, make_course())
    student = client_of(alice)
    path = f"/api/v1/lectures/{enrollment}/"

    first, again = (send(student, "PATCH", path, '{"status": "cancelled"}') for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content


def test_full_course_is_tried_again_under_the_same_key(alice, bob, client_of, make_course, enroll):
    course = make_course(capacity=1)
    enrollment = enroll(bob, course)
    student = client_of(alice)

    full = student.post("/api/v1/lectures/", {"course": course}, **KEY)
    client_of(bob).patch(f"/api/v1/lectures/{enrollment}/", {"status": "cancelled"})
    taken = student.post("/api/v1/lectures/", {"course": course}, **KEY)

    assert (full.status_code, full.json()["code"]) == (409, "course_full")
    assert taken.status_code == 201
    assert "Idempotent-Replayed" not in taken


@pytest.mark.parametrize(
    ("path", "content_type", "status"),
    [
        ("/api/v1/lectures/", "text/plain", 415),
        ("/api/v1/payments/999999/charges/", "application/json", 404),
        ("/api/v1/nowhere/", "application/json", 404),
        ("/api/v1/history/", "application/json", 405),
    ],
)
def test_refusal_about_the_address_or_moment_is_not_kept(
    alice, client_of, path, content_type, status
):
    answer = client_of(alice).generic(
        "POST", path, '{"token": "tok_approved"}', content_type=content_type, **KEY
    )

    assert answer.status_code == status
    assert not IdempotentRequest.objects.exists()


@pytest.mark.parametrize("path", ["/api/v1/lectures/", "/api/v1/nowhere/", TOKEN, STUDENTS])
def test_nothing_is_kept_for_a_stranger_who_is_refused(client_of, db, path):
    answer = client_of().post(path, {"course": 1}, **KEY)

    assert answer.status_code in {400, 401, 404}
    assert not IdempotentRequest.objects.exists()


def test_huge_answer_is_not_kept_but_what_it_did_is_not_done_twice(carol, client_of, settings):
    settings.IDEMPOTENCY_MAX_ANSWER_BYTES = 100
    staff = client_of(carol)

    first, again = (staff.post(COURSES, {"title": "SQL"}, **KEY) for _ in range(2))

    assert first.status_code == 201
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_answer_lost")
    assert len(bytes(IdempotentRequest.objects.get().body)) == 0
    assert Course.objects.count() == 1


def test_log_in_is_done_anew_once_its_token_has_ended(alice, client_of):
    first = client_of().post(TOKEN, LOG_IN, **KEY).json()["token"]
    AuthToken.objects.all().delete()

    again = client_of().post(TOKEN, LOG_IN, **KEY)
    replayed = client_of().post(TOKEN, LOG_IN, **KEY)

    assert again.status_code == 200
    assert again.json()["token"] != first
    assert replayed.json() == again.json()
    entered = client_of().get(
        "/api/v1/history/", HTTP_AUTHORIZATION=f"Token {again.json()['token']}"
    )
    assert entered.status_code == 200


def test_log_in_under_a_key_is_refused_after_a_new_password(alice, client_of, client):
    client_of().post(TOKEN, LOG_IN, **KEY)
    client.force_login(alice)
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "another-good-one", "password2": "another-good-one"},
    )
    alice.refresh_from_db()
    assert alice.check_password("another-good-one")

    assert client_of().post(TOKEN, LOG_IN, **KEY).status_code == 401


def test_key_costs_few_statements(alice, client_of, make_course, django_assert_num_queries):
    student = client_of(alice)
    course = make_course()
    with CaptureQueriesContext(connection) as plain:
        student.post("/api/v1/lectures/", {"course": course})
    other = make_course()
    with CaptureQueriesContext(connection) as keyed:
        first = student.post("/api/v1/lectures/", {"course": other}, **KEY)
    with CaptureQueriesContext(connection) as repeated:
        student.post("/api/v1/lectures/", {"course": other}, **KEY)

    assert first.status_code == 201
    assert len(keyed) - len(plain) == 2
    of_the_key = [each for each in repeated if "idempotentrequest" in each["sql"]]
    assert len(of_the_key) == 2
