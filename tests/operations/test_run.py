"""`manage.py run`: the whole system starts, repairs itself, and leaves nothing running.

One long test, because a first start fills the demo school, which takes its time.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from elearning.embedded import servers
from elearning.supervision import system

ROOT = Path(__file__).resolve().parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture
def environment(data_dir: Path) -> dict[str, str]:
    """What `make run` sees: nothing of the tests' own settings."""
    of_the_tests = {"ENVIRONMENT", "DJANGO_SETTINGS_MODULE", *servers.URL_VARIABLES.values()}
    inherited = {key: value for key, value in os.environ.items() if key not in of_the_tests}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    return {**inherited, "DATA_DIR": str(data_dir), "PORT": port, "HOST": "127.0.0.1"}


@contextmanager
def started(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    output = Path(environment["DATA_DIR"]) / "console.txt"
    with output.open("w") as file:
        run = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=file,
            text=True,
        )
    try:
        wait_until(lambda: "is ready" in output.read_text() or run.poll() is not None, seconds=240)
        assert run.poll() is None, output.read_text()
        yield run
    finally:
        run.terminate()
        run.wait(60)


def wait_until(true: Callable[[], bool], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def refused(environment: dict[str, str]) -> str:
    """Start a second system, which must refuse, and return what it says."""
    command = [sys.executable, "manage.py", "run"]
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 1
    return result.stderr


def health(environment: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", int(environment["PORT"]), timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    finally:
        connection.close()


def is_healthy(environment: dict[str, str]) -> bool:
    with suppress(OSError, http.client.HTTPException):
        return health(environment) == 200
    return False


def process_id(program: str, data_dir: Path) -> int:
    control = [sys.executable, "-m", "supervisor.supervisorctl"]
    configuration = ["-c", str(data_dir / "supervisord.conf")]
    answer = subprocess.run(
        [*control, *configuration, "pid", program], capture_output=True, text=True, check=False
    )
    return int(answer.stdout)


def processes_of(data_dir: Path) -> list[str]:
    """Return the commands of all processes with the folder in their environment or arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            known = (path / "environ").read_bytes() + (path / "cmdline").read_bytes()
            command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(data_dir).encode() in known and command and path.name != str(os.getpid()):
            found.append(command)
    return found


@LINUX
def test_run_survives_kill_9_of_anything_refuses_a_second_and_leaves_nothing_running(
    environment, data_dir
):
    with started(environment) as run:
        os.kill(int((data_dir / "supervisord.pid").read_text()), signal.SIGKILL)
        run.kill()

    with started(environment) as run:
        assert "carol@example.com" in (data_dir / "console.txt").read_text()
        expect_refusals(environment, run.pid)
        expect_repairs(data_dir)
        wait_until(lambda: is_healthy(environment))
        run.send_signal(signal.SIGTERM)
        assert run.wait(60) == 0
    assert processes_of(data_dir) == []


def expect_refusals(environment: dict[str, str], pid: int) -> None:
    elsewhere = {**environment, "DATA_DIR": f"{environment['DATA_DIR']}/other"}

    assert f"(process {pid})" in refused(environment)
    assert f"Port {environment['PORT']} on 127.0.0.1 is not free" in refused(elsewhere)


def expect_repairs(data_dir: Path) -> None:
    names = ("app:worker", "postgres", "redis")
    wait_until(lambda: all(process_id(name, data_dir) for name in names))
    killed = {name: process_id(name, data_dir) for name in names}
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: all(process_id(name, data_dir) not in {0, killed[name]} for name in names))
    wait_until(lambda: servers.is_ready("postgres", data_dir))


def test_only_one_system_holds_a_data_folder(data_dir):
    with (
        system.only_one(data_dir),
        pytest.raises(system.SupervisionError, match="already runs"),
        system.only_one(data_dir),
    ):
        pass


def test_lock_of_a_dead_process_is_taken_over(data_dir):
    (data_dir / "run.lock").write_text("999999999")

    with system.only_one(data_dir):
        assert (data_dir / "run.lock").read_text() == str(os.getpid())
