"""Every call and every role: not yours is 404, the staff's is 403, a stranger gets 401."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import transaction
from knox.models import AuthToken
from rest_framework.test import APIClient

from apps.certification.models import Certificate
from apps.courses.models import Lesson
from apps.lectures.services import join_waiting_list
from apps.payments.models import Payment
from apps.students.models import TokenDetail
from apps.students.services import create_token

STRANGER, OWNER, OTHER, STAFF = "stranger", "owner", "other", "staff"


@dataclass(frozen=True)
class World:
    """Bob's enrollment is approved, Alice's is completed and certified; ids by name."""

    course: int
    draft: int
    lesson: int
    lecture: int
    unpaid: int
    payment: int
    certificate: int
    full: int
    place: int
    token: int


@pytest.fixture
def world(alice, bob, make_course, enroll, pay, learn, deliver_all):
    certified = enroll(alice, make_course(title="Certified"))
    pay(certified, alice)
    learn(certified, alice)
    course_id = make_course()
    lecture = enroll(alice, course_id)
    pay(lecture, alice)
    unpaid = enroll(alice, make_course(title="Unpaid"))
    full = make_course(title="Full", capacity=1)
    enroll(bob, full)
    place = join_waiting_list(student_id=alice.pk, course_id=full)
    create_token(user_id=alice.pk, name="Payroll", is_verified=False)
    deliver_all()
    return World(
        course=course_id,
        draft=make_course(title="Draft", opened=False),
        lesson=Lesson.objects.filter(course_id=course_id).first().pk,
        lecture=lecture,
        unpaid=unpaid,
        payment=Payment.objects.get(reference=f"lecture-{unpaid}").pk,
        certificate=Certificate.objects.get().pk,
        full=full,
        place=place,
        token=TokenDetail.objects.get(token__user=alice).pk,
    )


@pytest.fixture
def people(alice, mallory, carol):
    return {OWNER: alice, OTHER: mallory, STAFF: carol}


# method, address, body, and the answer to stranger, owner, other student, staff
TABLE = [
    ("get", "students/me/", None, (401, 200, 200, 200)),
    ("get", "auth/tokens/", None, (401, 200, 200, 200)),
    ("delete", "auth/tokens/{token}/", None, (401, 204, 404, 404)),
    ("get", "courses/", None, (200, 200, 200, 200)),
    ("get", "courses/?status=draft", None, (401, 403, 403, 200)),
    ("post", "courses/", {"title": "New"}, (401, 403, 403, 201)),
    ("get", "courses/{course}/", None, (200, 200, 200, 200)),
    ("get", "courses/{draft}/", None, (404, 404, 404, 200)),
    ("patch", "courses/{course}/", {"summary": "x"}, (401, 403, 403, 200)),
    ("delete", "courses/{course}/", None, (401, 403, 403, 204)),
    ("get", "courses/{course}/lessons/", None, (200, 200, 200, 200)),
    ("get", "courses/{draft}/lessons/", None, (404, 404, 404, 200)),
    ("get", "lectures/", None, (401, 200, 200, 200)),
    ("get", "lectures/?student={carol}", None, (401, 403, 403, 200)),
    ("post", "lectures/", {"course": "course"}, (401, 409, 201, 201)),
    ("get", "lectures/{lecture}/", None, (401, 200, 404, 200)),
    ("patch", "lectures/{lecture}/", {"status": "cancelled"}, (401, 200, 404, 200)),
    ("patch", "lectures/{lecture}/", {"status": "completed"}, (401, 403, 404, 200)),
    ("post", "lectures/{lecture}/lessons/{lesson}/completion/", None, (401, 200, 404, 404)),
    ("post", "lectures/{unpaid}/lessons/{lesson}/completion/", None, (401, 409, 404, 404)),
    ("get", "waiting-list/", None, (401, 200, 200, 200)),
    ("post", "waiting-list/", {"course": "full"}, (401, 409, 201, 201)),
    ("get", "waiting-list/{place}/", None, (401, 200, 404, 200)),
    ("delete", "waiting-list/{place}/", None, (401, 204, 404, 403)),
    ("get", "payments/{payment}/", None, (401, 200, 404, 200)),
    ("patch", "payments/{payment}/", {"status": "approved"}, (401, 403, 404, 200)),
    ("post", "payments/{payment}/charges/", {"token": "tok_approved"}, (401, 201, 404, 404)),
    ("get", "certificates/", None, (401, 200, 200, 200)),
    ("get", "certificates/{certificate}/", None, (401, 200, 404, 200)),
    ("get", "history/", None, (401, 200, 200, 200)),
]


@pytest.mark.parametrize("role", [STRANGER, OWNER, OTHER, STAFF])
def test_calls_answer_each_role(world, people, client_of, role):
    client = client_of(people.get(role))
    wrong = []

    for method, address, given, answers in TABLE:
        named = given["course"] if given and "course" in given else ""
        body = {"course": getattr(world, named)} if named else given
        before = transaction.savepoint()
        path = address.format(**vars(world), carol=people[STAFF].pk)
        response = getattr(client, method)(f"/api/v1/{path}", body)
        transaction.savepoint_rollback(before)
        expected = answers[[STRANGER, OWNER, OTHER, STAFF].index(role)]
        if response.status_code != expected:
            wrong.append((method, address, response.status_code, expected))
        if response.status_code == 401:
            assert response["WWW-Authenticate"] == "Token"
            assert response.json()["code"] == "not_authenticated"

    assert wrong == []


def test_table_names_every_operation(schema):
    documented = {(method, path) for path, item in schema["paths"].items() for method in item}
    open_to_all = {("post", "/api/v1/auth/token/"), ("post", "/api/v1/students/")}
    tested = set()
    for method, address, _body, _answers in TABLE:
        path = "/api/v1/" + address.split("?")[0]
        for short, long in (
            ("{course}", "{course_id}"),
            ("{draft}", "{course_id}"),
            ("{lecture}", "{enrollment_id}"),
            ("{unpaid}", "{enrollment_id}"),
            ("{lesson}", "{lesson_id}"),
            ("{payment}", "{payment_id}"),
            ("{certificate}", "{certificate_id}"),
            ("{place}", "{entry_id}"),
            ("{token}", "{token_id}"),
        ):
            path = path.replace(short, long)
        tested.add((method, path))

    assert documented - open_to_all == tested


@pytest.mark.parametrize("role", [OTHER, STAFF])
def test_list_shows_others_to_staff_only(world, people, client_of, role):
    client = client_of(people[role])

    counts = {
        name: client.get(f"/api/v1/{name}/").json()["count"]
        for name in ("lectures", "certificates", "history", "waiting-list")
    }

    assert (
        counts
        == {
            OTHER: {"lectures": 0, "certificates": 0, "history": 0, "waiting-list": 0},
            STAFF: {"lectures": 4, "certificates": 1, "history": 0, "waiting-list": 1},
        }[role]
    )


def test_mallory_cannot_enroll_alice(alice, mallory, client_of, make_course):
    body = {"course": make_course(), "student": alice.pk}

    response = client_of(mallory).post("/api/v1/lectures/", body)

    assert response.status_code == 403
    assert client_of(alice).get("/api/v1/lectures/").json()["count"] == 0


def test_mallory_cannot_tell_which_students_exist(mallory, client_of, make_course):
    body = {"course": make_course(), "student": 999_999_999}

    assert client_of(mallory).post("/api/v1/lectures/", body).status_code == 403


def test_session_changes_nothing_without_the_csrf_token(alice, make_course):
    client = APIClient(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(alice)
    body = {"course": make_course(price_minor=0)}

    refused = client.post("/api/v1/lectures/", body, HTTP_IDEMPOTENCY_KEY="k")
    page = client.get("/api/v1/lectures/")
    client.cookies["csrftoken"] = token = "t" * 32
    taken = client.post("/api/v1/lectures/", body, HTTP_X_CSRFTOKEN=token, HTTP_IDEMPOTENCY_KEY="k")

    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert page.status_code == 200
    assert taken.status_code == 201, taken.content


@pytest.mark.parametrize(
    "header",
    [
        "Token",
        "Token a b",
        "Token nonsense",
        "Token \xff\xfe",
        "Token ☃",
        "Bearer x",
        "Token " + "9" * 9000,
    ],
)
def test_bad_token_is_refused(client_of, alice, header):
    AuthToken.objects.create(user=alice)
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=header.encode().decode("latin-1"))

    response = client.get("/api/v1/students/me/")

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"


def test_token_is_refused_once_it_has_expired_or_its_owner_is_inactive(alice, bob, client_of):
    hers, his = client_of(alice), client_of(bob)
    bob.is_active = False
    bob.save()

    assert hers.get("/api/v1/students/me/").status_code == 200
    assert his.get("/api/v1/students/me/").status_code == 401
    AuthToken.objects.update(expiry="2020-01-01T00:00:00Z")
    assert hers.get("/api/v1/students/me/").status_code == 401


def test_authentication_costs_one_query_however_many_tokens(
    alice, client_of, django_assert_num_queries
):
    for _ in range(5):
        AuthToken.objects.create(user=alice)
    client = client_of(alice)

    with django_assert_num_queries(1):
        client.get("/api/v1/students/me/")
