"""Bad input: a 4xx problem that names the field, and nothing changed."""

from __future__ import annotations

import json

import pytest

from apps.courses.models import Course
from apps.lectures.models import Enrollment
from apps.payments.models import Charge
from apps.students.models import User

HUGE = 10**30
NEW = {"title": "New"}

# body, the field that is named, its code
COURSES = [
    ({}, "title", "required"),
    ({"title": ""}, "title", "blank"),
    ({"title": "   "}, "title", "blank"),
    ({"title": None}, "title", "null"),
    ({"title": 5}, "title", "invalid"),
    ({"title": ["a"]}, "title", "invalid"),
    ({"title": True}, "title", "invalid"),
    ({"title": "가" * 10_000}, "title", "max_length"),
    ({"title": "a\x00b"}, "title", "null_bytes"),
    ({**NEW, "description": "x" * 20_001}, "description", "max_length"),
    ({**NEW, "slug": "no spaces"}, "slug", "invalid"),
    ({**NEW, "slug": "taken"}, "slug", "unique"),
    ({**NEW, "price": 5}, "price", "unknown_field"),
    ({**NEW, "a\x00": 5}, "a", "null_bytes"),
    ({**NEW, "message": 1, "code": 2}, "message", "unknown_field"),
    ({**NEW, "seats_taken": 5}, "seats_taken", "read_only"),
    ({**NEW, "id": 5}, "id", "read_only"),
    ({**NEW, "availability": "open"}, "availability", "read_only"),
    ({**NEW, "price_minor": -1}, "price_minor", "min_value"),
    ({**NEW, "price_minor": HUGE}, "price_minor", "max_value"),
    ({**NEW, "price_minor": 1.5}, "price_minor", "invalid"),
    ({**NEW, "price_minor": 10.0}, "price_minor", "invalid"),
    ({**NEW, "price_minor": 1e30}, "price_minor", "invalid"),
    ({**NEW, "price_minor": "10"}, "price_minor", "invalid"),
    ({**NEW, "price_minor": True}, "price_minor", "invalid"),
    ({**NEW, "price_minor": None}, "price_minor", "null"),
    ({**NEW, "price_minor": {}}, "price_minor", "invalid"),
    ({**NEW, "capacity": 0}, "capacity", "min_value"),
    ({**NEW, "capacity": -3}, "capacity", "min_value"),
    ({**NEW, "capacity": HUGE}, "capacity", "max_value"),
    ({**NEW, "capacity": 2.5}, "capacity", "invalid"),
    ({**NEW, "currency": "won"}, "currency", "invalid_choice"),
    ({**NEW, "currency": {"a": 1}}, "currency", "invalid_choice"),
    ({**NEW, "refund_policy": "generous"}, "refund_policy", "invalid_choice"),
    ({**NEW, "completion_threshold_percent": 101}, "completion_threshold_percent", "max_value"),
    ({**NEW, "status": "closed"}, "status", "invalid_choice"),
    ({**NEW, "status": "withdrawn"}, "status", "invalid_choice"),
    ({**NEW, "starts_at": "tomorrow"}, "starts_at", "invalid"),
    ({**NEW, "starts_at": "2026-02-30T09:00:00Z"}, "starts_at", "invalid"),
    ({**NEW, "starts_at": "2026-03-02"}, "starts_at", "invalid"),
    ({**NEW, "starts_at": 1772409600}, "starts_at", "invalid"),
    ({**NEW, "starts_at": "1999-12-31T23:59:59Z"}, "starts_at", "out_of_range"),
    ({**NEW, "starts_at": "9999-12-31T23:59:59-12:00"}, "starts_at", "overflow"),
    ({**NEW, "ends_at": "2026-03-02T09:00:00Z"}, "starts_at", "invalid"),
]


@pytest.mark.parametrize(("body", "field", "code"), COURSES)
def test_course_is_refused_by_field(carol, client_of, make_course, body, field, code):
    make_course(slug="taken")

    response = client_of(carol).post("/api/v1/courses/", body)

    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    errors = {error["field"]: error for error in response.json()["errors"]}
    assert errors[field]["code"] == code
    assert errors[field]["message"]
    assert Course.objects.count() == 1


def test_every_error_is_named_at_once(carol, client_of):
    body = {"price_minor": -1, "capacity": "many", "colour": "red", "seats_taken": 3}

    response = client_of(carol).post("/api/v1/courses/", body)

    fields = {error["field"] for error in response.json()["errors"]}
    assert fields == {"title", "price_minor", "capacity", "colour", "seats_taken"}


def test_text_of_every_script_is_kept_as_it_is(carol, client_of):
    summary = "한글 데이터 <b>&amp;</b> 🧑‍🚀 العربية"

    response = client_of(carol).post("/api/v1/courses/", {"title": "New", "summary": summary})

    assert response.status_code == 201
    assert response.json()["summary"] == summary


def test_time_without_offset_is_the_schools(carol, client_of):
    body = {"title": "New", "starts_at": "2026-03-02T09:00:00"}

    response = client_of(carol).post("/api/v1/courses/", body)

    assert response.json()["starts_at"] == "2026-03-02T09:00:00+09:00"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"title": ""}, 400, "title"),
        ({"price_minor": -1}, 400, "price_minor"),
        ({"capacity": 1}, 400, "capacity"),
        ({"summary": "new", "status": "open"}, 409, None),
        ({"status": "withdrawn"}, 400, "status"),
        ({"summary": "new", "ends_at": "2020-01-01T00:00:00Z"}, 400, "starts_at"),
    ],
)
def test_refused_change_of_a_course_changes_nothing(
    alice, bob, carol, client_of, make_course, enroll, body, status, field
):
    course_id = make_course(capacity=5, summary="old")
    for student in (alice, bob):
        enroll(student, course_id)

    response = client_of(carol).patch(f"/api/v1/courses/{course_id}/", body)

    assert response.status_code == status, response.content
    if field:
        assert [error["field"] for error in response.json()["errors"]] == [field]
    course = Course.objects.get()
    assert (course.summary, course.capacity, course.status) == ("old", 5, "open")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "course", "required"),
        ({"course": "abc"}, "course", "invalid"),
        ({"course": "1"}, "course", "invalid"),
        ({"course": 1.0}, "course", "invalid"),
        ({"course": True}, "course", "invalid"),
        ({"course": None}, "course", "null"),
        ({"course": [1]}, "course", "invalid"),
        ({"course": -1}, "course", "min_value"),
        ({"course": HUGE}, "course", "max_value"),
        ({"course": 999_999_999}, "course", "invalid"),
        ({"course": "real", "student": 999_999_999}, "student", "does_not_exist"),
        ({"course": "real", "status": "approved"}, "status", "read_only"),
        ({"course": "real", "price_minor": 0}, "price_minor", "read_only"),
        ({"course": "real", "paid_at": "2026-01-01T00:00:00Z"}, "paid_at", "unknown_field"),
        ({"course": "real", "coupon": "FREE"}, "coupon", "unknown_field"),
    ],
)
def test_enrollment_is_refused_by_field(carol, client_of, make_course, body, field, code):
    real = make_course()
    body = body | ({"course": real} if body.get("course") == "real" else {})

    response = client_of(carol).post("/api/v1/lectures/", body)

    assert response.status_code == 400, response.content
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [
        (field, code)
    ]
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize(
    ("fields", "state", "code"),
    [
        ({}, "withdrawn", "course_not_open"),
        ({}, "closed", "course_not_open"),
        ({"enrollment_opens_at": "2100-01-01T00:00:00Z"}, "open", "enrollment_not_yet_open"),
        ({"enrollment_closes_at": "2001-01-01T00:00:00Z"}, "open", "enrollment_closed"),
    ],
)
def test_course_that_takes_nobody_is_a_conflict(alice, carol, client_of, fields, state, code):
    staff = client_of(carol)
    course = staff.post("/api/v1/courses/", {"title": "SQL", "status": "open", **fields}).json()
    address = f"/api/v1/courses/{course['id']}/"
    if state == "closed":
        staff.patch(address, {"status": "closed"})
    elif state == "withdrawn":
        staff.delete(address)

    response = client_of(alice).post("/api/v1/lectures/", {"course": course["id"]})

    assert (response.status_code, response.json()["code"]) == (409, code)
    assert response.json()["detail"]


def test_enrolling_twice_or_in_a_full_course_is_a_conflict(alice, bob, client_of, make_course):
    body = {"course": make_course(capacity=1)}

    answers = [client_of(person).post("/api/v1/lectures/", body) for person in (alice, alice, bob)]

    assert [answer.status_code for answer in answers] == [201, 409, 409]
    assert [answer.json()["code"] for answer in answers[1:]] == ["already_enrolled", "course_full"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "token"),
        ({"token": ""}, "token"),
        ({"token": 5}, "token"),
        ({"token": "x" * 201}, "token"),
        ({"token": "a\x00"}, "token"),
        ({"token": "tok_approved", "amount_minor": 1}, "amount_minor"),
    ],
)
def test_charge_is_refused_by_field(alice, client_of, make_course, enroll, body, field):
    enroll(alice, make_course())
    student = client_of(alice)
    payment = student.get("/api/v1/lectures/").json()["results"][0]["payment"]["id"]

    response = student.post(f"/api/v1/payments/{payment}/charges/", body)

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Charge.objects.exists()


def test_paying_twice_or_after_cancelling_is_a_conflict(
    alice, bob, client_of, make_course, enroll, pay
):
    course_id = make_course()
    paid, cancelled = enroll(alice, course_id), enroll(bob, course_id)
    pay(paid, alice)
    client_of(bob).patch(f"/api/v1/lectures/{cancelled}/", {"status": "cancelled"})
    codes = []
    for person in (alice, bob):
        student = client_of(person)
        payment = student.get("/api/v1/lectures/").json()["results"][0]["payment"]["id"]
        answer = student.post(f"/api/v1/payments/{payment}/charges/", {"token": "tok_approved"})
        codes.append((answer.status_code, answer.json()["code"]))

    assert codes == [(409, "payment_already_paid"), (409, "payment_closed")]


def test_illegal_transitions_are_conflicts(alice, carol, client_of, make_course, enroll):
    address = f"/api/v1/lectures/{enroll(alice, make_course())}/"
    student, staff = client_of(alice), client_of(carol)

    unpaid = staff.patch(address, {"status": "completed"})
    student.patch(address, {"status": "cancelled"})
    twice = student.patch(address, {"status": "cancelled"})

    for answer in (unpaid, twice):
        assert (answer.status_code, answer.json()["code"]) == (409, "enrollment_state")


@pytest.mark.parametrize(
    "body", [{}, {"status": "approved"}, {"status": 1}, {"status": "cancelled", "x": 1}]
)
def test_change_of_an_enrollment_takes_two_states_only(alice, client_of, make_course, enroll, body):
    enrollment_id = enroll(alice, make_course())

    response = client_of(alice).patch(f"/api/v1/lectures/{enrollment_id}/", body)

    assert response.status_code == 400
    assert Enrollment.objects.get().status == "requested"


def test_completion_takes_no_fields(alice, client_of, make_course, enroll, pay):
    course_id = make_course()
    enrollment_id = enroll(alice, course_id)
    pay(enrollment_id, alice)
    student = client_of(alice)
    lesson = student.get(f"/api/v1/courses/{course_id}/lessons/").json()["results"][0]["id"]
    address = f"/api/v1/lectures/{enrollment_id}/lessons/{lesson}/completion/"

    refused = student.post(address, {"progress_percent": 100})
    without_body = student.post(address)

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "progress_percent")
    assert without_body.status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "courses/999999999/",
        f"courses/{HUGE}/",
        f"courses/{'9' * 5000}/",
        "courses/abc/",
        "courses/-1/",
        "courses/1.5/",
        "courses/1/2/",
        f"lectures/{HUGE}/",
        f"payments/{HUGE}/",
        f"certificates/{HUGE}/",
        "nothing/",
        "courses/?page=2",
        "courses/?page=abc",
        f"courses/?page={'9' * 40}",
        "courses/?page=0",
    ],
)
def test_what_does_not_exist_is_a_404_problem(carol, client_of, address):
    response = client_of(carol).get(f"/api/v1/{address}")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"


@pytest.mark.parametrize("method", ["post", "patch"])
@pytest.mark.parametrize(
    "address", [f"lectures/{HUGE}/", f"payments/{HUGE}/charges/", f"courses/{HUGE}/"]
)
def test_writing_to_what_does_not_exist_changes_nothing(carol, client_of, address, method):
    body = {"token": "tok_approved"} if "charges" in address else {"status": "open"}

    response = getattr(client_of(carol), method)(f"/api/v1/{address}", body)

    assert response.status_code in {404, 405}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("courses/?colour=red", "colour"),
        ("courses/?price=cheap", "price"),
        ("courses/?order=title", "order"),
        ("courses/?price=free&price=paid", "price"),
        ("courses/?search=a%00b", "search"),
        ("courses/?page_size=0", "page_size"),
        ("courses/?page_size=101", "page_size"),
        ("courses/?page_size=-5", "page_size"),
        ("courses/?page_size=1e9", "page_size"),
        (f"courses/?search={'x' * 201}", "search"),
        ("lectures/?status=paid", "status"),
        ("lectures/?course=abc", "course"),
        (f"lectures/?course={HUGE}", "course"),
        ("lectures/?course=1.5", "course"),
        ("certificates/?lecture=-1", "lecture"),
        ("history/?student=1", "student"),
    ],
)
def test_query_is_refused_by_parameter(carol, client_of, query, field):
    response = client_of(carol).get(f"/api/v1/{query}")

    assert response.status_code == 400, response.content
    assert [error["field"] for error in response.json()["errors"]] == [field]


RAW = [
    (b"", "required"),
    (b"{", "parse_error"),
    (b'{"title": "a",}', "parse_error"),
    (b"not json", "parse_error"),
    (b"[]", "parse_error"),
    (b'"text"', "parse_error"),
    (b"null", "parse_error"),
    (b"5", "parse_error"),
    (b'{"title": NaN}', "parse_error"),
    (b'{"price_minor": Infinity}', "parse_error"),
    (b'{"price_minor": ' + b"9" * 5000 + b"}", "parse_error"),
    (b'{"title": "\xff\xfe"}', "parse_error"),
    ('{"title": "한글"}'.encode("euc-kr"), "parse_error"),
    ('{"title": "a"}'.encode("utf-16"), "parse_error"),
    (b'\xef\xbb\xbf{"title": "a"}', "parse_error"),
    (b"[" * 100_000, "parse_error"),
    (b'{"a":' * 10_000, "parse_error"),
    (b'{"title": ' + b"[" * 300 + b"]" * 300 + b"}", "parse_error"),
    (b'{"title": ' + b"[" * 7 + b"]" * 7 + b"}", "invalid"),
    (b'{"title": "a", "title": "b"}', "duplicate_field"),
    (b'{"title": "\\ud800"}', "surrogates"),
    (b'{"title": "a", "\\ud800": 1}', "surrogates"),
]


@pytest.mark.parametrize(("raw", "code"), RAW)
@pytest.mark.parametrize("key", [None, "a-key"])
def test_body_that_cannot_be_read_is_a_400(carol, client_of, raw, code, key):
    client = client_of(carol)
    more = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}

    response = client.generic(
        "POST", "/api/v1/courses/", raw, content_type="application/json", **more
    )

    assert response.status_code == 400, response.content[:300]
    problem = response.json()
    assert problem["detail"]
    assert code in {problem["code"], *(error["code"] for error in problem.get("errors", []))}
    assert not Course.objects.exists()


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
     "application/xml", "nonsense", "application/json-patch+json"],
)  # fmt: skip
def test_other_content_is_a_415(carol, client_of, content_type):
    response = client_of(carol).generic(
        "POST", "/api/v1/courses/", b'{"title": "a"}', content_type=content_type
    )

    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("charset", ["utf-8", "UTF-16", "bz2_codec", "no-such-charset"])
def test_json_is_utf_8_whatever_the_header_says(carol, client_of, charset):
    response = client_of(carol).generic(
        "POST",
        "/api/v1/courses/",
        json.dumps({"title": "한글"}).encode(),
        content_type=f"application/json; charset={charset}",
    )

    assert response.status_code == 201


@pytest.mark.parametrize("key", [None, "a-key"])
def test_body_that_is_too_large_is_a_413(carol, client_of, settings, key):
    settings.BODY_LIMITS = {"/": 1000}
    more = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}

    response = client_of(carol).post("/api/v1/courses/", {"title": "x" * 1000}, **more)

    assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a@b.c\x00"}, "email"),
        ({"email": f"{'x' * 250}@example.com"}, "email"),
        ({"email": 5}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "12345678"}, "password"),
        ({"password": "password"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"name": ""}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"language": "fr"}, "language"),
        ({"is_staff": True}, "is_staff"),
        ({"id": 1}, "id"),
    ],
)
def test_sign_up_is_refused_by_field(client_of, db, body, field):
    good = {"email": "new@example.com", "password": "a-good-password", "name": "New"}

    response = client_of().post("/api/v1/students/", good | body)

    assert response.status_code == 400, response.content
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not User.objects.exists()
