"""What the system promises, seen from outside while its processes are stopped and killed."""

from __future__ import annotations

import os
import signal
import statistics
import time

import pytest

from tests.running import Api, eventually


def certificates(student: Api) -> list[dict]:
    return student("GET", "/api/v1/certificates/").body["results"]


def complete(carol: Api, lecture_id: int) -> float:
    """Complete by staff and return how many seconds the answer took."""
    answer = carol("PATCH", f"/api/v1/lectures/{lecture_id}/", {"status": "completed"})
    assert answer.status == 200, answer.body
    return answer.seconds


def test_main_job_from_registration_to_refund(system, carol, student, open_course):
    course_id = open_course(capacity=2)
    lecture = student("POST", "/api/v1/lectures/", {"course": course_id})
    assert (lecture.status, lecture.body["status"]) == (201, "requested")
    charges = f"/api/v1/payments/{lecture.body['payment']['id']}/charges/"
    assert student("POST", charges, {"token": "tok_declined"}).status == 402
    assert student("POST", charges, {"token": "tok_approved"}).status == 201
    complete(carol, lecture.body["id"])

    certificate = eventually(lambda: certificates(student), seconds=30, what="the certificate")[0]
    verified = system.api("GET", f"/verify/{certificate['code']}/")
    assert verified.body["status"] == "issued"

    other = student("POST", "/api/v1/lectures/", {"course": open_course()}).body
    student("POST", f"/api/v1/payments/{other['payment']['id']}/charges/", {"token": "tok_slow"})
    cancelled = student("PATCH", f"/api/v1/lectures/{other['id']}/", {"status": "cancelled"})
    assert cancelled.status == 200
    eventually(
        lambda: (
            student("GET", f"/api/v1/payments/{other['payment']['id']}/").body["status"]
            == "refunded"
        ),
        seconds=30,
        what="the refund",
    )
    kinds = [
        line["kind"]
        for entry in student("GET", "/api/v1/history/").body["results"]
        for line in entry["timeline"]
    ]
    assert {"requested", "declined", "paid", "approved", "completed", "certified"} <= set(kinds)
    assert {"cancelled", "refund_requested", "refunded"} <= set(kinds)
    assert "equals" in system.manage("rebuild_history", "--check")


def test_deleted_course_cancels_and_refunds(carol, student, open_course):
    course_id = open_course()
    lecture = student("POST", "/api/v1/lectures/", {"course": course_id}).body
    charges = f"/api/v1/payments/{lecture['payment']['id']}/charges/"
    student("POST", charges, {"token": "tok_approved"})

    assert carol("DELETE", f"/api/v1/courses/{course_id}/").status == 204

    def refunded() -> bool:
        now = student("GET", f"/api/v1/lectures/{lecture['id']}/").body
        return (now["status"], now["payment"]["status"]) == ("cancelled", "refunded")

    eventually(refunded, seconds=30, what="cancellation and refund")


def test_completing_goes_on_while_certification_is_stopped(system, carol, student, enrolled):
    lectures = [enrolled(student) for _course in range(3)]
    system.supervisorctl("stop", "app:certification")
    try:
        for lecture_id in lectures:
            complete(carol, lecture_id)
        time.sleep(7)  # longer than the sweeps of the other worker are apart
        assert certificates(student) == []
    finally:
        system.supervisorctl("start", "app:certification")
    eventually(lambda: len(certificates(student)) == 3, seconds=60, what="every certificate")


def test_killed_worker_loses_no_certificate(system, carol, student, enrolled):
    lectures = [enrolled(student) for _course in range(6)]
    for lecture_id in lectures:
        complete(carol, lecture_id)
        if pid := system.pid_of("app:certification"):
            os.kill(pid, signal.SIGKILL)
    with system.connect() as database:  # as if the 30 s were over for which a dead worker holds it
        database.execute("UPDATE events_delivery SET due_at = now() WHERE status = 'pending'")
    eventually(lambda: len(certificates(student)) == 6, seconds=90, what="every certificate")
    codes = {certificate["lecture"] for certificate in certificates(student)}
    assert codes == set(lectures)


@pytest.mark.parametrize("stop", [signal.SIGSTOP, signal.SIGKILL], ids=["black-holed", "refused"])
def test_broker_down_costs_a_completion_nothing(system, carol, student, enrolled, stop):
    usual = [enrolled(student) for _course in range(5)]
    without_broker = [enrolled(student) for _course in range(5)]
    usual_seconds = statistics.median(complete(carol, lecture_id) for lecture_id in usual)
    redis = system.pid_of("redis")

    os.kill(redis, stop)
    try:
        seconds = statistics.median(complete(carol, lecture_id) for lecture_id in without_broker)
        assert seconds - usual_seconds < 0.1
    finally:
        if stop == signal.SIGSTOP:
            os.kill(redis, signal.SIGCONT)

    eventually(lambda: len(certificates(student)) == 10, seconds=60, what="every certificate")


def test_gateway_down_answers_pay_later_at_once(system, student, open_course):
    course_id = open_course()
    lecture = student("POST", "/api/v1/lectures/", {"course": course_id}).body
    charges = f"/api/v1/payments/{lecture['payment']['id']}/charges/"
    system.switch_gateway("down")
    try:
        for _call in range(20):
            answer = student("POST", charges, {"token": "tok_approved"})
            assert (answer.status, answer.headers["Retry-After"] > "0") == (202, True)
        later = [student("POST", charges, {"token": "tok_approved"}) for _call in range(5)]
        assert {answer.status for answer in later} == {202}
        assert statistics.median(answer.seconds for answer in later) < 0.3
    finally:
        system.switch_gateway("working")

    def paid() -> bool:
        return student("POST", charges, {"token": "tok_approved"}).status == 201

    eventually(paid, seconds=30, what="a closed breaker")
    assert student("GET", f"/api/v1/lectures/{lecture['id']}/").body["status"] == "approved"
