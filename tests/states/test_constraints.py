"""What must never be false is false for nobody: raw SQL that tries to break it is refused."""

import pytest
from django.db import IntegrityError, connection, transaction

from apps.lectures import services as lectures
from apps.lectures.models import Enrollment

pytestmark = pytest.mark.django_db


def refused(sql: str, *parameters: object) -> bool:
    """Return whether the database refuses the statement; deferred checks included."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            assert cursor.rowcount, "the statement must reach a row"
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError:
        return True
    return False


UPDATES = [
    "UPDATE lectures_enrollment SET status = 'approved'",
    "UPDATE lectures_enrollment SET status = 'completed', completed_at = now()",
    "UPDATE lectures_enrollment SET status = 'paid'",
    "UPDATE lectures_enrollment SET status = 'cancelled'",
    "UPDATE lectures_enrollment SET pay_by = NULL",
    "UPDATE lectures_enrollment SET price_minor = -1",
    "UPDATE lectures_enrollment SET progress_percent = 101",
    "UPDATE payments_payment SET status = 'approved'",
    "UPDATE payments_payment SET status = 'settled'",
    "UPDATE payments_payment SET amount_minor = 0",
    "UPDATE payments_payment SET refunded_minor = amount_minor + 1",
    "UPDATE payments_payment SET refunded_minor = -1",
    "UPDATE payments_payment SET status = 'refunded', paid_at = now()",
    "UPDATE courses_course SET status = 'gone'",
    "UPDATE courses_course SET status = 'withdrawn'",
    "UPDATE courses_course SET seats_taken = capacity + 1",
    "UPDATE courses_course SET seats_taken = -1",
    "UPDATE courses_course SET price_minor = -1",
    "UPDATE courses_course SET price_minor = 1000000000001",
    "UPDATE courses_course SET completion_threshold_percent = 0",
    "UPDATE courses_course SET completion_threshold_percent = 101",
    "UPDATE courses_course SET refund_policy = 'never'",
    "UPDATE events_delivery SET status = 'lost'",
    "UPDATE events_loggedevent SET name = 'rewritten'",
    "DELETE FROM courses_course",
]


@pytest.mark.parametrize("sql", UPDATES)
def test_database_refuses(sql, alice, make_course, enroll):
    enroll(alice, make_course(capacity=5))

    assert refused(sql)


PAID_UPDATES = [
    "UPDATE payments_ledgerentry SET amount_minor = 1",
    "DELETE FROM payments_ledgerentry",
    "UPDATE payments_charge SET status = 'kept'",
    "UPDATE lectures_enrollment SET paid_at = NULL",
    "INSERT INTO payments_ledgerentry (payment_id, account, amount_minor, currency, booked_at)"
    " SELECT id, 'gateway', 1, 'KRW', now() FROM payments_payment",
    "INSERT INTO payments_ledgerentry (payment_id, account, amount_minor, currency, booked_at,"
    " charge_id) SELECT payment_id, 'gateway', 1, 'KRW', now(), id FROM payments_charge",
    "INSERT INTO payments_charge (payment_id, gateway, idempotency_key, amount_minor, currency,"
    " status, gateway_reference, decline_code, created_at, called_at)"
    " SELECT payment_id, gateway, 'another', amount_minor, currency, 'captured', '', '', now(),"
    " now() FROM payments_charge",
    "INSERT INTO payments_charge (payment_id, gateway, idempotency_key, amount_minor, currency,"
    " status, gateway_reference, decline_code, created_at, called_at)"
    " SELECT payment_id, gateway, idempotency_key, amount_minor, currency, 'declined', '', '',"
    " now(), now() FROM payments_charge",
]


@pytest.mark.parametrize("sql", PAID_UPDATES)
def test_database_refuses_once_paid(sql, alice, make_course, enroll, pay):
    pay(enroll(alice, make_course()), alice)

    assert refused(sql)


def test_database_refuses_a_second_live_enrollment(alice, make_course, enroll):
    enrollment_id = enroll(alice, make_course())
    columns = [f.column for f in Enrollment._meta.concrete_fields if f.column != "id"]
    names = ", ".join(columns)

    assert refused(
        f"INSERT INTO lectures_enrollment ({names}) SELECT {names} FROM lectures_enrollment"
        " WHERE id = %s",
        enrollment_id,
    )


WAITING_UPDATES = [
    "UPDATE lectures_waitinglistentry SET status = 'served'",
    "UPDATE lectures_waitinglistentry SET status = 'accepted', ended_at = now()"
    " WHERE status = 'offered'",
    "UPDATE lectures_waitinglistentry SET enrollment_id = (SELECT id FROM lectures_enrollment"
    " LIMIT 1)",
    "UPDATE lectures_waitinglistentry SET status = 'lapsed'",
    "UPDATE lectures_waitinglistentry SET status = 'left'",
    "UPDATE lectures_waitinglistentry SET ended_at = now()",
    "UPDATE lectures_waitinglistentry SET status = 'offered' WHERE status = 'waiting'",
    "UPDATE lectures_waitinglistentry SET status = 'waiting' WHERE status = 'offered'",
    "UPDATE lectures_waitinglistentry SET offered_until = NULL WHERE status = 'offered'",
    "UPDATE lectures_waitinglistentry SET offered_until = offered_at WHERE status = 'offered'",
    "INSERT INTO lectures_waitinglistentry (course_id, student_id, status, joined_at)"
    " SELECT course_id, student_id, 'waiting', now() FROM lectures_waitinglistentry",
    "UPDATE courses_course SET seats_taken = seats_taken + 1",
]


@pytest.mark.parametrize("sql", WAITING_UPDATES)
def test_database_refuses_once_a_seat_is_offered(sql, alice, bob, mallory, make_course, enroll):
    course_id = make_course(capacity=1)
    enrollment_id = enroll(alice, course_id)
    for student in (bob, mallory):
        lectures.join_waiting_list(student_id=student.pk, course_id=course_id)
    lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)

    assert refused(sql)


def test_database_refuses_a_second_certificate(alice, make_course, enroll, pay, learn, deliver_all):
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    learn(enrollment_id, alice)
    deliver_all()

    assert refused(
        "INSERT INTO certification_certificate (code, lecture_id, student_id, student_name,"
        " course_title, completed_at, issued_at, status, revocation_reason)"
        " SELECT 'AAAA-BBBB-CCCC', lecture_id, student_id, student_name, course_title,"
        " completed_at, issued_at, status, '' FROM certification_certificate"
    )
    assert refused("UPDATE certification_certificate SET status = 'revoked'")


def test_database_refuses_a_second_refund_of_one_purpose(
    alice, make_course, enroll, pay, deliver_all
):
    from apps.lectures import services

    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    services.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)

    assert refused(
        "INSERT INTO payments_refund (payment_id, charge_id, purpose, amount_minor, currency,"
        " idempotency_key, status, attempts, due_at, last_error, gateway_reference, requested_at)"
        " SELECT payment_id, charge_id, purpose, amount_minor, currency, 'another', 'requested', 0,"
        " now(), '', '', now() FROM payments_refund"
    )
