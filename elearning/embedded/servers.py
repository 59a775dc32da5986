"""Starts and stops the embedded servers, as children of this process."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from elearning.embedded import EmbeddedServerError, make_data_dir, postgres, redis_socket

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 20
STOP_SIGNALS = {"postgres": signal.SIGINT, "redis": signal.SIGTERM}  # INT: PostgreSQL's "fast" stop
URL_VARIABLES = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}


@contextmanager
def running(names: list[str], data_dir: Path, *, disposable: bool = False) -> Iterator[None]:
    """Run the servers, ready to use, until the block ends. Raises EmbeddedServerError."""
    started: list[tuple[str, subprocess.Popen[bytes]]] = []
    try:
        started.extend((name, _spawn(name, data_dir, disposable=disposable)) for name in names)
        for name, process in started:
            _wait_until_ready(name, process, data_dir)
        yield
    finally:
        for name, process in reversed(started):
            _stop(name, process)


def command(name: str, data_dir: Path, *, disposable: bool = False) -> list[str]:
    """Return the command that becomes the server; ``disposable`` trades durability for speed."""
    mode = ["disposable"] if disposable else []
    return [sys.executable, "-m", "elearning.embedded.launch", name, str(data_dir), *mode]


def is_ready(name: str, data_dir: Path) -> bool:
    return postgres.is_ready(data_dir) if name == "postgres" else _redis_is_ready(data_dir)


def _spawn(name: str, data_dir: Path, *, disposable: bool) -> subprocess.Popen[bytes]:
    make_data_dir(data_dir)
    with _log_file(name, data_dir).open("ab") as output:
        return subprocess.Popen(
            command(name, data_dir, disposable=disposable),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for whoever started it, who then stops it in order
        )


def _wait_until_ready(name: str, process: subprocess.Popen[bytes], data_dir: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready(name, data_dir):
        if process.poll() is not None or time.monotonic() > deadline:
            log = _log_file(name, data_dir)
            last_lines = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
            raise EmbeddedServerError(f"{name} did not start, see {log}:\n{last_lines}")
        time.sleep(0.05)


def _log_file(name: str, data_dir: Path) -> Path:
    return data_dir / "logs" / f"{name}.log"


def _stop(name: str, process: subprocess.Popen[bytes]) -> None:
    process.send_signal(STOP_SIGNALS[name])
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _redis_is_ready(data_dir: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
        connection.settimeout(1)
        connection.connect(str(redis_socket(data_dir)))
        connection.sendall(b"PING\r\n")
        return connection.recv(64).startswith(b"+PONG")
    return False
