"""The running system under random operations and every kind of fault.

By ``make test-faults SEED=… OPERATIONS=…``: in full from 5,000 operations on. See README.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.faults.driving.judgement import Judgement, judge
from tests.faults.driving.load import Load, carry_out
from tests.faults.driving.schedule import Breaking, draw_schedule
from tests.faults.driving.under_test import under_test
from tests.faults.form import IS_FULL, OPERATIONS, SEED

ROUNDS = 3 if IS_FULL else 1
BACK_SECONDS = 10 if IS_FULL else 60
"""A short run shares its machine with the other tests: it tells whether, not how soon."""


@pytest.mark.faults
def test_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    schedule = draw_schedule(seed=SEED, operations=OPERATIONS, rounds=ROUNDS)

    with under_test(tmp_path) as system:
        load = carry_out(system, schedule)
        judgement = judge(system, load)

    print("\n".join(report(load, judgement)))
    assert judgement.violations == [], "\n\n".join(judgement.violations)
    assert {kind: load.happened[kind] for kind in Breaking if load.happened[kind] < ROUNDS} == {}
    late = [str(it) for it in load.journal.damages if (it.back_seconds or 0) > BACK_SECONDS]
    assert late == [], late


def report(load: Load, judgement: Judgement) -> Iterable[str]:
    yield f"\nseed {SEED}: {len(load.journal.deeds)} operations in {load.seconds:.0f} s"
    yield f"{sum(load.happened.values())} faults, drained in {judgement.drain_seconds:.1f} s"
    yield f"{judgement.keys} keys at the gateway, {len(load.journal.promises)} promises"
    yield f"{len(judgement.violations)} violations"
    yield from map(str, load.journal.damages)
