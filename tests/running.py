"""The whole system as ``make run`` runs it, to be driven from outside: one for all the tests."""

from __future__ import annotations

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 300
PASSWORD = "learn-by-doing"


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
    process: subprocess.Popen[bytes]
    data_dir: Path
    port: int

    @property
    def api(self) -> Api:
        return Api(f"http://127.0.0.1:{self.port}")

    def supervisorctl(self, *words: str) -> str:
        command = [sys.executable, "-m", "supervisor.supervisorctl"]
        command += ["-c", str(self.data_dir / "supervisord.conf"), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def pid_of(self, program: str) -> int:
        return int(self.supervisorctl("pid", program).strip() or 0)

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=environment(self), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def environment(system: System) -> dict[str, str]:
    left_out = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
    inherited = {name: value for name, value in os.environ.items() if name not in left_out}
    own = {"DATA_DIR": str(system.data_dir), "PORT": str(system.port), "ENVIRONMENT": "demo"}
    return inherited | own


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(found: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Return the first true answer of ``found``. Fails after ``seconds``."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if answer := found():
            return answer
        time.sleep(0.2)
    pytest.fail(f"{what} did not come within {seconds} s")


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """Start it once, on an empty folder, and leave nothing running."""
    data_dir = Path(tempfile.mkdtemp(prefix="journey-"))
    data_dir.chmod(0o711)
    starting = System(process=None, data_dir=data_dir, port=free_port())  # type: ignore[arg-type]
    log = (data_dir / "run.log").open("wb")
    starting.process = subprocess.Popen(
        [sys.executable, "manage.py", "run"],
        cwd=ROOT,
        env=environment(starting),
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_until_ready(starting)
        yield starting
    finally:
        starting.process.send_signal(signal.SIGTERM)
        starting.process.wait(60)
        log.close()
        shutil.rmtree(data_dir, ignore_errors=True)


def wait_until_ready(system: System) -> None:
    log = system.data_dir / "run.log"
    ends_at = time.monotonic() + START_SECONDS
    while b"elearning is ready" not in log.read_bytes():
        if system.process.poll() is not None or time.monotonic() > ends_at:
            pytest.fail("make run did not get ready:\n" + log.read_text()[-3000:])
        time.sleep(0.2)
