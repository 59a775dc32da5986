"""A circuit breaker over a sliding window of calls; one per process, never serialising them.

Our own, because no library passed what docs/decisions/0005 asks of it: ``pybreaker`` holds its lock
during the call and counts consecutive failures only.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class CircuitOpen(Exception):
    """The call was not made. ``retry_after_seconds`` is when a probe may be let through."""

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__(f"Circuit open for another {retry_after_seconds:.1f} s.")
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True)
class BreakerLimits:
    """``window_calls`` are looked at, once ``min_calls`` were seen; slow calls count as failed."""

    window_calls: int
    min_calls: int
    failure_percent: int
    slow_seconds: float
    open_seconds: float


class CircuitBreaker:
    """Closed until too many calls fail, then open, then one probe decides."""

    def __init__(self, limits: BreakerLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: deque[bool] = deque(maxlen=limits.window_calls)
        self._opened_at: float | None = None
        self._probing = False

    @property
    def state(self) -> str:
        """``closed``, ``open`` or ``half_open`` (a probe may pass or is under way)."""
        with self._lock:
            if self._opened_at is None:
                return "closed"
            return "half_open" if self._remaining_seconds() <= 0 else "open"

    def call(self, function: Callable[[], T], *, failed_on: type[Exception]) -> T:
        """Return the function's result. Raises CircuitOpen without calling it.

        An exception of ``failed_on``, or an answer slower than ``slow_seconds``, is a failure.
        """
        probing = self._admit()
        started_at = self._clock()
        failed = True
        try:
            result = function()
            failed = self._clock() - started_at > self._limits.slow_seconds
            return result
        except Exception as error:
            failed = isinstance(error, failed_on)
            raise
        finally:
            self._record(failed=failed, probing=probing)

    def _admit(self) -> bool:
        """Return whether this call is the probe of an open circuit."""
        with self._lock:
            if self._opened_at is None:
                return False
            remaining = self._remaining_seconds()
            if remaining > 0 or self._probing:
                raise CircuitOpen(max(remaining, 1.0))
            self._probing = True
            return True

    def _remaining_seconds(self) -> float:
        opened_at = self._opened_at or 0.0
        return opened_at + self._limits.open_seconds - self._clock()

    def _record(self, *, failed: bool, probing: bool) -> None:
        with self._lock:
            if probing:
                self._finish_probe(failed=failed)
                return
            self._failures.append(failed)
            seen = len(self._failures)
            too_many = sum(self._failures) * 100 >= seen * self._limits.failure_percent
            if self._opened_at is None and seen >= self._limits.min_calls and too_many:
                self._opened_at = self._clock()

    def _finish_probe(self, *, failed: bool) -> None:
        self._probing = False
        self._failures.clear()
        self._opened_at = self._clock() if failed else None
