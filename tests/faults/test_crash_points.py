"""A process dies at each named point; then the periodic tasks run, and all of it is right."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from knox.models import AuthToken

from apps.certification.models import Certificate
from apps.courses import services as courses
from apps.courses.models import Course
from apps.crash_points import FREEZE, CrashPoint, reach
from apps.events.models import Delivery
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments import services as payments
from apps.payments.models import Charge, Payment, Refund
from apps.students.models import SentEmail, User
from elearning.bulk import services as bulk
from elearning.bulk.kinds import kind_named
from elearning.bulk.models import BulkJob
from elearning.idempotency import STALE_SECONDS
from elearning.own_data.removal import plan_removal, remove_account
from foundation.agreement import token_of
from tests.faults.afterwards import assert_all_holds, books_of_the_gateway, let_time_heal
from tests.faults.conftest import ROOT
from tests.faults.post import post
from tests.forms import start_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def die_in(environment: dict[str, str], tmp_path: Path) -> Callable[..., None]:
    """Run a command in a process of its own and see it die at the point."""

    def run(point: CrashPoint, command: str, **arguments: Any) -> None:
        (tmp_path / point).touch()
        step = [sys.executable, "-m", "tests.faults.step", command, json.dumps(arguments)]
        died = subprocess.run(step, cwd=ROOT, env=environment, capture_output=True, check=False)
        assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-2000:]
        assert not (tmp_path / point).exists()

    return run


@pytest.fixture
def charge_and_die(die_in, alice, make_course, enroll):
    """Enroll Alice and die while she is charged; returns the enrollment's id."""

    def run(point: CrashPoint) -> int:
        enrollment_id = enroll(alice, make_course())
        die_in(
            point,
            "apps.payments.services.charge_payment",
            payment_id=Payment.objects.get().pk,
            payer_id=alice.pk,
            token="tok_approved",
        )
        return enrollment_id

    return run


def test_removal_of_an_account_goes_on_when_it_died_halfway(die_in, alice, make_course, enroll):
    for number in range(2):
        enroll(alice, make_course(title=f"Course {number}"))
    agreed = token_of(plan_removal(student_id=alice.pk).facts)
    command = "elearning.own_data.removal.remove_account"
    die_in(CrashPoint.REMOVAL_HALFWAY, command, student_id=alice.pk, is_staff=False, agreed=agreed)
    statuses = Enrollment.objects.order_by("pk").values_list("status", flat=True)
    assert sorted(statuses) == ["cancelled", "requested"]

    agreed = token_of(plan_removal(student_id=alice.pk).facts)
    remove_account(student_id=alice.pk, is_staff=False, agreed=agreed)
    let_time_heal()

    assert list(statuses.all()) == ["cancelled", "cancelled"]
    assert not User.objects.filter(email=alice.email).exists()
    assert_all_holds()


def test_seat_is_free_again_when_the_process_dies_before_the_commit(
    die_in, alice, make_course, enroll
):
    course_id = make_course(capacity=1)

    die_in(
        CrashPoint.SEAT_TAKEN,
        "apps.lectures.services.request_enrollment",
        student_id=alice.pk,
        course_id=course_id,
    )

    assert (Enrollment.objects.count(), Payment.objects.count()) == (0, 0)
    enroll(alice, course_id)
    let_time_heal()
    assert_all_holds()
    assert Course.objects.get().seats_taken == 1


def test_charge_is_given_up_when_the_process_dies_before_the_gateway_hears_of_it(
    charge_and_die, alice, pay
):
    enrollment_id = charge_and_die(CrashPoint.CHARGE_BEGUN)
    assert Payment.objects.get().status == "processing"

    let_time_heal()

    assert_all_holds()
    assert (Payment.objects.get().status, Charge.objects.get().status) == ("deferred", "abandoned")
    assert Enrollment.objects.get().status == "requested"
    assert pay(enrollment_id, alice).status == "approved"
    assert_all_holds()


def test_enrollment_is_approved_when_the_process_dies_after_the_capture(charge_and_die):
    charge_and_die(CrashPoint.CHARGE_CAPTURED)
    assert (Payment.objects.get().status, len(books_of_the_gateway())) == ("processing", 1)

    let_time_heal()

    assert_all_holds()
    assert (Enrollment.objects.get().status, Payment.objects.get().status) == (
        "approved",
        "approved",
    )


def test_cancelling_after_a_death_at_the_capture_gives_the_money_back(charge_and_die, alice):
    enrollment_id = charge_and_die(CrashPoint.CHARGE_CAPTURED)
    lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)

    let_time_heal()

    assert_all_holds()
    assert sum(books_of_the_gateway().values()) == 0
    assert Course.objects.get().seats_taken == 0


def test_payment_is_approved_once_when_the_process_dies_before_the_answer(
    charge_and_die, alice, pay
):
    enrollment_id = charge_and_die(CrashPoint.CHARGE_BOOKED)

    assert Enrollment.objects.get().status == "approved"
    with pytest.raises(payments.PaymentAlreadyPaid):
        pay(enrollment_id, alice)
    let_time_heal()
    assert_all_holds()
    assert len(books_of_the_gateway()) == 1


def test_mass_cancellation_goes_on_when_the_worker_dies_halfway(
    die_in, alice, bob, mallory, make_course, enroll, pay
):
    course_id = make_course()
    for student in (alice, bob, mallory):
        pay(enroll(student, course_id), student)
    courses.withdraw_course(course_id=course_id)

    die_in(
        CrashPoint.WITHDRAWAL_HALFWAY,
        "apps.events.services.deliver",
        delivery_id=Delivery.objects.get(subscriber__contains="cancel_enrollments").pk,
    )

    assert Enrollment.objects.filter(status="cancelled").count() == 1
    let_time_heal()
    assert_all_holds()
    assert Enrollment.objects.filter(status="cancelled").count() == 3
    assert sum(books_of_the_gateway().values()) == 0
    assert Course.objects.get().seats_taken == 0


def test_refund_is_made_once_when_the_worker_dies_after_it(die_in, alice, make_course, enroll, pay):
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)

    die_in(
        CrashPoint.REFUND_MADE,
        "apps.payments.services.execute_refund",
        refund_id=Refund.objects.get().pk,
    )

    assert Refund.objects.get().status == "requested"
    let_time_heal()
    assert_all_holds()
    assert Refund.objects.get().status == "succeeded"
    assert sorted(books_of_the_gateway().values()) == [-50_000, 50_000]


def test_certificate_and_its_event_both_come_when_the_worker_dies_between_them(
    die_in, alice, make_course, enroll, pay, learn
):
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    learn(enrollment_id, alice)

    die_in(
        CrashPoint.CERTIFICATE_WRITTEN,
        "apps.events.services.deliver",
        delivery_id=Delivery.objects.get(queue="certification").pk,
    )

    assert Certificate.objects.count() == 0
    let_time_heal()
    assert_all_holds()
    assert Certificate.objects.count() == 1


def test_refund_is_made_once_when_the_worker_dies_before_its_delivery_says_so(
    die_in, alice, make_course, enroll, pay
):
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)

    die_in(
        CrashPoint.DELIVERY_HANDLED,
        "apps.events.services.deliver",
        delivery_id=Delivery.objects.get(subscriber__contains="execute_requested_refund").pk,
    )

    assert Refund.objects.get().status == "succeeded"
    assert Delivery.objects.get(subscriber__contains="execute_requested").status == "pending"
    let_time_heal()
    assert_all_holds()
    assert sorted(books_of_the_gateway().values()) == [-50_000, 50_000]


def test_process_stands_still_at_a_point_until_it_is_continued(tmp_path):
    armed = tmp_path / CrashPoint.SEAT_TAKEN
    armed.write_text(FREEZE)
    script = (
        "import django; django.setup();"
        "from apps.crash_points import CrashPoint, reach;"
        "reach(CrashPoint.SEAT_TAKEN); print('goes on')"
    )
    step = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"CRASH_POINTS_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )

    _pid, status = os.waitpid(step.pid, os.WUNTRACED)

    assert os.WIFSTOPPED(status)
    assert [file.name for file in tmp_path.iterdir()] == [f"{CrashPoint.SEAT_TAKEN}.{step.pid}"]
    os.kill(step.pid, signal.SIGCONT)
    assert step.communicate(timeout=30)[0] == "goes on\n"


def test_mail_is_sent_again_as_the_same_when_the_worker_dies_after_handing_it_over(
    die_in, environment, alice, make_course, enroll, tmp_path
):
    environment["DATA_DIR"] = str(tmp_path)  # where the process that dies leaves its e-mail
    enroll(alice, make_course(price_minor=0))
    approved = Delivery.objects.get(subscriber__contains="mail_enrollment_approved")

    die_in(CrashPoint.MAIL_HANDED_OVER, "apps.events.services.deliver", delivery_id=approved.pk)

    assert SentEmail.objects.get().status == "sending"
    let_time_heal()
    (handed_over,) = (tmp_path / "mail").iterdir()
    again = [m for m in mail.outbox if m.subject.startswith("You are enrolled")]
    assert [SentEmail.objects.get(kind="approved").status, len(again)] == ["sent", 1]
    assert again[0].message()["Message-ID"] in handed_over.read_text()
    assert_all_holds()


def test_bulk_job_goes_on_when_the_worker_dies_after_an_item(
    die_in, carol, alice, bob, mallory, make_course, enroll, pay
):
    course_id = make_course(refund_policy="full")
    ids = [enroll(student, course_id) for student in (alice, bob, mallory)]
    for enrollment_id, student in zip(ids, (alice, bob, mallory), strict=True):
        pay(enrollment_id, student)
    items = [bulk.NewItem(label=str(pk), facts={"id": pk}) for pk in ids]
    job_id = bulk.draft_job(
        kind=kind_named("cancel_enrollments"), started_by_id=carol.pk, items=items
    )
    start_job(job_id)

    die_in(CrashPoint.BULK_ITEM_DONE, "elearning.bulk.services.run_next_job")

    assert Enrollment.objects.filter(status="cancelled").count() == 1
    assert not bulk.run_next_job()  # the dead worker's lease still runs
    BulkJob.objects.update(leased_until=timezone.now())
    while bulk.run_next_job():
        pass
    let_time_heal()
    assert_all_holds()
    assert [item.status for item in BulkJob.objects.get().items.all()] == ["done"] * 3
    assert sum(books_of_the_gateway().values()) == 0


def test_points_do_nothing_unless_they_are_armed(settings, tmp_path):
    settings.CRASH_POINTS_DIR = str(tmp_path)
    for point in CrashPoint:
        reach(point)

    settings.CRASH_POINTS_DIR = ""
    for point in CrashPoint:
        (tmp_path / point).touch()
        reach(point)


def test_production_refuses_to_start_with_crash_points(tmp_path):
    asked = {"ENVIRONMENT": "production", "CRASH_POINTS_DIR": str(tmp_path)}
    start = [sys.executable, "-c", "import elearning.settings"]

    refused = subprocess.run(
        start, cwd=ROOT, env=os.environ | asked, capture_output=True, text=True, check=False
    )

    assert refused.returncode != 0
    assert "Unset CRASH_POINTS_DIR" in refused.stderr


def test_every_point_has_a_test_that_dies_there():
    source = Path(__file__).read_text(encoding="utf-8")

    assert [point.name for point in CrashPoint if f"CrashPoint.{point.name}" not in source] == []


@pytest.fixture
def post_and_die(die_in):
    """POST under a key, die before the answer is kept, and POST again: at once, and later."""

    def run(user: Any, address: str, body: Any) -> list[Any]:
        _, token = AuthToken.objects.create(user=user)
        request = {"address": address, "body": body, "token": token, "key": "one"}
        die_in(CrashPoint.POST_DONE, "tests.faults.post.post", **request)
        at_once = post(**request)
        with time_machine.travel(timezone.now() + timedelta(seconds=STALE_SECONDS + 1)):
            return [at_once, post(**request), post(**request)]

    return run


def test_course_is_registered_once_when_the_process_dies_before_the_answer(post_and_die, carol):
    at_once, again, replayed = post_and_die(carol, "/api/v1/courses/", {"title": "SQL"})

    assert (at_once.status_code, at_once.json()["code"]) == (409, "idempotency_key_in_flight")
    assert (again.status_code, again.json()["title"]) == (201, "SQL")
    assert replayed["Idempotent-Replayed"] == "true"
    assert replayed.content == again.content
    assert Course.objects.count() == 1


def test_student_is_charged_once_when_the_process_dies_before_the_answer(
    post_and_die, alice, make_course, enroll
):
    enroll(alice, make_course())
    address = f"/api/v1/payments/{Payment.objects.get().pk}/charges/"

    at_once, again, replayed = post_and_die(alice, address, {"token": "tok_approved"})

    assert [one.status_code for one in (at_once, again, replayed)] == [409, 409, 409]
    assert again.json()["code"] == "payment_already_paid"
    assert len(books_of_the_gateway()) == 1
    assert_all_holds()
