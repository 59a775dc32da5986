"""For each batch two rows that are due, the first of which gets poisoned."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from apps.courses import services as courses
from apps.events import services as events
from apps.events.models import Delivery, LoggedEvent
from apps.lectures import services as lectures
from apps.lectures.events import EnrollmentCompleted
from apps.lectures.models import Enrollment, Reminder, WaitingListEntry
from apps.payments import services as payments
from apps.payments.models import Charge, Refund
from apps.refusals import Refusal
from apps.students import services as students
from apps.students.models import EmailChange, Parting, TryCount
from elearning import idempotency
from elearning.bulk import forgetting
from elearning.bulk import services as bulk
from elearning.bulk.kinds import kind_named
from elearning.models import BulkItem, BulkJob, IdempotentRequest
from elearning.own_data.removal import plan_removal, remove_account
from foundation.agreement import token_of
from foundation.batches.models import BatchFailure
from foundation.batches.services import forget_resolved
from tests.forms import start_job
from tests.payments.test_reconciling import capture_late

NOW = timedelta()
LATER = timedelta(days=100)


@dataclass
class Plant:
    """``keys`` are two rows of ``table``, poisoned and sound; ``done`` tells what is processed."""

    table: str
    keys: tuple[Any, Any]
    run: Callable[[], object]
    done: Callable[[], set[Any]]
    after: timedelta = NOW
    operation: str = "UPDATE"
    column: str = "id"
    when: str = ""
    scope: str = ""
    backs_off: bool = True

    def poison(self) -> None:
        row = "NEW" if self.operation == "INSERT" else "OLD"
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(
                "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'poison'; END $$"
            )
            cursor.execute(
                f"CREATE TRIGGER poison BEFORE {self.operation} ON {self.table} FOR EACH ROW"
                f" WHEN ({row}.{self.column} = '{self.keys[0]}' {self.when})"
                " EXECUTE FUNCTION poison()"
            )

    def cure(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(f"DROP TRIGGER poison ON {self.table}")


def _pks(rows):
    return lambda: set(rows.values_list("pk", flat=True))


def _gone(model, keys):
    return lambda: (
        set(keys) - set(model._default_manager.filter(pk__in=keys).values_list("pk", flat=True))
    )


def _deleting(model, rows, run, after=LATER, **more):
    keys = tuple(row.pk for row in rows)
    column = model._meta.pk.column
    return Plant(
        model._meta.db_table, keys, run, _gone(model, keys), after, "DELETE", column, **more
    )


def expire(school):
    keys = school.two_requested()
    done = _pks(Enrollment.objects.filter(status="expired"))
    return Plant("lectures_enrollment", keys, lectures.expire_enrollments, done, timedelta(days=2))


def withdraw(school):
    keys = school.two_requested()
    course_id = school.course
    courses.withdraw_course(course_id=course_id)

    def run():
        school.deliver_all()
        lectures.retry_withdrawals()

    done = _pks(Enrollment.objects.filter(status="cancelled"))
    return Plant("lectures_enrollment", keys, run, done, scope=str(course_id))


def offer(school):
    course_id, keys = school.two_waiting()
    courses.change_course(course_id=course_id, fields={"capacity": 3})
    done = _pks(WaitingListEntry.objects.filter(status="offered"))
    run = lectures.keep_waiting_lists
    return Plant("lectures_waitinglistentry", keys, run, done, scope=str(course_id))


def lapse(school):
    course_id, keys = school.two_waiting()
    courses.close_course(course_id=course_id)
    done = _pks(WaitingListEntry.objects.filter(status="lapsed"))
    run = lectures.keep_waiting_lists
    return Plant("lectures_waitinglistentry", keys, run, done, scope=str(course_id))


def _reminding(school, kind, run, after, scope=""):
    reminded = Reminder.objects.filter(kind=kind)
    return Plant(
        "lectures_reminder", school.keys, run,
        lambda: set(reminded.values_list("enrollment_id", flat=True)), after, "INSERT",
        "enrollment_id", scope=scope,
    )  # fmt: skip


def remind_payment(school):
    school.two_requested()
    return _reminding(school, "payment", lectures.remind_of_payments, timedelta(hours=20))


def remind_start(school):
    starts_at = timezone.localtime().replace(hour=15, minute=0) + timedelta(days=10)
    school.two_paid(starts_at=starts_at)
    after = starts_at - timedelta(hours=3) - timezone.now()
    return _reminding(school, "start", lectures.remind_of_starts, after, str(school.course))


def remind_lessons(school):
    school.two_paid()
    return _reminding(school, "lessons", lectures.remind_of_lessons, timedelta(days=8))


def settle(school):
    keys = school.two_unknown()
    done = _pks(Charge.objects.exclude(status="processing"))
    run = payments.settle_unknown_charges
    return Plant("payments_charge", keys, run, done, timedelta(minutes=2))


def reconcile(school):
    payments.set_sandbox_behaviour(behaviour="down")
    school.two_requested()
    school.pay_all()
    payments.set_sandbox_behaviour(behaviour="working")
    charges = list(Charge.objects.filter(status="abandoned").order_by("pk"))
    for charge in charges:
        capture_late(charge)
    keys = tuple(charge.pk for charge in charges)
    done = _pks(Charge.objects.filter(status="surplus"))
    return Plant("payments_charge", keys, payments.reconcile, done, timedelta(minutes=2))


def refund(school):
    for enrollment_id in school.two_paid():
        lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=None)
    keys = tuple(Refund.objects.order_by("pk").values_list("pk", flat=True))
    done = _pks(Refund.objects.filter(status="succeeded"))
    return Plant("payments_refund", keys, payments.retry_refunds, done)


def sweep(school):
    school.two_requested()
    pending = Delivery.objects.filter(status="pending", subscriber__contains="enrollment_requested")
    keys = tuple(pending.order_by("pk").values_list("pk", flat=True))
    done = _pks(Delivery.objects.filter(status="delivered"))
    return Plant(
        "events_delivery", keys, lambda: events.sweep(queue="default"), done, scope="default"
    )


def forget_name(school):
    school.two_completed_by_alice()
    logged = LoggedEvent.objects.filter(name="lectures.enrollment_completed.v1")
    keys = tuple(logged.order_by("pk").values_list("pk", flat=True))

    def run():
        events.forget_name(event_type=EnrollmentCompleted, student_id=school.alice.pk)

    done = _pks(logged.filter(payload__student_name=""))
    return Plant("events_loggedevent", keys, run, done, scope=str(school.alice.pk))


def lockouts(school):
    keys = []
    for student in (school.alice, school.bob):
        with suppress(Refusal):
            while True:
                students.count_code(email=student.email)
        keys.append(student.pk)
    told = TryCount.objects.filter(told_at__isnull=False)
    return Plant(
        "students_trycount", tuple(keys), students.tell_of_lockouts,
        lambda: set(told.values_list("user_id", flat=True)), column="user_id",
        when="AND NEW.told_at IS NOT NULL",
    )  # fmt: skip


def partings(school):
    rows = [
        Parting.objects.create(student_id=n, email=f"{n}@example.com", name="N", language="en")
        for n in (7, 8)
    ]
    return _deleting(Parting, rows, students.forget_partings)


def traces(school):
    sessions = [_session(school.alice) for _n in range(2)]
    rows = sorted(sessions, key=lambda row: row.pk)

    def run():
        students.forget_traces(student_id=school.alice.pk)

    return _deleting(Session, rows, run, NOW, scope=str(school.alice.pk))


def _session(user):
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    store.create()
    return Session.objects.get(pk=store.session_key)


def ended_sessions(school):
    rows = [_session(school.alice), _session(school.bob)]
    return _deleting(Session, rows, students.forget_ended_sessions)


def log_ins(school):
    rows = [
        UserSession.objects.create(user=school.alice, session_key=f"k{n}", ip="::", user_agent="")
        for n in range(2)
    ]
    return _deleting(UserSession, rows, students.forget_ended_sessions)


def tries(school):
    for address in ("192.0.2.1", "192.0.2.2"):
        students.count_log_in(email="nobody@example.com", address=address)
    rows = list(TryCount.objects.filter(purpose="log_in").order_by("pk"))
    return _deleting(TryCount, rows, students.forget_old_tries)


def email_changes(school):
    rows = [
        EmailChange.objects.create(
            user=user, old_email=f"old-{user.email}", undo_until=timezone.now()
        )
        for user in (school.alice, school.bob)
    ]
    return _deleting(EmailChange, rows, students.forget_email_changes)


def keys_of_requests(school):
    rows = [
        IdempotentRequest.objects.create(scope="nobody", key=f"k{n}", fingerprint="f")
        for n in range(2)
    ]
    return _deleting(IdempotentRequest, rows, idempotency.forget_old_keys)


def _job(user, labels=()):
    items = [bulk.NewItem(label=label) for label in labels]
    job_id = bulk.draft_job(kind=kind_named("import_students"), started_by_id=user.pk, items=items)
    return BulkJob.objects.get(pk=job_id)


def old_jobs(school):
    rows = [_job(school.carol) for _n in range(2)]
    return _deleting(BulkJob, rows, forgetting.forget_old_jobs)


def run_jobs(school):
    keys = tuple(_job(school.carol).pk for _n in range(2))
    for job_id in keys:
        start_job(job_id)

    def run():
        for _twice in keys:
            bulk.run_next_job()

    done = _pks(BulkJob.objects.filter(status="finished"))
    return Plant("elearning_bulkjob", keys, run, done, when="AND NEW.status = 'finished'")


def refuse_items(school):
    job = _job(school.alice, ["One", "Two"])
    start_job(job.pk)
    keys = tuple(job.items.order_by("position").values_list("pk", flat=True))
    done = _pks(BulkItem.objects.filter(status="refused"))
    return Plant(
        "elearning_bulkitem", keys, bulk.run_next_job, done, scope=str(job.pk),
    )  # fmt: skip


def old_failures(school):
    rows = [
        BatchFailure.objects.create(batch="a test", row=str(n), resolved_at=timezone.now())
        for n in range(2)
    ]
    return _deleting(BatchFailure, rows, forget_resolved)


def _remove(student):
    def run():
        with suppress(Refusal):
            agreed = token_of(plan_removal(student_id=student.pk).facts)
            remove_account(student_id=student.pk, is_staff=False, agreed=agreed)

    return run


def removal_cancels(school):
    keys = tuple(school.enroll(school.alice, school.make_course(title=t)) for t in ("A", "B"))
    done = _pks(Enrollment.objects.filter(status="cancelled"))
    scope = str(school.alice.pk)
    run = _remove(school.alice)
    return Plant("lectures_enrollment", keys, run, done, scope=scope, backs_off=False)


def removal_leaves(school):
    keys = []
    for title in ("A", "B"):
        course_id = school.make_course(title=title, capacity=1)
        school.enroll(school.bob, course_id)
        student_id = school.alice.pk
        keys.append(lectures.join_waiting_list(student_id=student_id, course_id=course_id))
    done = _gone(WaitingListEntry, keys)
    left = _pks(WaitingListEntry.objects.filter(status="left"))
    run = _remove(school.alice)
    return Plant(
        "lectures_waitinglistentry", tuple(keys), run, lambda: done() | left(),
        scope=str(school.alice.pk), backs_off=False,
    )  # fmt: skip


PLANTS = {
    "lectures.expire_enrollments": expire,
    "lectures.cancel_course_enrollments": withdraw,
    "lectures.offer_seats": offer,
    "lectures.lapse_waiting": lapse,
    "lectures.remind_of_payment": remind_payment,
    "lectures.remind_of_start": remind_start,
    "lectures.remind_of_lessons": remind_lessons,
    "payments.settle_unknown_charges": settle,
    "payments.reconcile": reconcile,
    "payments.retry_refunds": refund,
    "events.sweep": sweep,
    "events.forget_name": forget_name,
    "students.tell_of_lockouts": lockouts,
    "students.forget_partings": partings,
    "students.forget_traces": traces,
    "students.forget_ended_sessions": ended_sessions,
    "students.forget_log_ins": log_ins,
    "students.forget_old_tries": tries,
    "students.forget_email_changes": email_changes,
    "elearning.forget_old_keys": keys_of_requests,
    "elearning.forget_old_bulk_jobs": old_jobs,
    "elearning.run_bulk_jobs": run_jobs,
    "elearning.refuse_bulk_items": refuse_items,
    "elearning.removal_cancels": removal_cancels,
    "elearning.removal_leaves": removal_leaves,
    "batches.forget_resolved": old_failures,
}
