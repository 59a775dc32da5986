"""The guard around the gateway: breaker, retry, bulkhead."""

import threading
import time

import pytest

from apps.payments import gate
from apps.payments.breaker import BreakerLimits, CircuitBreaker, CircuitOpen
from apps.payments.gateways.base import GatewayTimeout, GatewayUnavailable

LIMITS = BreakerLimits(
    window_calls=20, min_calls=10, failure_percent=50, slow_seconds=3.0, open_seconds=15.0
)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return CircuitBreaker(LIMITS, clock)


def fail():
    raise GatewayUnavailable


def trip(breaker, calls=10):
    for _call in range(calls):
        with pytest.raises(GatewayUnavailable):
            breaker.call(fail, failed_on=GatewayUnavailable)


def test_breaker_stays_closed_below_the_minimum_of_calls(breaker):
    trip(breaker, calls=9)
    assert breaker.state == "closed"


def test_breaker_opens_at_half_failures_within_twenty_calls(breaker):
    for _call in range(10):
        breaker.call(lambda: "ok", failed_on=GatewayUnavailable)
    trip(breaker, calls=10)

    with pytest.raises(CircuitOpen) as refused:
        breaker.call(lambda: "never made", failed_on=GatewayUnavailable)

    assert refused.value.retry_after_seconds == 15.0


def test_breaker_counts_a_slow_answer_as_failed(breaker, clock):
    def slow():
        clock.now += 3.1
        return "late"

    for _call in range(10):
        assert breaker.call(slow, failed_on=GatewayUnavailable) == "late"
    assert breaker.state == "open"


def test_breaker_does_not_count_errors_of_ours(breaker):
    for _call in range(20):
        with pytest.raises(ZeroDivisionError):
            breaker.call(lambda: 1 / 0, failed_on=GatewayUnavailable)
    assert breaker.state == "closed"


def test_one_probe_closes_the_breaker_or_opens_it_again(breaker, clock):
    trip(breaker)
    clock.now = 15.0
    assert breaker.state == "half_open"
    with pytest.raises(GatewayUnavailable):
        breaker.call(fail, failed_on=GatewayUnavailable)
    assert breaker.state == "open"

    clock.now = 30.0
    assert breaker.call(lambda: "back", failed_on=GatewayUnavailable) == "back"
    assert breaker.state == "closed"


def test_only_one_probe_passes_at_a_time(breaker, clock):
    trip(breaker)
    clock.now = 15.0

    def probe():
        with pytest.raises(CircuitOpen):
            breaker.call(lambda: "second probe", failed_on=GatewayUnavailable)
        return "first probe"

    assert breaker.call(probe, failed_on=GatewayUnavailable) == "first probe"


def test_breaker_never_serialises_calls():
    breaker = CircuitBreaker(LIMITS)
    meeting = threading.Barrier(8, timeout=5)
    threads = [
        threading.Thread(target=breaker.call, args=(meeting.wait,), kwargs={"failed_on": OSError})
        for _thread in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not meeting.broken, "all eight were inside at once"


def test_gate_retries_transient_errors_only(settings):
    settings.PAYMENT_BACKOFF_INITIAL_SECONDS = 0.001
    calls = []

    def flaky(timeout_seconds):
        calls.append(timeout_seconds)
        if len(calls) == 1:
            raise GatewayUnavailable
        return "ok"

    assert gate.call_gateway(flaky) == "ok"
    with pytest.raises(ZeroDivisionError):
        gate.call_gateway(lambda timeout_seconds: 1 / 0)
    assert len(calls) == 2


def test_gate_keeps_its_total_budget(settings):
    settings.PAYMENT_TOTAL_BUDGET_SECONDS = 0.5
    settings.PAYMENT_READ_TIMEOUT_SECONDS = 0.4
    limits = []

    def hang(timeout_seconds):
        limits.append(timeout_seconds)
        time.sleep(timeout_seconds)
        raise GatewayTimeout

    with pytest.raises(gate.NoAnswer) as silence:
        gate.call_gateway(hang)

    assert silence.value.outcome_unknown
    assert sum(limits) <= 0.6


def test_gate_knows_that_a_refused_call_was_not_made(settings):
    settings.PAYMENT_BACKOFF_INITIAL_SECONDS = 0.001
    with pytest.raises(gate.NoAnswer) as silence:
        gate.call_gateway(lambda timeout_seconds: fail())
    assert not silence.value.outcome_unknown


def test_open_breaker_answers_at_once_without_a_call(settings):
    settings.PAYMENT_BACKOFF_INITIAL_SECONDS = 0.001
    made = []
    for _call in range(10):
        with pytest.raises(gate.NoAnswer):
            gate.call_gateway(lambda timeout_seconds: made.append(1) or fail())

    assert gate.breaker().state == "open"
    assert len(made) == 10, "it opened at the tenth call, within twenty"


def test_bulkhead_refuses_what_is_more_than_its_share(settings):
    settings.PAYMENT_BULKHEAD_CALLS = 2
    settings.PAYMENT_BULKHEAD_WAIT_SECONDS = 0.01
    gate.bulkhead.cache_clear()
    leave = threading.Event()
    inside = threading.Barrier(3, timeout=5)

    def hold(timeout_seconds):
        inside.wait()
        leave.wait(5)

    threads = [threading.Thread(target=gate.call_gateway, args=(hold,)) for _place in range(2)]
    for thread in threads:
        thread.start()
    inside.wait()
    with pytest.raises(gate.NoAnswer) as silence:
        gate.call_gateway(lambda timeout_seconds: "third")
    leave.set()
    for thread in threads:
        thread.join()

    assert not silence.value.outcome_unknown
    assert gate.call_gateway(lambda timeout_seconds: "free again") == "free again"
