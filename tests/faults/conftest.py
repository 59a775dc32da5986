"""Processes that work on the test's own database, so that they can be killed and looked into."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from elearning import embedded
from elearning.supervision.configuration import application_programs

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 30


@pytest.fixture
def environment(transactional_db: None, tmp_path: Path) -> dict[str, str]:
    """The environment of a process on this test's database; crash points are armed in tmp_path."""
    return os.environ | {"DATABASE_URL": url_of_test_database(), "CRASH_POINTS_DIR": str(tmp_path)}


def url_of_test_database() -> str:
    """Return the address of the database that pytest-django has made beside the real one."""
    url = os.environ.get("DATABASE_URL") or embedded.database_url(settings.DATA_DIR)
    parts = urlsplit(url)
    folder = parts.path.rpartition("/")[0]
    return urlunsplit(parts._replace(path=f"{folder}/{connection.settings_dict['NAME']}"))


@pytest.fixture(scope="module")
def port(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The real web server, as the supervisor starts it, on the tests' database."""
    folder, port = tmp_path_factory.mktemp("web"), free_port()
    programs = application_programs(folder, f"127.0.0.1:{port}")
    command = next(program.command for program in programs if program.name == "web")
    own = {"ENVIRONMENT": "demo", "PORT": str(port)}  # demo: in test there is no pool
    own["DATABASE_URL"] = url_of_test_database()
    with (folder / "web.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=log, stderr=log)
    try:
        wait_until_it_answers(server, port, folder / "web.log")
        yield port
    finally:
        server.terminate()
        server.wait(STOP_SECONDS)


def wait_until_it_answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ends_at = time.monotonic() + START_SECONDS
    while not answers(port):
        if server.poll() is not None or time.monotonic() > ends_at:
            pytest.fail("The web server did not start:\n" + log.read_text(encoding="utf-8")[-3000:])
        time.sleep(0.1)


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
