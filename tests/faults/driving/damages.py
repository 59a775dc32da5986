"""The faults, done for real to the processes of the system under test."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from apps.crash_points import FREEZE, CrashPoint
from tests.faults.crowd import Call, send_at_once
from tests.faults.driving.doings import Driver
from tests.faults.driving.journal import Damage, Journal
from tests.faults.driving.people import People, Taking
from tests.faults.driving.schedule import Breaking, Fault
from tests.faults.driving.stage import Stage
from tests.faults.driving.under_test import UnderTest

MATES = {"web": 2, "worker": 2, "certification": 1}
"""How many processes each program keeps below its first."""


class Wrecker:
    """Does one fault after the other; ``journal`` says how each went."""

    def __init__(self, system: UnderTest, people: People, journal: Journal) -> None:
        self._system = system
        self._people = people
        self._journal = journal
        self._stage = Stage(system, people, journal)
        self._damages: dict[Breaking, Callable[[Damage, float], None]] = {
            Breaking.WEB_WORKER_KILLED: self._kill_web_worker,
            Breaking.WEB_SERVER_KILLED: self._kill_web_server,
            Breaking.WORKER_KILLED: lambda damage, draw: self._kill_worker(damage, "worker"),
            Breaking.CERTIFICATION_KILLED: lambda damage, draw: self._kill_worker(
                damage, "certification"
            ),
            Breaking.POOL_PROCESS_KILLED: self._kill_pool_process,
            Breaking.BEAT_KILLED: self._kill_beat,
            Breaking.REDIS_STOPPED: self._stop_redis,
            Breaking.REDIS_STARTED_EMPTY: self._start_redis_empty,
            Breaking.REDIS_FROZEN: self._freeze_redis,
            Breaking.POSTGRES_RESTARTED: self._restart_postgres,
            Breaking.POSTGRES_KILLED: self._kill_postgres,
            Breaking.CONNECTIONS_CUT: self._cut_connections,
            Breaking.GATEWAY_SLOW: self._slow_gateway,
            Breaking.GATEWAY_FAILING: lambda damage, draw: self._gateway("failing", draw),
            Breaking.GATEWAY_DOWN: lambda damage, draw: self._gateway("down", draw),
            Breaking.GATEWAY_TIMES_OUT_AFTER_CAPTURE: self._time_out_after_capture,
            Breaking.GATEWAY_ANSWERS_TWICE: self._answer_twice,
            Breaking.PAY_BY_REACHED: self._reach_pay_by,
            Breaking.WORKER_OUTLIVES_ITS_LEASE: self._outlive_lease,
            Breaking.DELIVERED_TWICE: self._deliver_twice,
            Breaking.CROWD_AT_THE_DOOR: self._come_all_at_once,
        }

    def wreck(self, fault: Fault) -> Damage:
        damage = Damage(fault.before, fault.breaking, self._journal.now())
        self._journal.note_damage(damage)
        point = fault.breaking.crash_point
        if point is not None:
            self._die_at(damage, point)
        else:
            self._damages[fault.breaking](damage, fault.draw)
        damage.ended_at = self._journal.now()
        return damage

    def mend(self) -> None:
        """Disarm what was not reached and let the gateway work."""
        for file in self._system.crash_points.iterdir():
            file.unlink()
        self._system.set_gateway("working")
        self._stage.driver.close()

    # --- Processes -----------------------------------------------------------------------------

    def _kill_web_worker(self, damage: Damage, draw: float) -> None:
        server = self._system.pid("web")
        workers = self._system.children(server)
        victim = workers[int(draw * len(workers))]
        _kill(victim)
        damage.note = f"process {victim}"
        damage.back_seconds = self._back("web", server, victim)

    def _kill_web_server(self, damage: Damage, draw: float) -> None:
        server = self._system.pid("web")
        _kill(server)
        began_at = time.monotonic()
        self._wait_for_another("web", server)
        self._system.wait(self._has_web_workers, "the web server")  # the old ones answer a while
        self._system.wait(self._system.web_answers, "the web server")
        damage.back_seconds = time.monotonic() - began_at

    def _has_web_workers(self) -> bool:
        return len(self._system.children(self._system.pid("web"))) >= MATES["web"]

    def _kill_worker(self, damage: Damage, program: str) -> None:
        times = self._system.times_ready(program)
        _kill(self._system.pid(program))
        damage.back_seconds = self._system.wait_until_ready(program, times)

    def _kill_pool_process(self, damage: Damage, draw: float) -> None:
        program = "worker" if draw < 0.5 else "certification"
        worker = self._system.pid(program)
        mates = self._system.children(worker)
        victim = mates[int(draw * 2 % 1 * len(mates))]
        _kill(victim)
        damage.note = f"of {program}"
        damage.back_seconds = self._back(program, worker, victim)

    def _kill_beat(self, damage: Damage, draw: float) -> None:
        _kill(self._system.pid("beat"))
        written_at = self._system.beat_wrote_at()
        damage.back_seconds = self._system.wait(
            lambda: self._system.beat_wrote_at() > written_at, "beat"
        )

    def _back(self, program: str, parent: int, victim: int) -> float:
        def complete() -> bool:
            mates = self._system.children(parent)
            return victim not in mates and len(mates) >= MATES[program]

        return self._system.wait(complete, program)

    def _wait_for_another(self, program: str, killed: int) -> float:
        return self._system.wait(lambda: self._system.pid(program) not in (0, killed), program)

    # --- Broker and database -------------------------------------------------------------------

    def _stop_redis(self, damage: Damage, draw: float) -> None:
        takings = self._stage.pay_some()
        self._system.stop("redis")
        for taking in takings:
            self._stage.driver.change(taking, "completed")
        time.sleep(draw)
        self._start_redis(damage)

    def _start_redis_empty(self, damage: Damage, draw: float) -> None:
        takings = self._stage.pay_some()
        for taking in takings:
            self._stage.driver.change(taking, "completed")
        self._system.stop("redis")
        for kept in (self._system.system.data_dir / "redis").iterdir():
            shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
        time.sleep(draw)
        self._start_redis(damage)

    def _start_redis(self, damage: Damage) -> None:
        self._system.start("redis")
        damage.back_seconds = self._system.wait(self._system.redis_answers, "Redis")

    def _freeze_redis(self, damage: Damage, draw: float) -> None:
        redis = self._system.pid("redis")
        os.kill(redis, signal.SIGSTOP)
        time.sleep(1 + 2 * draw)
        os.kill(redis, signal.SIGCONT)

    def _restart_postgres(self, damage: Damage, draw: float) -> None:
        self._system.stop("postgres")
        self._system.start("postgres")
        damage.back_seconds = self._system.wait(self._system.database_answers, "PostgreSQL")

    def _kill_postgres(self, damage: Damage, draw: float) -> None:
        _kill(self._system.pid("postgres"))
        damage.back_seconds = self._system.wait(self._system.database_answers, "PostgreSQL")

    def _cut_connections(self, damage: Damage, draw: float) -> None:
        cut = 0
        for _time in range(3):
            cut += self._system.number(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            time.sleep(0.1)
        damage.note = f"{cut} connections"

    # --- Gateway and clock ---------------------------------------------------------------------

    def _slow_gateway(self, damage: Damage, draw: float) -> None:
        milliseconds = int(200 + 1300 * draw)
        damage.note = f"by {milliseconds} ms"
        self._gateway("slow", draw, milliseconds)

    def _gateway(self, behaviour: str, draw: float, milliseconds: int = 0) -> None:
        self._system.set_gateway(behaviour, milliseconds)
        time.sleep(1 + 1.5 * draw)
        self._system.set_gateway("working")

    def _time_out_after_capture(self, damage: Damage, draw: float) -> None:
        self._pay_all(damage, self._stage.enroll_some(3), [0.0] * 3)

    def _answer_twice(self, damage: Damage, draw: float) -> None:
        """While the first call still waits for its answer, the gateway gives it to another."""
        takings = self._stage.enroll_some(3)
        paying = threading.Thread(target=self._pay_all, args=(damage, takings, [0.0] * 3))
        paying.start()
        for _time in range(4):
            time.sleep(0.4)
            self._system.send_task("payments.settle_unknown_charges")
            self._system.send_task("payments.reconcile")
        paying.join()

    def _reach_pay_by(self, damage: Damage, draw: float) -> None:
        """Be captured just before the hold ends, and answered just after it."""
        rows = self._system.sql(DUE_SOON)
        takings = [
            self._people.students[self._people.by_id(row["student"]).number].takings.get(
                row["lecture"]
            )
            for row in rows
        ]
        known = [
            (taking, row["seconds"]) for taking, row in zip(takings, rows, strict=True) if taking
        ]
        damage.happened = bool(known)
        self._pay_all(damage, [one for one, _left in known], [left - 0.4 for _one, left in known])

    def _pay_all(self, damage: Damage, takings: list[Taking], delays: list[float]) -> None:
        """Pay each after its delay; the gateway captures and then does not answer in time."""

        def pay(taking: Taking, delay: float) -> None:
            time.sleep(max(delay, 0))
            driver = Driver(self._system.port, self._people, self._journal)
            driver.charge(taking, "tok_timeout_after_capture")
            driver.close()

        payers = [
            threading.Thread(target=pay, args=both) for both in zip(takings, delays, strict=False)
        ]
        for payer in payers:
            payer.start()
        for payer in payers:
            payer.join()
        damage.note = f"payments {', '.join(str(taking.payment) for taking in takings)}"

    def _come_all_at_once(self, damage: Damage, draw: float) -> None:
        """Everybody wants a seat of a course of which there are a few left."""
        (course,) = self._system.sql(MOST_SEATS)
        damage.note = f"for course {course['id']}, {course['free']} seats"
        body = {"course": course["id"]}
        calls = [
            Call(student.token, "POST", "/api/v1/lectures/", body)
            for student in self._people.students[: int(20 + 20 * draw)]
        ]
        with suppress(OSError, TimeoutError, IndexError):
            send_at_once(self._system.port, calls)

    # --- Deliveries and named steps ------------------------------------------------------------

    def _outlive_lease(self, damage: Damage, draw: float) -> None:
        """A worker stands still, a certificate half made; its lease ends, another takes over."""
        frozen = self._stage.arm_and_provoke(CrashPoint.CERTIFICATE_WRITTEN, FREEZE)
        damage.happened = frozen is not None
        if frozen is None:
            return
        try:
            rows = self._system.sql(
                "UPDATE events_delivery SET due_at = now() WHERE status = 'pending'"
                " AND queue = 'certification' AND due_at > now() RETURNING id"
            )
            for row in rows:
                self._system.send_task("events.deliver", row["id"], queue="certification")
            time.sleep(2)
        finally:
            with suppress(ProcessLookupError):
                os.kill(frozen, signal.SIGCONT)
        damage.note = f"deliveries {', '.join(str(row['id']) for row in rows)}"

    def _deliver_twice(self, damage: Damage, draw: float) -> None:
        """The last deliveries of each subscriber are carried out, but not remembered."""
        for taking in self._stage.pay_some():
            self._stage.driver.change(taking, "completed")
        with suppress(TimeoutError):
            self._system.wait(lambda: not self._system.number(CERTIFYING), "certificates", 10)
        rows = self._system.sql(FORGET_DELIVERIES)
        for row in rows:
            self._system.send_task("events.deliver", row["id"], queue=row["queue"])
        damage.note = f"{len(rows)} deliveries"

    def _die_at(self, damage: Damage, point: CrashPoint) -> None:
        died = self._stage.arm_and_provoke(point, "")
        damage.happened = died is not None
        damage.note = f"process {died}" if died else ""


MOST_SEATS = """
    SELECT id, capacity - seats_taken AS free FROM courses_course
    WHERE status = 'open' AND capacity IS NOT NULL ORDER BY capacity - seats_taken DESC, id LIMIT 1
"""
CERTIFYING = """
    SELECT count(*) FROM events_delivery WHERE status = 'pending' AND queue = 'certification'
"""
DUE_SOON = """
    SELECT id AS lecture, student_id AS student,
           extract(epoch FROM pay_by - now())::float AS seconds
    FROM lectures_enrollment WHERE status = 'requested' AND price_minor > 0
      AND pay_by > now() + interval '0.5 s' ORDER BY pay_by LIMIT 6
"""
# No machine forgets a delivery: the guards of the states are off for this one statement.
FORGET_DELIVERIES = """
    UPDATE events_delivery SET status = 'pending', delivered_at = NULL, due_at = now(), attempts = 0
    WHERE id IN (SELECT id FROM (
        SELECT id, row_number() OVER (
            PARTITION BY subscriber ORDER BY delivered_at DESC) AS place
        FROM events_delivery WHERE status = 'delivered') ranked WHERE place <= 5)
    AND (SELECT set_config('session_replication_role', 'replica', true)) = 'replica'
    RETURNING id, queue
"""


def _kill(pid: int) -> None:
    if pid:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
