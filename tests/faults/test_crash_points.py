"""A process dies at each named point; then the periodic tasks run, and all of it is right."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.certification.models import Certificate
from apps.courses import services as courses
from apps.courses.models import Course
from apps.crash_points import FREEZE, CrashPoint, reach
from apps.events.models import Delivery
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments import services as payments
from apps.payments.models import Charge, Payment, Refund
from tests.faults.afterwards import assert_all_holds, books_of_the_gateway, let_time_heal
from tests.faults.conftest import ROOT

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

    assert "Unset CRASH_POINTS_DIR" in refused.stderr


def test_every_point_has_a_test_that_dies_there():
    source = Path(__file__).read_text(encoding="utf-8")

    assert [point.name for point in CrashPoint if f"CrashPoint.{point.name}" not in source] == []
