"""The whole job through the API alone, every answer held against the OpenAPI schema."""

from __future__ import annotations

import re

import pytest

from apps.payments.services import set_sandbox_behaviour

SAFE = re.compile(r"\{\w+\}")


@pytest.fixture
def call(schema, complaints):
    """Make a call, check status and schema, and return the body."""
    patterns = {re.compile(SAFE.sub(r"[^/]+", path) + "$"): path for path in schema["paths"]}

    def make(client, method, path, body=None, *, status):
        response = getattr(client, method)(path, body)
        assert response.status_code == status, response.content.decode()
        address = path.split("?")[0]
        documented = next(path for regex, path in patterns.items() if regex.match(address))
        answers = schema["paths"][documented][method]["responses"]
        assert str(status) in answers
        if status == 204:
            return None
        wanted = answers[str(status)]["content"][response["Content-Type"]]["schema"]
        assert complaints(response.json(), wanted) == []
        return response.json()

    return make


def test_course_runs_from_registration_to_certificate(alice, carol, client_of, call, deliver_all):
    staff, student = client_of(carol), client_of(alice)
    offer = {"title": "SQL 입문 🎓", "price_minor": 50_000, "currency": "KRW", "capacity": 2}

    course = call(staff, "post", "/api/v1/courses/", offer, status=201)
    address = f"/api/v1/courses/{course['id']}/"
    call(student, "get", address, status=404)
    call(staff, "patch", address, {"status": "open"}, status=200)
    call(student, "get", address, status=200)
    found = call(student, "get", "/api/v1/courses/?search=입문", status=200)
    enrollment = call(student, "post", "/api/v1/lectures/", {"course": course["id"]}, status=201)
    payment = f"/api/v1/payments/{enrollment['payment']['id']}/"
    call(student, "get", payment, status=200)
    call(student, "post", f"{payment}charges/", {"token": "tok_declined"}, status=402)
    paid = call(student, "post", f"{payment}charges/", {"token": "tok_approved"}, status=201)
    lecture = f"/api/v1/lectures/{enrollment['id']}/"
    approved = call(student, "get", lecture, status=200)
    call(staff, "patch", lecture, {"status": "completed"}, status=200)
    deliver_all()
    certificates = call(student, "get", "/api/v1/certificates/", status=200)
    certificate = certificates["results"][0]
    call(student, "get", f"/api/v1/certificates/{certificate['id']}/", status=200)
    history = call(student, "get", "/api/v1/history/", status=200)

    assert [one["id"] for one in found["results"]] == [course["id"]]
    assert (enrollment["status"], enrollment["payment"]["status"]) == ("requested", "pending")
    assert paid["status"] == "approved"
    assert (approved["status"], approved["payment"]["status"]) == ("approved", "approved")
    assert certificate["lecture"] == enrollment["id"]
    assert certificate["verify_url"].endswith(f"/verify/{certificate['code']}/")
    entry = history["results"][0]
    assert (entry["status"], entry["certificate_code"]) == ("completed", certificate["code"])
    assert [line["kind"] for line in entry["timeline"]] == [
        "requested",
        "declined",
        "paid",
        "approved",
        "completed",
        "certified",
    ]


def test_lessons_complete_the_course_at_its_threshold(
    alice, client_of, call, make_course, enroll, pay
):
    course_id = make_course(lessons=3, completion_threshold_percent=60)
    enrollment_id = enroll(alice, course_id)
    pay(enrollment_id, alice)
    student = client_of(alice)

    lessons = call(student, "get", f"/api/v1/courses/{course_id}/lessons/", status=200)["results"]
    progress = [
        call(
            student,
            "post",
            f"/api/v1/lectures/{enrollment_id}/lessons/{lesson['id']}/completion/",
            status=200,
        )
        for lesson in (lessons[0], lessons[0], lessons[1])
    ]

    assert [one["progress_percent"] for one in progress] == [33, 33, 66]
    assert [one["status"] for one in progress] == ["approved", "approved", "completed"]


def test_cancellation_tells_the_refund_and_makes_it(
    alice, client_of, call, make_course, enroll, pay, deliver_all
):
    enrollment_id = enroll(alice, make_course(price_minor=50_000))
    pay(enrollment_id, alice)
    student = client_of(alice)
    address = f"/api/v1/lectures/{enrollment_id}/"

    offered = call(student, "get", address, status=200)["refundable_minor"]
    cancelled = call(student, "patch", address, {"status": "cancelled"}, status=200)
    deliver_all()
    refunded = call(student, "get", address, status=200)["payment"]

    assert offered == 50_000
    assert cancelled["status"] == "cancelled"
    assert cancelled["refund"] == {"amount_minor": 50_000, "currency": "KRW"}
    assert cancelled["refundable_minor"] == 0
    assert (refunded["status"], refunded["refunded_minor"]) == ("refunded", 50_000)


def test_withdrawal_cancels_and_refunds(
    alice, carol, client_of, call, make_course, enroll, pay, deliver_all
):
    course_id = make_course()
    enrollment_id = enroll(alice, course_id)
    pay(enrollment_id, alice)

    call(client_of(carol), "delete", f"/api/v1/courses/{course_id}/", status=204)
    deliver_all()

    enrollment = call(client_of(alice), "get", f"/api/v1/lectures/{enrollment_id}/", status=200)
    assert enrollment["status"] == "cancelled"
    assert enrollment["payment"]["status"] == "refunded"
    call(client_of(alice), "get", f"/api/v1/courses/{course_id}/", status=404)
    call(client_of(carol), "delete", f"/api/v1/courses/{course_id}/", status=409)


def test_gateway_that_is_down_defers_the_payment(
    alice, client_of, call, make_course, enroll, settings
):
    settings.PAYMENT_BACKOFF_INITIAL_SECONDS = 0.001
    student = client_of(alice)
    enroll(alice, make_course())
    payment = call(student, "get", "/api/v1/lectures/", status=200)["results"][0]["payment"]
    address = f"/api/v1/payments/{payment['id']}/"
    set_sandbox_behaviour(behaviour="down")

    deferred = student.post(f"{address}charges/", {"token": "tok_approved"})
    body = call(student, "post", f"{address}charges/", {"token": "tok_approved"}, status=202)
    set_sandbox_behaviour(behaviour="working")
    paid = call(student, "post", f"{address}charges/", {"token": "tok_approved"}, status=201)

    assert deferred.status_code == 202
    assert int(deferred["Retry-After"]) == deferred.json()["retry_after_seconds"] >= 1
    assert (body["status"], body["pay_by"]) == ("deferred", body["payment"]["pay_by"])
    assert paid["payment"]["status"] == "approved"


def test_staff_book_money_that_came_outside_the_gateway(
    alice, carol, client_of, call, make_course, enroll
):
    enroll(alice, make_course())
    enrollment = call(client_of(alice), "get", "/api/v1/lectures/", status=200)["results"][0]
    address = f"/api/v1/payments/{enrollment['payment']['id']}/"

    call(client_of(alice), "patch", address, {"status": "approved"}, status=403)
    call(client_of(carol), "patch", address, {"status": "approved"}, status=200)
    call(client_of(carol), "patch", address, {"status": "approved"}, status=409)

    lecture = f"/api/v1/lectures/{enrollment['id']}/"
    assert call(client_of(alice), "get", lecture, status=200)["status"] == "approved"


def test_staff_enroll_another_student(alice, carol, client_of, call, make_course):
    body = {"course": make_course(price_minor=0), "student": alice.pk}

    enrollment = call(client_of(carol), "post", "/api/v1/lectures/", body, status=201)

    assert enrollment["student"] == alice.pk
    assert (enrollment["status"], enrollment["payment"]) == ("approved", None)
