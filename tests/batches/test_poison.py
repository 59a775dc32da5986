"""One poisoned row in each batch: the others are processed, staff see it, and it is tried again."""

import ast
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.payments.models import Charge
from elearning.celery import app
from foundation.batches.models import BatchFailure
from foundation.batches.services import requeue, run_each
from tests.batches.plants import PLANTS
from tests.forms import confirm

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
OUTER = {
    "lectures.keep_waiting_lists": "its step is made of batches of a course",
    "lectures.remind_of_{kind}": "each kind has its plant",
}
TASKS = {
    "batches.forget_resolved": ["batches.forget_resolved"],
    "elearning.check_whole_history": "one invariant: tests/operations/test_invariants.py",
    "elearning.forget_old_bulk_jobs": ["elearning.forget_old_bulk_jobs"],
    "elearning.forget_old_keys": ["elearning.forget_old_keys"],
    "elearning.report_invariants": "each invariant by itself: tests/operations/test_invariants.py",
    "elearning.run_bulk_jobs": ["elearning.run_bulk_jobs", "elearning.refuse_bulk_items"],
    "events.deliver": "one delivery",
    "events.sweep": ["events.sweep"],
    "lectures.expire_enrollments": ["lectures.expire_enrollments"],
    "lectures.keep_waiting_lists": ["lectures.lapse_waiting", "lectures.offer_seats"],
    "lectures.remind_of_lessons": ["lectures.remind_of_lessons"],
    "lectures.remind_of_payments": ["lectures.remind_of_payment"],
    "lectures.remind_of_starts": ["lectures.remind_of_start"],
    "lectures.retry_withdrawals": ["lectures.cancel_course_enrollments"],
    "payments.reconcile": ["payments.reconcile"],
    "payments.retry_refunds": ["payments.retry_refunds"],
    "payments.settle_unknown_charges": ["payments.settle_unknown_charges"],
    "students.forget_email_changes": ["students.forget_email_changes"],
    "students.forget_ended_sessions": ["students.forget_ended_sessions", "students.forget_log_ins"],
    "students.forget_old_tries": ["students.forget_old_tries"],
    "students.forget_partings": ["students.forget_partings"],
    "students.tell_of_lockouts": ["students.tell_of_lockouts"],
}
"""By task its batches, or why it has none."""


@pytest.fixture
def school(  # noqa: C901  (a box of small makers)
    alice, bob, mallory, carol, make_course, enroll, pay, learn, deliver_all, settings
):
    settings.PAYMENT_MAX_ATTEMPTS = 1
    settings.PAYMENT_BACKOFF_INITIAL_SECONDS = 0.01
    made = SimpleNamespace(
        alice=alice, bob=bob, carol=carol, enroll=enroll, make_course=make_course,
        deliver_all=deliver_all,
    )  # fmt: skip

    def two_requested(**fields):
        made.course = make_course(**fields)
        made.keys = (enroll(alice, made.course), enroll(bob, made.course))
        return made.keys

    def pay_all(token="tok_approved"):
        for enrollment_id, student in zip(made.keys, (alice, bob), strict=True):
            pay(enrollment_id, student, token)

    def two_paid(**fields):
        two_requested(**fields)
        pay_all()
        return made.keys

    def two_unknown():
        settings.PAYMENT_READ_TIMEOUT_SECONDS = 0.3
        settings.SANDBOX_SLOW_TOKEN_SECONDS = 0.1
        two_requested()
        pay_all("tok_timeout_after_capture")
        return tuple(Charge.objects.order_by("pk").values_list("pk", flat=True))

    def two_waiting():
        course_id = make_course(capacity=1)
        enroll(alice, course_id)
        from apps.lectures import services as lectures

        return course_id, tuple(
            lectures.join_waiting_list(student_id=student.pk, course_id=course_id)
            for student in (bob, mallory)
        )

    def two_completed_by_alice():
        for title in ("A", "B"):
            enrollment_id = enroll(alice, make_course(title=title))
            pay(enrollment_id, alice)
            learn(enrollment_id, alice)
        deliver_all()

    vars(made).update(
        two_requested=two_requested, pay_all=pay_all, two_paid=two_paid, two_unknown=two_unknown,
        two_waiting=two_waiting, two_completed_by_alice=two_completed_by_alice,
    )  # fmt: skip
    return made


@pytest.mark.parametrize("batch", PLANTS)
def test_poisoned_row_stops_no_other_and_is_tried_again(batch, school):
    plant = PLANTS[batch](school)
    poisoned, sound = plant.keys
    plant.poison()
    moment = timezone.now() + plant.after

    with time_machine.travel(moment, tick=False):
        plant.run()
    assert plant.done() & {poisoned, sound} == {sound}
    failure = BatchFailure.objects.get(batch=batch)
    assert (failure.scope, failure.row, failure.attempts) == (plant.scope, str(poisoned), 1)
    assert "poison" in failure.last_error
    assert failure.resolved_at is None

    with time_machine.travel(moment + timedelta(seconds=1), tick=False):
        plant.run()
    failure.refresh_from_db()
    assert failure.attempts == (1 if plant.backs_off else 2)

    plant.cure()
    with time_machine.travel(moment + timedelta(minutes=2), tick=False):
        plant.run()
    assert poisoned in plant.done()
    assert not BatchFailure.objects.filter(resolved_at=None).exists()
    assert set(BatchFailure.objects.values_list("batch", flat=True)) == {batch}


def batches_in_code():
    """Yield the name of every batch, and every call that does not name it as a literal."""
    for folder in ("apps", "elearning", "foundation"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text())
            constants = {
                node.targets[0].id: node.value.value
                for node in tree.body
                if isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and isinstance(node.value, ast.Constant)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.keyword) and node.arg == "batch":
                    name = ast.unparse(node.value)
                    yield constants.get(name, name).strip("f'\"") if name != "batch" else None


def test_every_batch_has_its_plant():
    assert set(batches_in_code()) - {None} == set(PLANTS) - {
        name for name in PLANTS if name.startswith("lectures.remind_of_")
    } | set(OUTER)


def test_every_task_names_its_batches():
    app.loader.import_default_modules()
    tasks = {name for name in app.tasks if not name.startswith(("celery.", "mutants."))}

    assert tasks == set(TASKS)
    assert all(set(names) <= set(PLANTS) for names in TASKS.values() if isinstance(names, list))


def test_rows_are_processed_together_and_one_by_one_where_that_fails():
    calls = []

    def together(keys):
        calls.append(keys)
        if 3 in keys:
            raise ValueError("poison")

    result = run_each(batch="a test", keys=range(6), step=calls.append, together=together, size=2)

    assert calls == [[0, 1], [2, 3], 2, 3, [4, 5]]
    assert (result.done, result.failed) == (6, [])


def test_backoff_grows_and_a_later_failure_begins_anew(settings):
    def fail(key):
        raise ValueError("poison\0")

    now, waits = timezone.now(), []
    for _attempt in range(len(settings.BATCH_BACKOFF_SECONDS) + 1):
        with time_machine.travel(now, tick=False):
            run_each(batch="a test", keys=[1], step=fail)
        failure = BatchFailure.objects.get()
        waits.append((failure.due_at - now).total_seconds())
        now = failure.due_at
    assert waits == [*settings.BATCH_BACKOFF_SECONDS, settings.BATCH_BACKOFF_SECONDS[-1]]

    with time_machine.travel(now, tick=False):
        run_each(batch="a test", keys=[1], step=str)
        run_each(batch="a test", keys=[1], step=fail)
    assert BatchFailure.objects.get().attempts == 1


def test_staff_see_the_row_and_have_it_tried_at_once(client, carol):
    def fail(key):
        raise ValueError("poison")

    run_each(batch="a test", keys=[1], step=fail)
    failure = BatchFailure.objects.get()
    client.force_login(carol)

    assert "a test" in client.get("/admin/batches/batchfailure/?open=yes").text
    assert "poison" in client.get(f"/admin/batches/batchfailure/{failure.pk}/change/").text
    page = confirm(
        client, reverse("admin:batches_batchfailure_try_again", args=[failure.pk]), follow=True
    )
    assert page.status_code == 200

    assert run_each(batch="a test", keys=[1], step=str).done == 1
    assert requeue(failure_id=failure.pk) is False


def test_unharmed_batch_costs_one_query():
    with CaptureQueriesContext(connection) as queries:
        run_each(batch="a test", keys=[1, 2, 3], step=lambda key: None)

    assert [row["sql"].split()[0] for row in queries if "SAVEPOINT" not in row["sql"]] == ["SELECT"]
