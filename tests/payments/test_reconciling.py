"""Money at the gateway that is missing here is booked, and goes back if nobody wants it."""

from datetime import timedelta

import time_machine
from django.utils import timezone

from apps.lectures.models import Enrollment
from apps.payments import services
from apps.payments.gateways.sandbox import SandboxGateway
from apps.payments.models import Charge, LedgerEntry, Payment, Refund


def capture_late(charge):
    """The gateway takes up a call that we had given up on."""
    SandboxGateway().charge(
        idempotency_key=charge.idempotency_key,
        amount_minor=charge.amount_minor,
        currency=charge.currency,
        token="tok_approved",
        timeout_seconds=1,
    )


def test_capture_of_a_charge_given_up_is_booked_and_refunded(
    gateway, charge, due, settings, deliver_all
):
    gateway("down")
    charge()
    gateway("working")
    given_up = Charge.objects.get(status="abandoned")
    charge()
    capture_late(given_up)

    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        report = services.reconcile()
        deliver_all()
        again = services.reconcile()

    assert (report.booked, again.booked) == (1, 0)
    assert Refund.objects.get().status == "succeeded"
    assert Payment.objects.get().status == "approved"
    assert sum(LedgerEntry.objects.values_list("amount_minor", flat=True)) == 0


def test_key_that_is_not_ours_is_reported(gateway, due):
    capture_late(Charge(payment=due, idempotency_key="stranger", amount_minor=5, currency="KRW"))

    assert services.reconcile().unknown_keys == ["stranger"]


def test_unknown_charge_is_settled(gateway, charge, due, settings):
    settings.PAYMENT_MAX_ATTEMPTS = 1
    charge("tok_timeout_after_capture")

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        assert services.reconcile().settled == 1

    assert Enrollment.objects.get().status == "approved"


def test_gateway_that_is_down_is_no_error(gateway, due):
    gateway("down")
    assert not services.reconcile().gateway_answered
