"""Carries a schedule out: many threads of operations, one of faults."""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.faults.driving.damages import Wrecker
from tests.faults.driving.doings import Driver
from tests.faults.driving.journal import Journal
from tests.faults.driving.people import People
from tests.faults.driving.schedule import Fault, Schedule, Step
from tests.faults.driving.under_test import UnderTest

THREADS = 10
AHEAD = 40
"""How many operations may wait for a thread."""
PAUSE_SECONDS = 0.1
"""Between operations while a fault waits for the one before it: what was killed needs a processor
to be back, and the drivers would take both.
"""


@dataclass
class Load:
    """A schedule as it went."""

    people: People
    journal: Journal
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    @property
    def happened(self) -> Counter[str]:
        return Counter(d.breaking for d in self.journal.damages if d.happened)


def carry_out(system: UnderTest, schedule: Schedule) -> Load:
    """Do all of it, and mend what is broken at the end.

    While faults are left when the operations are over, there are more of these.
    """
    load = Load(People.of(system.system.data_dir), Journal())
    faults: queue.Queue[Fault | None] = queue.Queue()
    steps: queue.Queue[Step | None] = queue.Queue(AHEAD)
    wrecker = Wrecker(system, load.people, load.journal)
    drivers = [_start(_drive, system, load, steps) for _thread in range(THREADS)]
    wrecking = _start(_wreck, load, wrecker, faults)
    due = deque(schedule.faults)
    for number in count():
        while due and due[0].before <= number:
            faults.put(due.popleft())
        if number == schedule.operations:
            faults.put(None)
        if number >= schedule.operations and not wrecking.is_alive():
            break
        if not faults.empty():
            time.sleep(PAUSE_SECONDS)
        steps.put(schedule.step(number))
    for _thread in drivers:
        steps.put(None)
    for thread in drivers:
        thread.join()
    wrecker.mend()
    load.seconds = load.journal.now()
    return load


def _start(target: Callable[..., None], *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=target, args=arguments, daemon=True)
    thread.start()
    return thread


def _drive(system: UnderTest, load: Load, steps: queue.Queue[Step | None]) -> None:
    driver = Driver(system.port, load.people, load.journal)
    while (step := steps.get()) is not None:
        try:
            driver.do(step)
        except Exception as error:  # noqa: BLE001  (whatever it is, the suite fails by it)
            load.failures.append(f"{step}: {error!r}")
    driver.close()


def _wreck(load: Load, wrecker: Wrecker, faults: queue.Queue[Fault | None]) -> None:
    while (fault := faults.get()) is not None:
        try:
            wrecker.wreck(fault)
        except Exception as error:  # noqa: BLE001  (whatever it is, the suite fails by it)
            load.failures.append(f"{fault.breaking}: {error!r}")
