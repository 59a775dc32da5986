"""The whole system as ``make run`` runs it, to be driven from outside."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xmlrpc.client import ServerProxy

import psycopg
import pytest
from supervisor.xmlrpc import SupervisorTransport

from elearning import embedded

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 300
STOP_SECONDS = 60
PASSWORD = "learn-by-doing"
NOT_INHERITED = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "CRASH_POINTS_DIR"}


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str]
    seconds: float


@dataclass
class Api:
    """A client of the API, with a token once logged in."""

    url: str
    token: str = ""

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {"Content-Type": "application/json", "Accept": "application/json"}
        sent |= {"Authorization": f"Token {self.token}"} if self.token else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, sent, method=method)
        started_at = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return self._answer(response, started_at)
        except urllib.error.HTTPError as error:
            with error:
                return self._answer(error, started_at)

    def _answer(self, response: Any, started_at: float) -> Answer:
        text = response.read().decode()
        seconds = time.monotonic() - started_at
        body = json.loads(text) if "json" in response.headers.get("Content-Type", "") else text
        return Answer(response.status, body, dict(response.headers), seconds)

    def log_in(self, email: str, password: str = PASSWORD) -> Api:
        answer = self("POST", "/api/v1/auth/token/", {"email": email, "password": password})
        assert answer.status == 200, answer.body
        return Api(self.url, answer.body["token"])

    def sign_up(self, email: str, name: str = "Student") -> Api:
        body = {"email": email, "password": PASSWORD, "name": name}
        assert self("POST", "/api/v1/students/", body).status == 201
        return self.log_in(email)


@dataclass
class System:
    """A running ``manage.py run``; ``settings`` are its own variables of the environment."""

    data_dir: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def api(self) -> Api:
        return Api(f"http://127.0.0.1:{self.port}")

    @property
    def environment(self) -> dict[str, str]:
        inherited = {key: text for key, text in os.environ.items() if key not in NOT_INHERITED}
        own = {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), "ENVIRONMENT": "demo"}
        return inherited | own | self.settings

    @contextmanager
    def supervisor(self) -> Iterator[Any]:
        """Give supervisord's own interface, over a new connection."""
        configuration = configparser.RawConfigParser()
        configuration.read(self.data_dir / "supervisord.conf")
        transport = SupervisorTransport(**dict(configuration["supervisorctl"]))
        try:
            yield ServerProxy("http://unused", transport).supervisor
        finally:
            transport.close()

    def supervisorctl(self, *words: str) -> str:
        command = [sys.executable, "-m", "supervisor.supervisorctl"]
        command += ["-c", str(self.data_dir / "supervisord.conf"), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def pid_of(self, program: str) -> int:
        with self.supervisor() as supervisor:
            return int(supervisor.getProcessInfo(program)["pid"])

    def connect(self) -> psycopg.Connection:
        folder = embedded.socket_folder(self.data_dir) / "postgres"
        return psycopg.connect(host=str(folder), user="postgres", dbname="elearning")

    def switch_gateway(self, behaviour: str) -> None:
        """Do what the desk's switch does, without the seconds that a command takes to start."""
        with self.connect() as connection:
            connection.execute(
                "INSERT INTO payments_sandboxswitch (id, behaviour, delay_milliseconds)"
                " VALUES (1, %s, 0) ON CONFLICT (id) DO UPDATE SET behaviour = excluded.behaviour",
                [behaviour],
            )

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def running_system(**settings: str) -> Iterator[System]:
    """Run it on an empty folder until the block ends, and leave nothing running."""
    data_dir = Path(tempfile.mkdtemp(prefix="running-"))
    data_dir.chmod(0o711)
    try:
        with started(System(data_dir, free_port(), settings)) as system:
            yield system
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


@contextmanager
def started(system: System) -> Iterator[System]:
    """Run it on its folder, whatever that holds, until the block ends."""
    with (system.data_dir / "run.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=system.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(system, process)
        yield system
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """Start one for all the tests, and leave nothing running."""
    with running_system() as started:
        yield started


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(found: Callable[[], Any], *, seconds: float, what: str, every: float = 0.2) -> Any:
    """Return the first true answer of ``found``. Fails after ``seconds``."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if answer := found():
            return answer
        time.sleep(every)
    pytest.fail(f"{what} did not come within {seconds} s")


def _wait_until_ready(system: System, process: subprocess.Popen[bytes]) -> None:
    log = system.data_dir / "run.log"
    ends_at = time.monotonic() + START_SECONDS
    while b"elearning is ready" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > ends_at:
            pytest.fail("make run did not get ready:\n" + log.read_text()[-3000:])
        time.sleep(0.2)
