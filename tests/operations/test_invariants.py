"""Every invariant holds in a world built legally, and is seen to break when it is broken."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from apps.events.models import LoggedEvent
from apps.lectures import services as lectures
from apps.students.services import history_check, rebuild_history
from elearning.invariants import (
    INVARIANTS,
    check_invariants,
    check_whole_history,
    history,
    list_standing,
    report_invariants,
)
from elearning.invariants.history import HISTORY, WHOLE_HISTORY
from foundation.invariants.models import InvariantCheck

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Violation:
    """SQL that breaks one invariant and returns what its rows must name in ``column``."""

    column: str
    sql: str


ONE_CAPTURE = "(SELECT min(id) FROM payments_charge WHERE status = 'captured')"
ENROLLMENT_OF = (
    "(SELECT substr(reference, 9)::bigint FROM payments_payment p WHERE p.id = payment_id)"
)
VIOLATIONS = {
    "approved_is_settled": Violation(
        "payment",
        "UPDATE payments_payment SET status = 'pending' WHERE reference = (SELECT 'lecture-' ||"
        " min(id) FROM lectures_enrollment WHERE status = 'completed') RETURNING id",
    ),
    "settled_is_approved": Violation(
        "enrollment",
        "UPDATE lectures_enrollment SET status = 'requested', pay_by = now()"
        " WHERE status = 'approved' RETURNING id",
    ),
    "seats_are_counted": Violation(
        "course", "UPDATE courses_course SET seats_taken = 0 WHERE capacity = 1 RETURNING id"
    ),
    "seats_are_offered_in_order": Violation(
        "waiting",
        "UPDATE lectures_waitinglistentry SET status = 'waiting', offered_at = NULL,"
        " offered_until = NULL, ended_at = NULL"
        " WHERE id = (SELECT min(id) FROM lectures_waitinglistentry) RETURNING id",
    ),
    "offers_end_on_time": Violation(
        "entry",
        "UPDATE lectures_waitinglistentry SET offered_until = now() - interval '1 day',"
        " offered_at = now() - interval '2 days' WHERE status = 'offered' RETURNING id",
    ),
    "ledger_balances": Violation(
        "payment",
        "INSERT INTO payments_ledgerentry (payment_id, account, amount_minor, currency, booked_at,"
        " charge_id) SELECT payment_id, 'surplus', 1, 'KRW', now(), id FROM payments_charge"
        f" WHERE id = {ONE_CAPTURE} RETURNING payment_id",
    ),
    "ledger_equals_the_gateway": Violation(
        "key",
        "UPDATE payments_sandboxtransaction SET amount_minor = 1, created_at = now() -"
        " interval '1 day' WHERE id = (SELECT min(id) FROM payments_sandboxtransaction)"
        " RETURNING idempotency_key",
    ),
    "one_capture_is_kept": Violation(
        "charge",
        f"UPDATE payments_charge SET status = 'surplus' WHERE id = {ONE_CAPTURE} RETURNING id",
    ),
    "cancelled_is_refunded": Violation(
        "enrollment", f"UPDATE payments_refund SET amount_minor = 1 RETURNING {ENROLLMENT_OF}"
    ),
    "refunds_are_made": Violation(
        "refund",
        "UPDATE payments_refund SET status = 'failing', requested_at = now() - interval '2 days'"
        " RETURNING id",
    ),
    "no_charge_stays_unknown": Violation(
        "charge",
        "UPDATE payments_charge SET status = 'processing', called_at = now() - interval '1 hour'"
        f" WHERE id = {ONE_CAPTURE} RETURNING id",
    ),
    "completed_is_certified": Violation(
        "enrollment", "DELETE FROM certification_certificate RETURNING lecture_id"
    ),
    "deliveries_are_on_time": Violation(
        "delivery",
        "UPDATE events_delivery SET status = 'dead'"
        " WHERE id = (SELECT min(id) FROM events_delivery) RETURNING id",
    ),
    "holds_end_on_time": Violation(
        "enrollment",
        "UPDATE lectures_enrollment SET pay_by = now() - interval '1 hour'"
        " WHERE status = 'requested' RETURNING id",
    ),
    "progress_equals_the_lessons": Violation(
        "enrollment",
        "UPDATE lectures_enrollment SET progress_percent = 7 WHERE status = 'completed'"
        " RETURNING id",
    ),
    "batches_process_every_row": Violation(
        "row",
        "INSERT INTO batches_batchfailure (batch, scope, row, attempts, first_failed_at,"
        " last_failed_at, due_at, last_error) VALUES ('a test', '', '7', 3,"
        " now() - interval '1 hour', now(), now(), 'poison') RETURNING row",
    ),
    "approved_is_captured": Violation(
        "payment",
        f"UPDATE payments_charge SET amount_minor = 1 WHERE id = {ONE_CAPTURE}"
        " RETURNING payment_id",
    ),
    "refunded_equals_the_ledger": Violation(
        "payment",
        "UPDATE payments_payment SET refunded_minor = 1 WHERE status = 'approved' RETURNING id",
    ),
    "whole_history_equals_the_log": Violation(
        "key",
        "UPDATE students_historyentry SET status = 'completed'"
        " WHERE status = 'cancelled' RETURNING lecture_id",
    ),
}
ALSO = {
    "one_capture_is_kept": {"approved_is_captured"},
    "two captures": {"approved_is_captured"},
    "no_charge_stays_unknown": {"approved_is_captured"},
}
"""What is broken with it, as the same rows stand for both."""
OTHERS = {
    "lesson that is not counted": (
        "progress_equals_the_lessons",
        Violation(
            "enrollment",
            "DELETE FROM lectures_lessonprogress WHERE id ="
            " (SELECT max(id) FROM lectures_lessonprogress) RETURNING enrollment_id",
        ),
    ),
    "two captures": (
        "one_capture_is_kept",
        Violation(
            "charge",
            "INSERT INTO payments_charge (payment_id, gateway, idempotency_key, amount_minor,"
            " currency, status, gateway_reference, decline_code, created_at, called_at)"
            " SELECT payment_id, 'manual', 'another', amount_minor, currency, status, '', '',"
            f" now(), now() FROM payments_charge WHERE id = {ONE_CAPTURE} RETURNING id",
        ),
    ),
    "certificate of an enrollment that is not completed": (
        "completed_is_certified",
        Violation(
            "enrollment",
            "INSERT INTO certification_certificate (lecture_id, student_id, student_name, code,"
            " course_title, completed_at, issued_at, status, revocation_reason)"
            " SELECT id, student_id, 'Mallory', 'MADE-UP', 'SQL', now(), now(), 'issued', ''"
            " FROM lectures_enrollment WHERE status = 'approved' RETURNING lecture_id",
        ),
    ),
    "delivery that is late": (
        "deliveries_are_on_time",
        Violation(
            "delivery",
            "UPDATE events_delivery SET status = 'pending', created_at = now() - interval '1 hour'"
            " WHERE id = (SELECT min(id) FROM events_delivery) RETURNING id",
        ),
    ),
}
CASES = {name: (name, violation) for name, violation in VIOLATIONS.items()} | OTHERS


@pytest.fixture
def school(alice, bob, mallory, make_course, enroll, pay, learn, deliver_all):
    course_id = make_course()
    first, second = enroll(alice, course_id), enroll(bob, course_id)
    pay(first, alice)
    learn(first, alice)
    pay(second, bob)
    lectures.cancel_enrollment(enrollment_id=second, student_id=bob.pk)
    pay(enroll(mallory, course_id), mallory)
    seat = enroll(alice, (sought := make_course(title="Sought after", capacity=1)))
    first, _next = (
        lectures.join_waiting_list(student_id=student.pk, course_id=sought)
        for student in (bob, mallory)
    )
    lectures.cancel_enrollment(enrollment_id=seat, student_id=alice.pk)
    lectures.leave_waiting_list(entry_id=first, student_id=bob.pk)
    enroll(bob, make_course(title="Not paid yet"))
    deliver_all()


def test_all_hold_in_a_legal_world(school, capsys):
    call_command("check_invariants")
    assert capsys.readouterr().out.count("holds (0)") == len(INVARIANTS)
    assert {invariant.name for invariant in INVARIANTS} == {*VIOLATIONS, HISTORY.name}


@pytest.mark.parametrize("case", CASES)
def test_violation_is_named_by_its_invariant_alone(case, school):
    name, violation = CASES[case]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, foreign keys
        drop_constraints(cursor)
        cursor.execute(violation.sql)
        planted = {value for (value,) in cursor.fetchall()}
        with connection.execute_wrapper(in_this_transaction):
            broken = {finding.name: finding for finding in check_invariants() if not finding.holds}
        transaction.set_rollback(True)

    assert planted
    assert set(broken) - {HISTORY.name} == {name} | ALSO.get(case, set())
    assert {row[violation.column] for row in broken[name].rows} == planted
    assert broken[name].broken == len(planted)


def in_this_transaction(execute, sql, params, many, context):
    """Let the test's transaction be the snapshot: its level cannot be chosen any more."""
    if not sql.startswith("SET TRANSACTION ISOLATION"):
        execute(sql, params, many, context)


def drop_constraints(cursor):
    """Drop every check, and what keeps two captures apart; the transaction is rolled back."""
    cursor.execute(
        "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'c'"
        " AND connamespace = 'public'::regnamespace AND conrelid <> 0"
    )
    for table, constraint in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
    cursor.execute(
        "SELECT indexname FROM pg_indexes WHERE tablename = 'payments_charge'"
        " AND indexdef LIKE 'CREATE UNIQUE%' AND indexdef LIKE '%WHERE%'"
    )
    for (index,) in cursor.fetchall():
        cursor.execute(f'DROP INDEX "{index}"')


def test_command_prints_the_count_and_the_rows(school, capsys):
    with connection.cursor() as cursor:
        cursor.execute(VIOLATIONS["seats_are_counted"].sql)
        (course_id,) = cursor.fetchone()

    with pytest.raises(CommandError, match="1 of 20 are broken: seats_are_counted"):
        call_command("check_invariants")
    output = capsys.readouterr().out
    assert "BROKEN (1)" in output
    assert f"{{'course': {course_id}, 'capacity': 1, 'seats_taken': 0" in output


@pytest.fixture
def client(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def everything_checked():
    report_invariants()
    check_whole_history()


def state_in_readyz(client):
    return client.get("/readyz").json()["checks"]["invariants"]


def test_broken_invariant_degrades_readyz_and_is_shown_to_staff(school, client, carol):
    everything_checked()
    assert state_in_readyz(client) == "ok"

    with connection.cursor() as cursor:
        cursor.execute(VIOLATIONS["seats_are_counted"].sql)
    report_invariants()

    assert state_in_readyz(client) == "broken"
    client.force_login(carol)
    row = InvariantCheck.objects.get(name="seats_are_counted")
    page = client.get(f"/admin/invariants/invariantcheck/{row.pk}/change/")
    assert "seats_taken" in page.text
    assert "Broken: 1" in client.get("/admin/").text


def test_invariant_that_cannot_be_checked_is_a_finding_and_silences_no_other(school, client, carol):
    everything_checked()
    with connection.cursor() as cursor:
        cursor.execute(VIOLATIONS["seats_are_counted"].sql)
        cursor.execute("ALTER TABLE payments_sandboxtransaction RENAME TO gone")
    try:
        states = {finding.name: finding.state for finding in report_invariants()}
        with pytest.raises(CommandError, match="2 of 20 are broken"):
            call_command("check_invariants")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gone RENAME TO payments_sandboxtransaction")

    assert states["ledger_equals_the_gateway"] == "failed"
    assert states["seats_are_counted"] == "broken"
    assert state_in_readyz(client) == "broken"
    row = InvariantCheck.objects.get(name="ledger_equals_the_gateway")
    client.force_login(carol)
    page = client.get(f"/admin/invariants/invariantcheck/{row.pk}/change/").text
    assert "Could not be checked" in page
    assert "UndefinedTable" in page


def test_check_that_is_missing_or_old_is_a_finding(school, client, carol):
    assert state_in_readyz(client) == "too old"
    everything_checked()
    assert state_in_readyz(client) == "ok"

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert state_in_readyz(client) == "too old"
        client.force_login(carol)
        assert "Not checked lately" in client.get("/admin/").text
        page = client.get("/admin/invariants/invariantcheck/").text
        assert "not checked lately: is beat running?" in page
        assert {finding.state for finding in list_standing()} == {"too_old", "holds"}


def test_button_checks_now(school, client, carol):
    client.force_login(carol)

    page = client.post(reverse("admin:invariants_invariantcheck_check_now"), follow=True)

    assert "All that was checked holds." in page.text
    assert InvariantCheck.objects.count() == len(INVARIANTS) - 1


def test_change_of_the_history_is_found_from_where_the_last_check_ended(school):
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        report_invariants()
        position = InvariantCheck.objects.get(name=HISTORY.name).progress["position"]
        assert position == LoggedEvent.objects.latest("pk").pk
        with connection.cursor() as cursor:
            cursor.execute(VIOLATIONS["whole_history_equals_the_log"].sql)

        assert broken_now() == set(), "nothing has changed in the log"
        check_whole_history()
        assert InvariantCheck.objects.get(name=WHOLE_HISTORY.name).state == "broken"


def test_difference_is_found_until_it_is_gone(school):
    with connection.cursor() as cursor:
        cursor.execute(VIOLATIONS["whole_history_equals_the_log"].sql)
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        assert broken_now() == {HISTORY.name}
        assert broken_now() == {HISTORY.name}, "though the position has moved on"
        rebuild_history()
        assert broken_now() == set()


def broken_now():
    report_invariants()
    return set(InvariantCheck.objects.filter(state="broken").values_list("name", flat=True)) - {
        "holds_end_on_time",
        "offers_end_on_time",
    }


def test_whole_history_is_compared_in_slices_and_once_a_night(school, monkeypatch):
    monkeypatch.setattr(history, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(history_check, "CHUNK_KEYS", 2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE students_historyentry SET status = 'expired' WHERE lecture_id = 1")
    check_whole_history()
    slices = 1
    while "next" in progress_of_whole():
        check_whole_history()
        slices += 1

    assert slices >= 2
    stored = InvariantCheck.objects.get(name=WHOLE_HISTORY.name)
    completed = stored.progress["completed_at"]
    check_whole_history()
    assert progress_of_whole()["completed_at"] == completed, "not due before the next night"
    with time_machine.travel(timezone.now() + timedelta(hours=41)):
        check_whole_history()
        assert progress_of_whole() != {"completed_at": completed}


def progress_of_whole():
    row = InvariantCheck.objects.filter(name=WHOLE_HISTORY.name).first()
    return row.progress if row else {}
