"""Enrollment and payment: how long, how often, through which gateway."""

import base64

from django.core.exceptions import ImproperlyConfigured

from elearning.settings.environment import PRODUCTION, env

ENROLLMENT_HOLD_SECONDS = env.int("ENROLLMENT_HOLD_SECONDS", default=24 * 3600)
OPEN_HOLDS_PER_STUDENT = env.int("OPEN_HOLDS_PER_STUDENT", default=5)
"""Seats held unpaid by one student at once; staff may hold more for a student."""
HOLD_PAUSE_SECONDS = env.int("HOLD_PAUSE_SECONDS", default=6 * 3600)
"""Before a student holds a seat of the same course again, after one expired or was cancelled."""
WAITING_PLACES_PER_STUDENT = env.int("WAITING_PLACES_PER_STUDENT", default=20)
if min(OPEN_HOLDS_PER_STUDENT, WAITING_PLACES_PER_STUDENT) < 1 or HOLD_PAUSE_SECONDS < 0:
    raise ImproperlyConfigured(
        "Set OPEN_HOLDS_PER_STUDENT and WAITING_PLACES_PER_STUDENT to 1 or more, and"
        " HOLD_PAUSE_SECONDS to 0 or more."
    )
WAITING_LIST_OFFER_SECONDS = env.int("WAITING_LIST_OFFER_SECONDS", default=24 * 3600)
if WAITING_LIST_OFFER_SECONDS < 1:
    raise ImproperlyConfigured("Set WAITING_LIST_OFFER_SECONDS to 1 or more.")
PAYMENT_REMINDER_HOURS = env.int("PAYMENT_REMINDER_HOURS", default=6)
START_REMINDER_HOUR = env.int("START_REMINDER_HOUR", default=9)  # of the day before, in TIME_ZONE
LESSON_REMINDER_AFTER_DAYS = env.int("LESSON_REMINDER_AFTER_DAYS", default=7)
LESSON_REMINDERS_PER_PAUSE = env.int("LESSON_REMINDERS_PER_PAUSE", default=4)
if min(PAYMENT_REMINDER_HOURS, LESSON_REMINDER_AFTER_DAYS, LESSON_REMINDERS_PER_PAUSE) < 1:
    raise ImproperlyConfigured(
        "Set PAYMENT_REMINDER_HOURS, LESSON_REMINDER_AFTER_DAYS and LESSON_REMINDERS_PER_PAUSE"
        " to 1 or more."
    )
if not 0 <= START_REMINDER_HOUR <= 23:
    raise ImproperlyConfigured("Set START_REMINDER_HOUR to an hour of the day, 0 to 23.")
BATCH_BACKOFF_SECONDS = [10, 60, 300, 1800, 7200]  # until a failed row of a batch is tried again
CURRENCIES = env.list("CURRENCIES", default=["KRW", "USD", "EUR", "JPY"])
DEFAULT_CURRENCY = env.str("DEFAULT_CURRENCY", default="KRW")

PAYMENT_GATEWAYS = ["none", "sandbox"]
PAYMENT_GATEWAY = env.str("PAYMENT_GATEWAY", default="sandbox")
"""The one at which new charges are made. ``none`` is a school of free courses (decision 0029)."""
PAYMENTS_ENABLED = PAYMENT_GATEWAY != "none"
PAYMENT_TOTAL_BUDGET_SECONDS = env.float("PAYMENT_TOTAL_BUDGET_SECONDS", default=6.0)
PAYMENT_MAX_ATTEMPTS = env.int("PAYMENT_MAX_ATTEMPTS", default=2)
PAYMENT_BACKOFF_INITIAL_SECONDS = env.float("PAYMENT_BACKOFF_INITIAL_SECONDS", default=0.1)
PAYMENT_BACKOFF_MAX_SECONDS = env.float("PAYMENT_BACKOFF_MAX_SECONDS", default=1.0)
PAYMENT_READ_TIMEOUT_SECONDS = env.float("PAYMENT_READ_TIMEOUT_SECONDS", default=4.0)
PAYMENT_BULKHEAD_CALLS = env.int("PAYMENT_BULKHEAD_CALLS", default=8)
PAYMENT_BULKHEAD_WAIT_SECONDS = env.float("PAYMENT_BULKHEAD_WAIT_SECONDS", default=0.2)
PAYMENT_BREAKER_WINDOW_CALLS = env.int("PAYMENT_BREAKER_WINDOW_CALLS", default=20)
PAYMENT_BREAKER_MIN_CALLS = env.int("PAYMENT_BREAKER_MIN_CALLS", default=10)
PAYMENT_BREAKER_FAILURE_PERCENT = env.int("PAYMENT_BREAKER_FAILURE_PERCENT", default=50)
PAYMENT_BREAKER_SLOW_SECONDS = env.float("PAYMENT_BREAKER_SLOW_SECONDS", default=3.0)
PAYMENT_BREAKER_OPEN_SECONDS = env.float("PAYMENT_BREAKER_OPEN_SECONDS", default=15.0)
PAYMENT_IN_PROGRESS_SECONDS = env.float("PAYMENT_IN_PROGRESS_SECONDS", default=10.0)
PAYMENT_SETTLE_AFTER_SECONDS = env.float("PAYMENT_SETTLE_AFTER_SECONDS", default=15.0)
PAYMENT_ABANDON_AFTER_SECONDS = env.float("PAYMENT_ABANDON_AFTER_SECONDS", default=60.0)
REFUND_BACKOFF_SECONDS = [10, 30, 120, 600]
SANDBOX_SLOW_TOKEN_SECONDS = env.float("SANDBOX_SLOW_TOKEN_SECONDS", default=2.0)
if PAYMENT_GATEWAY not in PAYMENT_GATEWAYS and not PRODUCTION:  # there, with all else that is wrong
    raise ImproperlyConfigured(f"Set PAYMENT_GATEWAY to {' or '.join(PAYMENT_GATEWAYS)}.")


def webhook_secret() -> str | None:
    """Return the secret that gateways sign with, or None. Raises ImproperlyConfigured."""
    if "PAYMENT_WEBHOOK_SECRET" not in env.ENVIRON:
        return None
    secret = env.str("PAYMENT_WEBHOOK_SECRET")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not 24 <= len(key) <= 64:
        raise ImproperlyConfigured(
            "PAYMENT_WEBHOOK_SECRET: leave it unset, or set whsec_ and 24 to 64 random bytes in"
            " base64. An empty or short one would let anybody sign."
        )
    return secret


PAYMENT_WEBHOOK_SECRET = webhook_secret()
