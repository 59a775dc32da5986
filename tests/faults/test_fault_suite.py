"""The running system under random operations and every kind of fault, and what a fault may cost.

Short in ``make test``, in full by ``make test-faults SEED=… OPERATIONS=…``: see README.md. What a
broker or a breaker costs is in ``tests/journeys/test_running_system.py``.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from tests.faults.driving.client import Client
from tests.faults.driving.journal import Journal
from tests.faults.driving.judgement import Judgement, judge
from tests.faults.driving.load import Load, carry_out
from tests.faults.driving.people import People
from tests.faults.driving.schedule import Breaking, draw_schedule
from tests.faults.driving.stage import Stage
from tests.faults.driving.under_test import UnderTest, under_test
from tests.faults.form import IS_FULL, OPERATIONS, SEED
from tests.faults.inside.poison import TITLE

ROUNDS = 3 if IS_FULL else 1
BACK_SECONDS = 10 if IS_FULL else 60
"""A short run shares its machine with the other tests: it tells whether, not how soon."""
PAYERS, PERIOD_SECONDS = 12, 3.0
"""Longer than a payment may take: as many come while the gateway hangs as while it works."""
LOOK_SECONDS = 0.05
PAIRS, LOOKS = (4, 200) if IS_FULL else (4, 15)
PERCENTILE, GROWTH = (95, 1.2) if IS_FULL else (50, 3.0)
"""A short run shares its machine with other tests: it notices a catalogue that waits."""
HANGING_MILLISECONDS = 30_000
MAX_ATTEMPTS = 5

POISONED = """
    SELECT d.id, d.status, d.attempts FROM events_delivery d
    WHERE d.subscriber LIKE '%%die_of_poison' AND d.event_id IN (
        SELECT id FROM events_loggedevent WHERE payload ->> 'title' = %(title)s)
"""
OTHERS_OWED = "SELECT count(*) FROM events_delivery WHERE status = 'pending' AND id <> %(id)s"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UnderTest]:
    with under_test(tmp_path_factory.mktemp("faults")) as started:
        yield started


@pytest.fixture(scope="module")
def people(running: UnderTest) -> People:
    return People.of(running.system.data_dir)


@pytest.fixture
def stage(running: UnderTest, people: People) -> Iterator[Stage]:
    stage = Stage(running, people, Journal())
    yield stage
    stage.driver.close()


def test_nothing_is_lost_and_nothing_doubled(running: UnderTest) -> None:
    schedule = draw_schedule(seed=SEED, operations=OPERATIONS, rounds=ROUNDS)

    load = carry_out(running, schedule)
    judgement = judge(running, load)

    print("\n".join(report(load, judgement)))
    assert judgement.violations == [], "\n\n".join(judgement.violations)
    assert {kind: load.happened[kind] for kind in Breaking if load.happened[kind] < ROUNDS} == {}
    late = [str(it) for it in load.journal.damages if (it.back_seconds or 0) > BACK_SECONDS]
    assert late == [], late


def test_event_that_kills_its_worker_is_put_aside_and_others_flow(
    running: UnderTest, people: People, stage: Stage
) -> None:
    open_poisoned_course(running, people)

    for attempts in range(1, MAX_ATTEMPTS + 1):
        running.wait(lambda n=attempts: poisoned(running)["attempts"] >= n, "the attempt", 40)
        (taking,) = stage.enroll_some()
        stage.driver.charge(taking, "tok_approved")
        delivery = poisoned(running)
        running.wait(lambda d=delivery: not running.number(OTHERS_OWED, id=d["id"]), "others", 40)
        assert poisoned(running) == delivery | {"status": "pending", "attempts": attempts}
        end_lease(running, delivery["id"])

    running.wait(lambda: poisoned(running)["status"] == "dead", "the putting aside", 40)
    assert poisoned(running)["attempts"] == MAX_ATTEMPTS


def test_catalogue_does_not_wait_for_a_gateway_that_hangs(
    running: UnderTest, people: People
) -> None:
    growths = []
    with paying(running, people):
        for _pair in range(PAIRS):
            running.set_gateway("working")
            before = usual_seconds(running, people)
            running.set_gateway("slow", HANGING_MILLISECONDS)
            growths.append(usual_seconds(running, people) / before)
        running.set_gateway("working")

    print(
        f"\ncatalogue p{PERCENTILE}, hanging by working: {[f'{growth:.2f}' for growth in growths]}"
    )
    assert statistics.median(growths) <= GROWTH, growths


def report(load: Load, judgement: Judgement) -> Iterable[str]:
    yield f"\nseed {SEED}: {len(load.journal.deeds)} operations in {load.seconds:.0f} s"
    yield f"{sum(load.happened.values())} faults, drained in {judgement.drain_seconds:.1f} s"
    yield f"{judgement.keys} keys at the gateway, {len(load.journal.promises)} promises"
    yield f"{len(judgement.violations)} violations"
    yield from map(str, load.journal.damages)


def open_poisoned_course(running: UnderTest, people: People) -> None:
    client = Client(running.port)
    fields = {"title": TITLE, "price_minor": 10_000, "currency": "KRW", "status": "open"}
    answer = client.api(people.staff, "POST", "courses/", fields)
    client.close()
    assert answer.status == 201, answer


def poisoned(running: UnderTest) -> dict[str, object]:
    (delivery,) = running.sql(POISONED, title=TITLE)
    return delivery


def end_lease(running: UnderTest, delivery_id: object) -> None:
    """Let the time pass after which another worker may take the dead one's delivery."""
    running.sql("UPDATE events_delivery SET due_at = now() WHERE id = %(id)s", id=delivery_id)
    running.send_task("events.deliver", delivery_id)


@contextmanager
def paying(running: UnderTest, people: People) -> Iterator[None]:
    """Have students enroll and pay, at a steady pace, until the block ends."""
    is_over = threading.Event()

    def pay(due_at: float) -> None:
        stage = Stage(running, people, Journal())
        while not is_over.wait(max(due_at - time.monotonic(), 0)):
            for taking in stage.enroll_some():
                stage.driver.charge(taking, "tok_approved")
            due_at += PERIOD_SECONDS
        stage.driver.close()

    began_at = time.monotonic()
    arrivals = [began_at + PERIOD_SECONDS * number / PAYERS for number in range(PAYERS)]
    payers = [threading.Thread(target=pay, args=(due_at,)) for due_at in arrivals]
    for payer in payers:
        payer.start()
    try:
        yield
    finally:
        is_over.set()
        for payer in payers:
            payer.join()


def usual_seconds(running: UnderTest, people: People) -> float:
    client = Client(running.port)
    token = people.students[0].token
    answers = []
    for _look in range(LOOKS):
        answers.append(client.api(token, "GET", "courses/"))
        time.sleep(LOOK_SECONDS)
    client.close()
    assert {answer.status for answer in answers} == {200}
    return statistics.quantiles([answer.seconds for answer in answers], n=100)[PERCENTILE - 1]
