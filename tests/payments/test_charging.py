"""Every way in which a charge can end, and that none of them takes money twice."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments import services
from apps.payments.models import Charge, LedgerEntry, Payment, Refund, SandboxTransaction
from apps.refusals import NotFound


def captured_minor() -> int:
    rows = SandboxTransaction.objects.filter(kind="charge", decline_code="")
    return sum(rows.values_list("amount_minor", flat=True))


def test_approved_card_pays_and_approves_in_one_step(charge, due):
    assert charge().status == "approved"
    assert Enrollment.objects.get().status == "approved"
    assert sorted(LedgerEntry.objects.values_list("account", "amount_minor")) == [
        ("gateway", 50_000),
        ("tuition", -50_000),
    ]


@pytest.mark.parametrize(
    ("token", "decline_code"),
    [
        ("tok_declined", "card_declined"),
        ("tok_insufficient_funds", "insufficient_funds"),
        ("tok_nobody_knows", "invalid_card"),
        ("카드 💳", "invalid_card"),
    ],
)
def test_declined_card_leaves_the_seat_and_another_card_pays(charge, due, token, decline_code):
    outcome = charge(token)

    assert (outcome.status, outcome.decline_code) == ("declined", decline_code)
    assert Enrollment.objects.get().status == "requested"
    assert charge().status == "approved"
    assert captured_minor() == 50_000


def test_slow_card_is_waited_for(gateway, charge):
    assert charge("tok_slow").status == "approved"


def test_time_out_after_capture_is_asked_again_under_the_same_key(gateway, charge, due):
    assert charge("tok_timeout_after_capture").status == "approved"
    assert Charge.objects.count() == SandboxTransaction.objects.count() == 1
    assert captured_minor() == 50_000


def test_gateway_down_asks_to_pay_later_and_keeps_the_seat(gateway, charge, due):
    gateway("down")

    outcome = charge()

    assert outcome.status == "deferred"
    assert outcome.pay_by == due.pay_by
    assert outcome.retry_after_seconds > 0
    assert Enrollment.objects.get().status == "requested"
    assert Charge.objects.get().status == "abandoned"
    gateway("working")
    assert charge().status == "approved"


def test_unknown_outcome_stays_unknown_until_asked(gateway, charge, due, settings):
    settings.PAYMENT_MAX_ATTEMPTS = 1
    assert charge("tok_timeout_after_capture").status == "deferred"
    assert Charge.objects.get().status == "processing"

    assert charge("tok_declined").status == "approved", "the first card had paid already"

    assert captured_minor() == 50_000


def test_unknown_outcome_is_settled_by_the_periodic_task(gateway, charge, due, settings):
    settings.PAYMENT_MAX_ATTEMPTS = 1
    charge("tok_timeout_after_capture")

    with time_machine.travel(timezone.now() + timedelta(seconds=20)):
        assert services.settle_unknown_charges().done == 1

    assert Payment.objects.get().status == "approved"
    assert Enrollment.objects.get().status == "approved"


def test_charge_that_never_arrived_is_abandoned_after_a_while(gateway, charge, due, settings):
    settings.PAYMENT_MAX_ATTEMPTS = 1
    gateway("slow", 500)
    assert charge().status == "deferred"
    gateway("working")

    with time_machine.travel(timezone.now() + timedelta(seconds=20)):
        assert services.settle_unknown_charges().done == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=70)):
        assert services.settle_unknown_charges().done == 1

    assert Charge.objects.get().status == "abandoned"
    assert Payment.objects.get().status == "deferred"


def test_cancel_settles_the_unknown_first_then_refunds(
    gateway, charge, due, settings, alice, deliver_all
):
    settings.PAYMENT_MAX_ATTEMPTS = 1
    charge("tok_timeout_after_capture")

    refund_minor = lectures.cancel_enrollment(
        enrollment_id=Enrollment.objects.get().pk, student_id=alice.pk
    )
    deliver_all()

    assert refund_minor == 50_000
    assert Payment.objects.get().status == "refunded"


def test_cancel_works_while_the_gateway_is_down_and_late_money_goes_back(
    gateway, charge, due, settings, alice, deliver_all
):
    settings.PAYMENT_MAX_ATTEMPTS = 1
    charge("tok_timeout_after_capture")
    gateway("down")
    lectures.cancel_enrollment(enrollment_id=Enrollment.objects.get().pk, student_id=alice.pk)
    assert Payment.objects.get().status == "cancelled"

    gateway("working")
    with time_machine.travel(timezone.now() + timedelta(seconds=20)):
        services.settle_unknown_charges()
        deliver_all()

    refund = Refund.objects.get()
    assert (refund.purpose, refund.status, refund.amount_minor) == ("surplus", "succeeded", 50_000)
    assert sum(LedgerEntry.objects.values_list("amount_minor", flat=True)) == 0
    assert Enrollment.objects.get().status == "cancelled"


def test_crash_before_the_gateway_is_settled_by_asking(gateway, due, alice):
    """The process died right after ``processing`` was committed."""
    from apps.payments.services.charging import _begin

    _begin(due.pk, alice.pk, agreed=None)

    with time_machine.travel(timezone.now() + timedelta(seconds=20)):
        services.settle_unknown_charges()

    assert Payment.objects.get().status == "deferred"
    assert captured_minor() == 0


def test_crash_after_capture_is_settled_by_asking(gateway, due, alice):
    """The process died after the gateway captured and before anything was booked."""
    from apps.payments.services.charging import _begin, _make

    begun, _is_new = _begin(due.pk, alice.pk, agreed=None)
    _make(begun, "tok_approved")

    with time_machine.travel(timezone.now() + timedelta(seconds=20)):
        services.settle_unknown_charges()

    assert Enrollment.objects.get().status == "approved"
    assert captured_minor() == 50_000


def test_second_payment_is_refused_without_a_charge(charge, due):
    charge()

    with pytest.raises(services.PaymentAlreadyPaid):
        charge()

    assert SandboxTransaction.objects.count() == 1


def test_payment_under_way_is_refused(due, alice, charge):
    from apps.payments.services.charging import _begin

    _begin(due.pk, alice.pk, agreed=None)

    with pytest.raises(services.PaymentInProgress):
        charge()


def test_cancelled_payment_is_refused(due, alice, charge):
    lectures.cancel_enrollment(enrollment_id=Enrollment.objects.get().pk, student_id=alice.pk)

    with pytest.raises(services.PaymentClosed):
        charge()


def test_payment_past_its_time_is_refused_before_the_sweep(due, charge):
    with (
        time_machine.travel(due.pay_by + timedelta(seconds=1)),
        pytest.raises(services.PaymentExpired),
    ):
        charge()


def test_payment_of_another_is_not_found(due, mallory):
    with pytest.raises(NotFound):
        services.charge_payment(payment_id=due.pk, payer_id=mallory.pk, token="tok_approved")
    assert not Charge.objects.exists()


def test_expired_enrollment_frees_its_seat_and_cancels_its_payment(due, charge):
    with time_machine.travel(due.pay_by + timedelta(seconds=1)):
        assert lectures.expire_enrollments() == 1
        assert lectures.expire_enrollments() == 0

    assert Enrollment.objects.get().status == "expired"
    assert Payment.objects.get().status == "cancelled"
    with pytest.raises(services.PaymentClosed):
        charge()


def test_refund_is_retried_until_it_succeeds(gateway, charge, due, alice, deliver_all):
    charge()
    gateway("down")
    lectures.cancel_enrollment(enrollment_id=Enrollment.objects.get().pk, student_id=alice.pk)
    deliver_all()
    assert Refund.objects.get().status == "failing"

    gateway("working")
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert services.retry_refunds().done == 1
        assert services.retry_refunds().done == 0

    assert Payment.objects.get().refunded_minor == 50_000
    assert SandboxTransaction.objects.filter(kind="refund").count() == 1


def test_money_received_by_hand_approves_and_is_sent_back_by_hand(due, alice, deliver_all):
    services.approve_payment_by_staff(payment_id=due.pk)
    assert Enrollment.objects.get().status == "approved"
    lectures.cancel_enrollment(enrollment_id=Enrollment.objects.get().pk, student_id=alice.pk)
    deliver_all()
    refund = Refund.objects.get()
    assert refund.status == "requested", "no gateway can send it back"

    services.confirm_manual_refund(refund_id=refund.pk, transfer_reference="KB 20261124-1")

    assert Payment.objects.get().status == "refunded"
    with pytest.raises(services.RefundNotManual):
        services.confirm_manual_refund(refund_id=refund.pk, transfer_reference="again")


def test_money_by_hand_is_refused_once_paid_or_cancelled(due, charge):
    charge()
    with pytest.raises(services.PaymentAlreadyPaid):
        services.approve_payment_by_staff(payment_id=due.pk)


def test_payment_given_back_says_so_and_how_to_go_on(due, charge, alice, deliver_all):
    charge()
    lectures.cancel_enrollment(enrollment_id=Enrollment.objects.get().pk, student_id=alice.pk)
    with pytest.raises(services.PaymentRefunded):
        charge()
    deliver_all()

    with translation.override("en"), pytest.raises(services.PaymentRefunded, match="enroll again"):
        charge()
    assert SandboxTransaction.objects.filter(kind="charge").count() == 1
