"""State × transition tables of every machine: what is not in the table is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.certification.models import Certificate
from apps.courses.models import Course
from apps.events.models import Delivery
from apps.lectures.models import Enrollment, NotPaid, WaitingListEntry
from apps.payments.models import Charge, Payment, Refund
from apps.students.models import SentEmail
from elearning.models import BulkItem, BulkJob
from foundation.guards.machines import list_machines
from tests.state_tables import assert_protected, table

NOW = timezone.now()
AT = {"at": NOW}

MACHINES = {
    Course: (
        {"open": {}, "close": {}, "withdraw": AT},
        {
            ("draft", "open"): "open",
            ("closed", "open"): "open",
            ("open", "close"): "closed",
            ("draft", "withdraw"): "withdrawn",
            ("open", "withdraw"): "withdrawn",
            ("closed", "withdraw"): "withdrawn",
        },
    ),
    Enrollment: (
        {
            "approve": {"paid_minor": 100, "paid_at": NOW, "at": NOW},
            "complete": AT,
            "cancel": AT,
            "expire": AT,
        },
        {
            ("requested", "approve"): "approved",
            ("requested", "cancel"): "cancelled",
            ("requested", "expire"): "expired",
            ("approved", "complete"): "completed",
            ("approved", "cancel"): "cancelled",
        },
    ),
    WaitingListEntry: (
        {
            "offer": {"at": NOW, "until": NOW},
            "accept": {"enrollment": Enrollment(), "at": NOW},
            "lapse": AT,
            "leave": AT,
        },
        {
            ("waiting", "offer"): "offered",
            ("offered", "accept"): "accepted",
            ("waiting", "lapse"): "lapsed",
            ("offered", "lapse"): "lapsed",
            ("waiting", "leave"): "left",
            ("offered", "leave"): "left",
        },
    ),
    Payment: (
        {
            "begin": {},
            "approve": AT,
            "decline": {},
            "defer": {},
            "cancel": {},
            "refund_partly": {"amount_minor": 1},
            "refund_fully": {"amount_minor": 100},
        },
        {
            ("pending", "begin"): "processing",
            ("declined", "begin"): "processing",
            ("deferred", "begin"): "processing",
            ("processing", "approve"): "approved",
            ("processing", "decline"): "declined",
            ("processing", "defer"): "deferred",
            ("pending", "cancel"): "cancelled",
            ("declined", "cancel"): "cancelled",
            ("deferred", "cancel"): "cancelled",
            ("approved", "refund_partly"): "partially_refunded",
            ("partially_refunded", "refund_partly"): "partially_refunded",
            ("approved", "refund_fully"): "refunded",
            ("partially_refunded", "refund_fully"): "refunded",
        },
    ),
    Charge: (
        {
            "capture": {"gateway_reference": "r", "at": NOW},
            "capture_surplus": {"gateway_reference": "r", "at": NOW},
            "decline": {"decline_code": "card_declined", "at": NOW},
            "abandon": AT,
        },
        {
            ("processing", "capture"): "captured",
            ("processing", "capture_surplus"): "surplus",
            ("abandoned", "capture_surplus"): "surplus",
            ("declined", "capture_surplus"): "surplus",
            ("processing", "decline"): "declined",
            ("processing", "abandon"): "abandoned",
        },
    ),
    Refund: (
        {"fail": {"now": NOW, "error": "down"}, "succeed": {"gateway_reference": "r", "at": NOW}},
        {
            ("requested", "fail"): "failing",
            ("failing", "fail"): "failing",
            ("requested", "succeed"): "succeeded",
            ("failing", "succeed"): "succeeded",
        },
    ),
    Certificate: (
        {"revoke": {"at": NOW, "reason": "A wrong name."}},
        {("issued", "revoke"): "revoked"},
    ),
    SentEmail: (
        {
            "claim": {"address": "alice@example.com", "now": NOW},
            "finish": {"subject": "Welcome", "at": NOW},
            "fail": {"error": "down"},
            "refuse": {"error": "no such mailbox"},
            "send_again": {},
        },
        {
            ("waiting", "claim"): "sending",
            ("failed", "claim"): "sending",
            ("sending", "claim"): "sending",
            ("sending", "finish"): "sent",
            ("sending", "fail"): "failed",
            ("sending", "refuse"): "refused",
            ("sent", "send_again"): "waiting",
            ("failed", "send_again"): "waiting",
            ("refused", "send_again"): "waiting",
        },
    ),
    BulkJob: (
        {"start": AT, "finish": AT, "stop": AT},
        {
            ("draft", "start"): "running",
            ("running", "finish"): "finished",
            ("running", "stop"): "stopped",
        },
    ),
    BulkItem: (
        {name: {"message": ""} for name in ("succeed", "leave", "refuse", "fail")},
        {
            ("pending", "succeed"): "done",
            ("pending", "leave"): "unchanged",
            ("pending", "refuse"): "refused",
            ("pending", "fail"): "failed",
        },
    ),
    Delivery: (
        {"deliver": AT, "put_aside": {"error": "dead"}, "retry": AT},
        {
            ("pending", "deliver"): "delivered",
            ("pending", "put_aside"): "dead",
            ("dead", "retry"): "pending",
        },
    ),
}
FIELDS = {
    Enrollment: {"price_minor": 100},
    Payment: {"amount_minor": 100},
    Refund: {"attempts": 1},
}


def test_every_machine_has_its_table():
    assert {(model, field.name) for model, field in list_machines()} == {
        (model, "status") for model in MACHINES
    }


@pytest.mark.parametrize("model", MACHINES, ids=lambda model: model.__name__)
def test_machine_allows_exactly_the_design(model):
    transitions, allowed = MACHINES[model]
    states = [value for value, _label in model._meta.get_field("status").choices]

    found = table(
        model, states, transitions, lambda state: model(status=state, **FIELDS.get(model, {}))
    )

    assert {key: target for key, target in found.items() if target} == allowed
    assert len(found) == len(states) * len(transitions)


@pytest.mark.parametrize("model", MACHINES, ids=lambda model: model.__name__)
def test_state_cannot_be_assigned(model):
    states = [value for value, _label in model._meta.get_field("status").choices]
    assert_protected(model(status=states[0]), states[-1])


@pytest.mark.parametrize(
    ("paid_minor", "paid_at"),
    [(0, None), (99, NOW), (101, NOW), (-100, NOW), (100, None)],
)
def test_enrollment_is_not_approved_unless_its_exact_price_is_settled(paid_minor, paid_at):
    enrollment = Enrollment(price_minor=100)

    with pytest.raises(NotPaid):
        enrollment.approve(paid_minor=paid_minor, paid_at=paid_at, at=NOW)

    assert enrollment.status == "requested"
    assert enrollment.approved_at is None


def test_refund_backs_off_longer_after_each_failure():
    refund = Refund(status="requested")
    waits = []
    for attempts in range(1, 7):
        refund.attempts = attempts
        refund.fail(now=NOW, error="down")
        waits.append(refund.due_at - NOW)

    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=10)
