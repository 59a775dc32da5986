"""Try a command again when the database gave it up for the sake of another.

PostgreSQL ends one of two transactions that wait for each other (40P01), or that cannot be put in
an order (40001); the other goes on, and this one would go through now. Only around what touches
nothing but the database.
"""

from __future__ import annotations

from django.db import OperationalError, connection
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random

SQLSTATES = {"40001", "40P01"}
ATTEMPTS = 3
WAIT_SECONDS = 0.05


def _was_given_up(error: BaseException) -> bool:
    """Inside somebody's transaction there is nothing to try again: that is the outer one's."""
    if not isinstance(error, OperationalError) or connection.in_atomic_block:
        return False
    return getattr(error.__cause__, "sqlstate", "") in SQLSTATES


retry_given_up = retry(
    retry=retry_if_exception(_was_given_up),
    stop=stop_after_attempt(ATTEMPTS),
    wait=wait_random(0, WAIT_SECONDS),
    reraise=True,
)
