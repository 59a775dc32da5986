"""Every invariant holds in a world built legally, and is seen to break when it is broken."""

from dataclasses import dataclass

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from apps.lectures import services as lectures
from elearning.invariants import INVARIANTS, check_invariants, report_invariants

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
    "history_equals_the_log": Violation(
        "key",
        "UPDATE students_historyentry SET status = 'completed'"
        " WHERE status = 'cancelled' RETURNING lecture_id",
    ),
}
OTHERS = {
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
    deliver_all()


def test_all_hold_in_a_legal_world(school, capsys):
    call_command("check_invariants")
    assert capsys.readouterr().out.count("holds") == len(INVARIANTS)
    assert {invariant.name for invariant in INVARIANTS} == set(VIOLATIONS)


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
    assert set(broken) == {name}
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

    with pytest.raises(CommandError, match="1 of 14 are broken: seats_are_counted"):
        call_command("check_invariants")
    output = capsys.readouterr().out
    assert "BROKEN (1)" in output
    assert f"{{'course': {course_id}, 'capacity': 1, 'seats_taken': 0" in output


def test_report_degrades_readyz_and_is_shown_to_staff(school, client, carol):
    assert report_invariants().broken == {}
    assert client.get("/readyz").json()["checks"]["invariants"] == "ok"

    with connection.cursor() as cursor:
        cursor.execute(VIOLATIONS["seats_are_counted"].sql)
    report = report_invariants()

    assert client.get("/readyz").json()["checks"]["invariants"] == "broken"
    client.force_login(carol)
    page = client.get(f"/admin/elearning/invariantreport/{report.pk}/change/")
    assert "seats_taken" in page.text
