"""Whatever goes wrong under /api/ is a problem with a stable code, in the caller's language."""

from __future__ import annotations

import re
import threading

import pytest
from django.db import OperationalError, connection, transaction

from apps.courses.models import Course

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nothing/", 404, "not_found"),
        ("post", "/api/v1/nothing/", 404, "not_found"),
        ("get", "/api/", 404, "not_found"),
        ("get", "/api/v2/courses/", 404, "not_found"),
        ("put", "/api/v1/courses/1/", 405, "method_not_allowed"),
        ("delete", "/api/v1/courses/", 405, "method_not_allowed"),
        ("post", "/api/v1/history/", 405, "method_not_allowed"),
        ("get", "/api/v1/auth/token/", 405, "method_not_allowed"),
        ("get", "/api/v1/payments/1/charges/", 405, "method_not_allowed"),
    ],
)
def test_error_is_a_problem(carol, client_of, method, path, status, code):
    response = getattr(client_of(carol), method)(path)

    assert response.status_code == status
    assert response["Content-Type"] == PROBLEM
    body = response.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, "about:blank")
    assert body["title"]
    assert body["detail"]
    if status == 405:
        assert response["Allow"]


@pytest.mark.parametrize("accept", ["text/html", "application/xml", ",;", "*", "\xff"])
def test_answer_that_is_not_wanted_as_json_is_a_406(client_of, db, accept):
    response = client_of(HTTP_ACCEPT=accept).get("/api/v1/courses/")

    assert response.status_code == 406
    assert (response["Content-Type"], response.json()["code"]) == (PROBLEM, "not_acceptable")


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html, */*;q=0.8"])
def test_answer_is_json_for_whoever_takes_it(client_of, db, accept):
    response = client_of(HTTP_ACCEPT=accept).get("/api/v1/courses/")

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(("language", "hangul"), [("ko", True), ("en", False), ("fr", True)])
def test_detail_speaks_the_callers_language_or_the_schools(client_of, db, language, hangul):
    problem = client_of(HTTP_ACCEPT_LANGUAGE=language).get("/api/v1/students/me/").json()

    assert bool(re.search("[가-힣]", problem["detail"])) is hangul
    assert problem["code"] == "not_authenticated"


def test_post_without_the_last_slash_is_sent_on_as_a_post(carol, client_of):
    client, body = client_of(carol), {"title": "SQL"}

    response = client.post("/api/v1/courses", body, HTTP_IDEMPOTENCY_KEY="k")
    followed = client.post(response["Location"], body, HTTP_IDEMPOTENCY_KEY="k")

    assert (response.status_code, response["Location"]) == (308, "/api/v1/courses/")
    assert followed.status_code == 201
    assert client.get("/api/v1/courses").status_code == 301
    assert client.post("/api/v1/nothing", body).status_code == 404


def test_fault_of_ours_tells_nothing_about_itself(carol, client_of, monkeypatch, caplog):
    def crash(**filters):
        raise ZeroDivisionError("secret of the house")

    monkeypatch.setattr("apps.courses.queries.catalogue", crash)

    response = client_of(carol, raise_request_exception=False).get("/api/v1/courses/")

    assert (response.status_code, response["Content-Type"]) == (500, PROBLEM)
    assert response.json()["code"] == "error"
    assert b"secret" not in response.content
    assert any("secret of the house" in (record.exc_text or "") for record in caplog.records)


def test_database_without_room_is_a_503_with_retry_after(carol, client_of, monkeypatch):
    def refuse(**filters):
        raise OperationalError("couldn't get a connection after 10.00 sec")

    monkeypatch.setattr("apps.courses.queries.catalogue", refuse)

    response = client_of(carol).get("/api/v1/courses/")

    assert (response.status_code, response.json()["code"]) == (503, "busy")
    assert int(response["Retry-After"]) >= 1


@pytest.mark.django_db(transaction=True)
def test_seat_that_is_locked_for_too_long_is_a_503_and_enrolls_nobody(
    alice, client_of, make_course
):
    course_id = make_course()
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Course.objects.select_for_update().get(pk=course_id)
            locked.set()
            done.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait(10)
    response = client_of(alice).post("/api/v1/lectures/", {"course": course_id})
    done.set()
    holder.join()

    assert (response.status_code, response.json()["code"]) == (503, "busy")
    assert client_of(alice).get("/api/v1/lectures/").json()["count"] == 0
