"""The fault suite can fail: each of these mutants of the product must be noticed.

By ``make test-mutants``. The load is aimed at what the mutant lacks; the product itself passes it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.driving.judgement import judge
from tests.faults.driving.load import carry_out
from tests.faults.driving.schedule import Breaking, draw_schedule
from tests.faults.driving.under_test import under_test

OPERATIONS = 150
ROUNDS = 3
BOOKS = "books_of_the_gateway_to_the_last_key"
AIMED = {
    "no_key_at_gateway": (Breaking.GATEWAY_TIMES_OUT_AFTER_CAPTURE, BOOKS),
    "naive_seats": (Breaking.CROWD_AT_THE_DOOR, "seats_are_counted"),
    "delay_instead_of_outbox": (Breaking.REDIS_STOPPED, "completed_is_certified"),
    "refund_without_key": (Breaking.DIES_AT_REFUND_MADE, BOOKS),
    "approval_in_second_transaction": (Breaking.DIES_AT_CHARGE_BOOKED, "settled_is_approved"),
    "certificate_if_not_exists": (Breaking.WORKER_OUTLIVES_ITS_LEASE, "completed_is_certified"),
    "handler_without_idempotence": (Breaking.DELIVERED_TWICE, "completed_is_certified"),
}
"""By mutant: the fault that it cannot stand, and what is then found broken."""


@pytest.mark.mutant
@pytest.mark.parametrize("mutant", AIMED)
def test_mutant_is_noticed(mutant: str, tmp_path: Path) -> None:
    kind, broken = AIMED[mutant]
    schedule = draw_schedule(seed=1, operations=OPERATIONS, rounds=ROUNDS, kinds=(kind,))

    with under_test(tmp_path, mutant=mutant) as system:
        load = carry_out(system, schedule)
        judgement = judge(system, load)

    print(f"\n{mutant} after {len(load.journal.deeds)} operations:\n{judgement.violations}")
    assert any(violation.startswith(f"{broken} is broken") for violation in judgement.violations)
