"""What is always true of the school, composed here because it looks into several contexts."""

from __future__ import annotations

from elearning.invariants.history import (
    HISTORY,
    WHOLE_HISTORY,
    check_whole_history,
    find_all,
)
from elearning.invariants.learning import LEARNING
from elearning.invariants.money import MONEY
from foundation.invariants.services import Finding, check, check_and_store, list_findings

__all__ = [
    "INVARIANTS",
    "check_invariants",
    "check_whole_history",
    "list_standing",
    "report_invariants",
]

INVARIANTS = [*LEARNING, *MONEY, HISTORY, WHOLE_HISTORY]


def check_invariants() -> list[Finding]:
    """Check all of them whole, each by itself, and store nothing."""
    own = [check(invariant) for invariant in INVARIANTS if invariant.is_periodic]
    return [*own, check(find_all(WHOLE_HISTORY))]


def report_invariants() -> list[Finding]:
    """Check those that are checked every five minutes, and store how each stands."""
    return [check_and_store(invariant) for invariant in INVARIANTS if invariant.is_periodic]


def list_standing() -> list[Finding]:
    """Return how all stand by their last checks, in one query."""
    return list_findings(INVARIANTS)
