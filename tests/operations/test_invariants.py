"""Every invariant holds in a world built legally, and is seen to break when it is broken."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.lectures import services as lectures
from elearning.invariants import INVARIANTS, check_invariants, report_invariants

pytestmark = pytest.mark.django_db(transaction=True)

BREAKS = {
    "approved_is_settled": "UPDATE payments_payment SET status = 'pending'",
    "settled_is_approved": "UPDATE lectures_enrollment SET status = 'requested', pay_by = now()",
    "seats_are_counted": "UPDATE courses_course SET seats_taken = 0 WHERE capacity = 1",
    "seats_are_offered_in_order": "UPDATE lectures_waitinglistentry SET status = 'waiting',"
    " offered_at = NULL, offered_until = NULL, ended_at = NULL"
    " WHERE id = (SELECT min(id) FROM lectures_waitinglistentry)",
    "offers_end_on_time": "UPDATE lectures_waitinglistentry SET offered_until ="
    " now() - interval '1 day', offered_at = now() - interval '2 days' WHERE status = 'offered'",
    "ledger_balances": "INSERT INTO payments_ledgerentry (payment_id, account, amount_minor,"
    " currency, booked_at, charge_id) SELECT payment_id, 'surplus', 1, 'KRW', now(), id"
    " FROM payments_charge LIMIT 1",
    "ledger_equals_the_gateway": "UPDATE payments_sandboxtransaction SET amount_minor = 1,"
    " created_at = now() - interval '1 day'",
    "one_capture_is_kept": "UPDATE payments_charge SET status = 'surplus'",
    "cancelled_is_refunded": "UPDATE payments_refund SET amount_minor = 1",
    "no_charge_stays_unknown": "UPDATE payments_charge SET status = 'processing',"
    " called_at = now() - interval '1 hour'",
    "completed_is_certified": "DELETE FROM certification_certificate",
    "deliveries_are_on_time": "UPDATE events_delivery SET status = 'dead'",
    "history_equals_the_log": "UPDATE students_historyentry SET status = 'completed'",
}


@pytest.fixture
def school(alice, bob, mallory, make_course, enroll, pay, learn, deliver_all):
    course_id = make_course()
    first, second = enroll(alice, course_id), enroll(bob, course_id)
    pay(first, alice)
    learn(first, alice)
    pay(second, bob)
    lectures.cancel_enrollment(enrollment_id=second, student_id=bob.pk)
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
    assert capsys.readouterr().out.count("holds") == len(INVARIANTS) == len(BREAKS)


@pytest.mark.parametrize("name", BREAKS)
def test_broken_invariant_is_found(name, school):
    with connection.cursor() as cursor:
        cursor.execute(BREAKS[name])

    broken = {finding.name for finding in check_invariants() if not finding.holds}

    assert name in broken
    with pytest.raises(CommandError, match=name):
        call_command("check_invariants")


def test_report_degrades_readyz_and_is_shown_to_staff(school, client, carol):
    assert report_invariants().broken == {}
    assert client.get("/readyz").json()["checks"]["invariants"] == "ok"

    with connection.cursor() as cursor:
        cursor.execute(BREAKS["seats_are_counted"])
    report = report_invariants()

    assert client.get("/readyz").json()["checks"]["invariants"] == "broken"
    client.force_login(carol)
    page = client.get(f"/admin/elearning/invariantreport/{report.pk}/change/")
    assert "seats_taken" in page.text
