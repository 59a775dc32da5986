"""The schedule of the fault suite is a pure function of its seed, drawn in strata."""

from collections import Counter

from apps.crash_points import CrashPoint
from tests.faults.driving.schedule import Breaking, Doing, draw_schedule


def test_same_seed_gives_the_same_schedule():
    first, second = (draw_schedule(seed=7, operations=2000, rounds=3) for _time in range(2))

    assert first == second
    assert [first.step(n) for n in range(2500)] == [second.step(n) for n in range(2500)]


def test_another_seed_gives_another_schedule():
    first, second = (draw_schedule(seed=seed, operations=2000, rounds=3) for seed in (1, 2))

    assert first.faults != second.faults
    assert [first.step(n) for n in range(50)] != [second.step(n) for n in range(50)]


def test_every_kind_of_fault_comes_in_every_round():
    faults = draw_schedule(seed=1, operations=10_000, rounds=3).faults

    assert len(faults) >= 50
    assert Counter(fault.breaking for fault in faults) == dict.fromkeys(Breaking, 3)
    assert list(faults) == sorted(faults, key=lambda fault: fault.before)
    assert all(0 < fault.before < 10_000 for fault in faults)


def test_every_operation_comes_within_a_short_run():
    schedule = draw_schedule(seed=1, operations=2000, rounds=1)

    assert {schedule.step(number).doing for number in range(2000)} == set(Doing)


def test_somebody_dies_at_every_named_step():
    assert {kind.crash_point for kind in Breaking} - {None} == set(CrashPoint)
