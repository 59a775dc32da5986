"""Money at the gateway that is missing here is booked, and goes back if nobody wants it."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.lectures.models import Enrollment
from apps.payments import services
from apps.payments.gateways.sandbox import SandboxGateway
from apps.payments.models import Charge, LedgerEntry, Payment, Refund, SandboxTransaction
from apps.payments.services import settlement


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


def test_capture_of_a_declined_charge_is_booked_once_and_refunded(charge, due, deliver_all):
    charge("tok_declined")
    SandboxTransaction.objects.update(decline_code="")

    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        report, again = services.reconcile(), services.reconcile()
        deliver_all()

    assert (report.booked, again.booked) == (1, 0)
    assert Refund.objects.get().status == "succeeded"
    assert Enrollment.objects.get().status == "requested"


def test_row_that_fails_is_named_and_the_others_are_settled(
    gateway, charge, due, monkeypatch, bob, make_course, enroll, pay
):
    enrollment_id = enroll(bob, make_course(title="Another"))
    monkeypatch.setattr(settings, "PAYMENT_MAX_ATTEMPTS", 1)
    charge("tok_timeout_after_capture")
    pay(enrollment_id, bob, "tok_timeout_after_capture")
    poison = Charge.objects.order_by("called_at")[0]
    refuse(poison, monkeypatch)

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        report = services.reconcile()

    assert report.settled == 1
    assert f"charge {poison.pk}: ValueError('poison')" in report.failed
    assert Enrollment.objects.get(pk=enrollment_id).status == "approved"


def test_command_prints_what_was_mended_and_what_was_not(gateway, due, monkeypatch, charge):
    monkeypatch.setattr(settings, "PAYMENT_MAX_ATTEMPTS", 1)
    charge("tok_timeout_after_capture")
    refuse(Charge.objects.get(), monkeypatch)
    output = StringIO()

    with (
        time_machine.travel(timezone.now() + timedelta(minutes=1)),
        pytest.raises(CommandError, match="rows failed"),
    ):
        call_command("reconcile", "--days", "30", stdout=output)

    assert "settled 0, booked 0, refunded 0" in output.getvalue()
    assert "failed: charge" in output.getvalue()


def refuse(poison, monkeypatch):
    book = settlement.book_result

    def book_or_fail(*, charge_id, result):
        if charge_id == poison.pk:
            raise ValueError("poison")
        return book(charge_id=charge_id, result=result)

    monkeypatch.setattr(settlement, "book_result", book_or_fail)
    monkeypatch.setattr("apps.payments.services.reconciling.book_result", book_or_fail)
