"""The system under test: as ``make run`` starts it, with a worker more, as of a second machine."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault

import psycopg
from celery import Celery
from psycopg.rows import dict_row

from elearning import embedded
from elearning.embedded import servers, tied
from elearning.supervision.configuration import BEAT_SCHEDULE, WORKER
from tests.running import ROOT, System, running_system

BACK_SECONDS = 120
PROGRAMS = ("web", "worker", "certification", "beat")
WORKERS = ("worker", "certification")
QUEUES = "default,certification"


class UnderTest:
    """How the suite looks into the system and lays hands on it, from outside."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.port = system.port
        self.crash_points = Path(system.settings["CRASH_POINTS_DIR"])
        self._database = {
            "host": str(embedded.socket_folder(system.data_dir) / "postgres"),
            "port": 5432,
            "user": "postgres",
            "dbname": "elearning",
        }
        broker = embedded.redis_url(system.data_dir).replace("unix://", "redis+socket://", 1)
        self._celery = Celery("faults", broker=broker)
        self._celery.conf.broker_transport_options = {"socket_timeout": 1}

    def sql(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run one statement in a connection of its own, and again while the database is away."""
        ends_at = time.monotonic() + BACK_SECONDS
        while True:
            try:
                return self._sql_once(query, parameters)
            except psycopg.OperationalError:
                if time.monotonic() > ends_at:
                    raise
            time.sleep(0.1)

    def _sql_once(self, query: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        with psycopg.connect(**self._database, autocommit=True, row_factory=dict_row) as database:
            cursor = database.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def number(self, query: str, **parameters: Any) -> int:
        return int(next(iter(self.sql(query, **parameters)[0].values())) or 0)

    def send_task(self, name: str, *arguments: Any, queue: str = "default") -> None:
        with suppress(OSError, self._celery.connection().connection_errors[0]):
            self._celery.send_task(name, arguments, queue=queue, retry=False)

    def pid(self, program: str) -> int:
        """Return the process of a program, 0 while there is none."""
        name = f"app:{program}" if program in PROGRAMS else program
        return self.system.pid_of(name)

    def children(self, pid: int) -> list[int]:
        with suppress(OSError):
            return [
                int(word)
                for word in Path(f"/proc/{pid}/task/{pid}/children")
                .read_text(encoding="utf-8")
                .split()
            ]
        return []

    def stop(self, program: str) -> None:
        with suppress(Fault), self.system.supervisor() as supervisor:
            supervisor.stopProcess(program)

    def start(self, program: str) -> None:
        with suppress(Fault), self.system.supervisor() as supervisor:
            supervisor.startProcess(program, False)

    def set_gateway(self, behaviour: str, milliseconds: int = 0) -> None:
        self.sql(
            "INSERT INTO payments_sandboxswitch (id, behaviour, delay_milliseconds)"
            " VALUES (1, %(behaviour)s, %(milliseconds)s) ON CONFLICT (id) DO UPDATE"
            " SET behaviour = excluded.behaviour, delay_milliseconds = excluded.delay_milliseconds",
            behaviour=behaviour,
            milliseconds=milliseconds,
        )

    def web_answers(self) -> bool:
        with suppress(OSError):
            return self.system.api("GET", "/healthz").status == 200
        return False

    def database_answers(self) -> bool:
        with suppress(psycopg.Error):
            return bool(self._sql_once("SELECT 1", {}))
        return False

    def redis_answers(self) -> bool:
        return servers.is_ready("redis", self.system.data_dir)

    def times_ready(self, program: str) -> int:
        """Return how often a worker has said that it is ready, the rotated logs included."""
        logs = (self.system.data_dir / "logs").glob(f"{program}.log*")
        return sum(log.read_text(errors="replace").count(" ready.") for log in logs)

    def beat_wrote_at(self) -> float:
        """Return when beat has last written its schedule: it does so once it has read it."""
        file = self.system.data_dir / BEAT_SCHEDULE
        return file.stat().st_mtime if file.exists() else 0.0

    def wait_until_ready(self, program: str, times: int) -> float:
        """Wait until a worker has been ready more often than so many times."""
        return self.wait(lambda: self.times_ready(program) > times, program)

    def wait(self, true: Callable[[], Any], what: str, seconds: float = BACK_SECONDS) -> float:
        """Wait until it is true and return how long that took. Raises TimeoutError."""
        began_at = time.monotonic()
        while not true():
            if time.monotonic() - began_at > seconds:
                raise TimeoutError(f"{what} did not come back within {seconds} s")
            time.sleep(0.05)
        return time.monotonic() - began_at


@contextmanager
def under_test(data_dir: Path, *, mutant: str = "") -> Iterator[UnderTest]:
    """Run the system, or a mutant of it, until the block ends."""
    points = data_dir / "crash-points"
    points.mkdir()
    settings = {
        "DJANGO_SETTINGS_MODULE": "tests.faults.inside.settings",
        "CRASH_POINTS_DIR": str(points),
        "LOG_LEVEL": "WARNING",
        "OPEN_HOLDS_PER_STUDENT": "1000",  # the model's students hold and give up as they like
        "HOLD_PAUSE_SECONDS": "0",
        "MUTANT": mutant,
    }
    with running_system(**settings) as system, _second_worker(system):
        started = UnderTest(system)
        for name in (*WORKERS, "second"):
            started.wait_until_ready(name, 0)
        yield started


@contextmanager
def _second_worker(system: System) -> Iterator[None]:
    command = tied.command([*WORKER, "-Q", QUEUES, "-c", "2", "-n", "second@%h"])
    with (system.data_dir / "logs" / "second.log").open("wb") as log:
        worker = subprocess.Popen(
            command, cwd=ROOT, env=system.environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield
    finally:
        worker.send_signal(signal.SIGTERM)
        try:
            worker.wait(20)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
