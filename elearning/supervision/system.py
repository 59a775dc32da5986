"""Starts supervisord, talks to it, and stops it with all that it started."""

import fcntl
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any
from xmlrpc.client import Fault, ServerProxy  # our own child  # nosec B411

from supervisor.xmlrpc import SupervisorTransport

from elearning.embedded import make_data_dir, make_socket_folder, tied
from elearning.supervision.configuration import (
    APPLICATION,
    Configuration,
    application_programs,
    embedded_programs,
)

START_SECONDS = 20
STOP_SECONDS = 60  # more than the programs' own limits, one group after the other
ORPHAN_SECONDS = 15
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SupervisionError(Exception):
    """The system cannot be started or went down; the message says why."""


class Supervisor:
    """A running supervisord, asked over its private socket."""

    def __init__(self, process: subprocess.Popen[bytes], access: dict[str, str]) -> None:
        self.process = process
        self._access = access

    def start_web(self) -> None:
        """Start the web server, without waiting for it."""
        self._calls().startProcess(f"{APPLICATION}:web", False)  # noqa: FBT003

    def start_application(self) -> None:
        """Start what else there is, the workers and beat, without waiting for them."""
        self._calls().startProcessGroup(APPLICATION, False)  # noqa: FBT003

    def answers(self) -> bool:
        with suppress(OSError, Fault):
            return bool(self._calls().getState()["statename"] == "RUNNING")
        return False

    def _calls(self) -> Any:  # a new connection each time: one that failed once stays unusable
        return ServerProxy("http://unused", SupervisorTransport(**self._access)).supervisor


@contextmanager
def supervised(
    data_dir: Path, *, lock: IO[str], embedded: list[str], bind: str
) -> Iterator[Supervisor]:
    """Run supervisord until the block ends, then leave nothing running. Raises SupervisionError.

    It starts the embedded servers at once, and the application when it is told to.
    """
    tied.adopt_orphans()
    configuration = _configuration(data_dir, embedded, bind)
    configuration.write()
    process = _spawn(configuration, lock)
    try:
        supervisor = Supervisor(process, configuration.access)
        _wait_for(supervisor)
        yield supervisor
    finally:
        _stop(process)


@contextmanager
def only_one(data_dir: Path) -> Iterator[IO[str]]:
    """Hold the data folder: one system at a time. Raises SupervisionError."""
    make_data_dir(data_dir)
    with (data_dir / "run.lock").open("a+") as file:
        deadline = time.monotonic() + ORPHAN_SECONDS
        while not _is_locked_by_us(file):
            file.seek(0)
            holder = file.read().strip()
            if _is_alive(holder) or time.monotonic() > deadline:
                raise SupervisionError(
                    f"elearning already runs on {data_dir} (process {holder}): stop that one first,"
                    " or start this one with another DATA_DIR and PORT."
                )
            time.sleep(0.2)  # what a killed one left behind is about to end
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file


def _is_locked_by_us(file: IO[str]) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _is_alive(process_id: str) -> bool:
    try:
        os.kill(int(process_id), 0)
    except PermissionError:
        return True
    except (ValueError, ProcessLookupError):
        return False
    return True


def _configuration(data_dir: Path, embedded: list[str], bind: str) -> Configuration:
    sockets = make_socket_folder(data_dir, "supervisor", os.geteuid(), os.getegid())
    return Configuration(
        data_dir=data_dir,
        socket=sockets / "supervisor.sock",
        user="elearning",
        password=secrets.token_hex(),
        embedded=embedded_programs(embedded, data_dir),
        application=application_programs(data_dir, bind),
    )


def _spawn(configuration: Configuration, lock: IO[str]) -> subprocess.Popen[bytes]:
    """Start supervisord; it holds the lock too, as its standard input, for as long as it lives."""
    return subprocess.Popen(
        tied.command(["supervisor.supervisord", "-c", str(configuration.file)]),
        cwd=configuration.data_dir,
        stdin=lock,
        start_new_session=True,  # Ctrl-C is for this process, which then stops all in order
    )


def _wait_for(supervisor: Supervisor) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not supervisor.answers():
        if supervisor.process.poll() is not None or time.monotonic() > deadline:
            raise SupervisionError("supervisord did not start; its message is above.")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    for stop in STOP_SIGNALS:
        signal.signal(stop, signal.SIG_IGN)  # it is stopping already
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    tied.wait_for_orphans(ORPHAN_SECONDS)
