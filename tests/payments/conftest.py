import pytest

from apps.payments import services
from apps.payments.models import Payment


@pytest.fixture
def due(alice, make_course, enroll):
    """Return Alice's pending payment of 50,000 won."""
    enroll(alice, make_course())
    return Payment.objects.get()


@pytest.fixture
def charge(due, alice):
    def make(token="tok_approved"):
        return services.charge_payment(payment_id=due.pk, payer_id=alice.pk, token=token)

    return make


@pytest.fixture
def gateway(db, settings):
    """Switch the sandbox, with limits short enough for a test."""
    settings.PAYMENT_READ_TIMEOUT_SECONDS = 0.3
    settings.PAYMENT_TOTAL_BUDGET_SECONDS = 0.8
    settings.PAYMENT_BACKOFF_INITIAL_SECONDS = 0.01
    settings.PAYMENT_BACKOFF_MAX_SECONDS = 0.02
    settings.SANDBOX_SLOW_TOKEN_SECONDS = 0.1

    def switch(behaviour, delay_milliseconds=0):
        services.set_sandbox_behaviour(behaviour=behaviour, delay_milliseconds=delay_milliseconds)

    return switch
