"""The database holds the machines: what no transition leads to, raw SQL does not reach either."""

import re

import pytest
from django.db import IntegrityError, connection, transaction

from apps.lectures import services as lectures
from foundation.guards.machines import guard_of, list_machines

pytestmark = pytest.mark.django_db
MACHINES = [pytest.param(*machine, id=machine[0].__name__) for machine in list_machines()]


def triggers_of(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND tgname = ANY(%s)",
            [table, [f"{table}_begins", f"{table}_transits"]],
        )
        return dict(cursor.fetchall())


@pytest.mark.parametrize(("model", "field"), MACHINES)
def test_triggers_hold_exactly_the_machine(model, field):
    guard = guard_of(model, field)
    stored = triggers_of(guard.table)

    with connection.cursor() as cursor:
        cursor.execute(guard.create_sql())

    assert stored == triggers_of(guard.table), (
        f"Add a migration to {model._meta.app_label} with guard_state({guard.table!r},"
        f" begins_as={list(guard.begins_as)}, transitions={list(guard.transitions)})"
    )


def refusal_of(*statements):
    """Return what the database says to the statements at their commit; empty when it lets them."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                assert cursor.rowcount, "the statement must reach a row"
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
    except IntegrityError as error:
        return str(error)
    return ""


@pytest.fixture
def unpaid(alice, make_course, enroll):
    return enroll(alice, make_course())


@pytest.fixture
def paid(unpaid, alice, pay):
    pay(unpaid, alice)
    return unpaid


APPROVE = (
    "UPDATE lectures_enrollment SET status = 'approved', paid_at = now(), approved_at = now(),"
    " pay_by = NULL WHERE status = 'requested'"
)
CAPTURE = (
    "INSERT INTO payments_charge (payment_id, gateway, idempotency_key, amount_minor, currency,"
    " status, gateway_reference, decline_code, created_at, called_at) SELECT id, 'manual', 'mine',"
    " amount_minor, currency, 'captured', '', '', now(), now() FROM payments_payment"
)


def test_enrollment_is_not_approved_by_sql_that_says_it_is_paid(unpaid):
    assert "without a settled payment of its price" in refusal_of(APPROVE)


def test_payment_is_not_settled_by_sql_without_a_capture(unpaid):
    settle = (
        "UPDATE payments_payment SET status = 'processing'",
        "UPDATE payments_payment SET status = 'approved', paid_at = now()",
    )

    assert "without a capture of its amount" in refusal_of(*settle, APPROVE)


def test_capture_is_not_made_by_sql_without_the_ledger(unpaid):
    assert "is captured and not in the ledger" in refusal_of(CAPTURE)


def test_payment_is_not_settled_by_sql_in_one_step(unpaid):
    settle = "UPDATE payments_payment SET status = 'approved', paid_at = now()"

    assert 'no transition leads from "pending" to "approved"' in refusal_of(settle)


def test_refund_is_not_made_by_sql_without_the_ledger(paid, alice):
    lectures.cancel_enrollment(enrollment_id=paid, student_id=alice.pk)

    succeed = "UPDATE payments_refund SET status = 'succeeded', succeeded_at = now()"
    assert "has succeeded and is not in the ledger" in refusal_of(succeed)


def test_ledger_sums_to_zero_at_the_commit(paid):
    entry = (
        "INSERT INTO payments_ledgerentry (payment_id, account, amount_minor, currency, booked_at,"
        " charge_id) SELECT payment_id, 'surplus', 1, currency, now(), id FROM payments_charge"
    )

    assert "does not sum to zero" in refusal_of(entry)


@pytest.mark.parametrize(
    "change",
    [
        "lectures_enrollment SET price_minor = 1",
        "lectures_enrollment SET currency = 'USD'",
        "lectures_enrollment SET refund_policy = 'none'",
        "lectures_enrollment SET paid_at = now() + interval '1 day'",
        "lectures_enrollment SET approved_at = NULL",
        "payments_payment SET amount_minor = 1",
        "payments_payment SET reference = 'lecture-0'",
        "payments_payment SET currency = 'USD'",
        "payments_payment SET paid_at = now() + interval '1 day'",
        "payments_charge SET amount_minor = 1",
        "payments_charge SET idempotency_key = 'another'",
        "payments_refund SET amount_minor = 1",
        "payments_refund SET purpose = 'surplus'",
    ],
)
def test_what_is_agreed_is_frozen(change, paid, alice):
    lectures.cancel_enrollment(enrollment_id=paid, student_id=alice.pk)

    column = re.search(r"SET (\w+)", change)[1]
    assert f"these columns are frozen: {column}" in refusal_of(f"UPDATE {change}")


def test_refunded_sum_never_falls(paid, alice, deliver_all):
    from apps.payments import services as payments

    lectures.cancel_enrollment(enrollment_id=paid, student_id=alice.pk)
    payments.retry_refunds()

    fall = "UPDATE payments_payment SET refunded_minor = 0, status = 'refunded'"
    assert "these columns are frozen: refunded_minor" in refusal_of(fall)


@pytest.mark.parametrize(
    ("trigger", "statements"),
    [
        ("lectures_enrollment_is_settled ON lectures_enrollment", [APPROVE]),
        ("payments_charge_is_booked ON payments_charge", [CAPTURE]),
        (
            "payments_payment_transits ON payments_payment",
            ["UPDATE payments_payment SET status = 'declined'"],
        ),
        (
            "payments_payment_frozen ON payments_payment",
            ["UPDATE payments_payment SET amount_minor = 1"],
        ),
    ],
)
def test_without_its_trigger_the_statement_goes_through(trigger, statements, unpaid):
    assert refusal_of(*statements)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"DROP TRIGGER {trigger}")

    assert refusal_of(*statements) == ""
