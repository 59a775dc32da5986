"""The guard around every gateway call: bulkhead, then retry, then breaker, then time-out.

The retry stands outside the breaker, so the breaker counts real calls and its refusal is final.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from django.conf import settings
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from apps.payments.breaker import BreakerLimits, CircuitBreaker, CircuitOpen
from apps.payments.gateways.base import GatewayError, GatewayTimeout

logger = logging.getLogger(__name__)
T = TypeVar("T")


class NoAnswer(Exception):
    """The gate gave up. ``outcome_unknown`` tells whether the gateway may have done it anyway."""

    def __init__(self, *, outcome_unknown: bool, retry_after_seconds: float) -> None:
        super().__init__("The gateway gave no answer.")
        self.outcome_unknown = outcome_unknown
        self.retry_after_seconds = retry_after_seconds


@cache
def breaker() -> CircuitBreaker:
    """Return this process's breaker, which all its threads share."""
    return CircuitBreaker(
        BreakerLimits(
            window_calls=settings.PAYMENT_BREAKER_WINDOW_CALLS,
            min_calls=settings.PAYMENT_BREAKER_MIN_CALLS,
            failure_percent=settings.PAYMENT_BREAKER_FAILURE_PERCENT,
            slow_seconds=settings.PAYMENT_BREAKER_SLOW_SECONDS,
            open_seconds=settings.PAYMENT_BREAKER_OPEN_SECONDS,
        )
    )


@cache
def bulkhead() -> threading.BoundedSemaphore:
    """Return this process's places for gateway calls: the other threads stay free."""
    return threading.BoundedSemaphore(settings.PAYMENT_BULKHEAD_CALLS)


def call_gateway(call: Callable[[float], T]) -> T:
    """Return what ``call(timeout_seconds)`` returns, tried within PAYMENT_TOTAL_BUDGET_SECONDS.

    Only GatewayError is retried, under the caller's one idempotency key. Raises NoAnswer.
    """
    if not bulkhead().acquire(timeout=settings.PAYMENT_BULKHEAD_WAIT_SECONDS):
        raise NoAnswer(outcome_unknown=False, retry_after_seconds=1.0)
    try:
        return _call_with_retries(call)
    finally:
        bulkhead().release()


def _call_with_retries(call: Callable[[float], T]) -> T:
    ends_at = time.monotonic() + settings.PAYMENT_TOTAL_BUDGET_SECONDS
    timed_out = False

    def attempt() -> T:
        nonlocal timed_out
        remaining_seconds = max(ends_at - time.monotonic(), 0.1)
        timeout_seconds = min(settings.PAYMENT_READ_TIMEOUT_SECONDS, remaining_seconds)
        try:
            return breaker().call(lambda: call(timeout_seconds), failed_on=GatewayError)
        except GatewayTimeout:
            timed_out = True
            raise

    try:
        return _retrying()(attempt)
    except CircuitOpen as refused:
        raise NoAnswer(
            outcome_unknown=timed_out, retry_after_seconds=refused.retry_after_seconds
        ) from refused
    except GatewayError as error:
        logger.warning("Gateway gave no answer: %s", error)
        raise NoAnswer(
            outcome_unknown=timed_out,
            retry_after_seconds=settings.PAYMENT_BREAKER_OPEN_SECONDS,
        ) from error


def _retrying() -> Retrying:
    return Retrying(
        stop=stop_after_attempt(settings.PAYMENT_MAX_ATTEMPTS)
        | stop_after_delay(settings.PAYMENT_TOTAL_BUDGET_SECONDS),
        wait=wait_random_exponential(
            multiplier=settings.PAYMENT_BACKOFF_INITIAL_SECONDS,
            max=settings.PAYMENT_BACKOFF_MAX_SECONDS,
        ),
        retry=retry_if_exception_type(GatewayError),
        reraise=True,
    )
