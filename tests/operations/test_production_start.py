"""Production as processes: on an empty and on a filled database it never holds the demo school."""

from __future__ import annotations

import re
import shutil
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from elearning import embedded
from tests.operations.test_production_settings import PRODUCTION, run
from tests.running import System, free_port, started

OWNER = "owner@school.example"
OF_PEOPLE_AND_COURSES = ["students_user", "courses_course", "lectures_enrollment"]


@pytest.fixture
def empty_database(db: None) -> Iterator[dict[str, Any]]:
    """A database without a table; yields how psycopg connects to it."""
    here = connection.get_connection_params()
    to = {key: here[key] for key in ("host", "port", "user", "password") if here.get(key)}
    name = "production_start"
    with psycopg.connect(**to, dbname="postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name}")
        server.execute(f"CREATE DATABASE {name}")
        yield to | {"dbname": name}
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def url_of(database: dict[str, Any]) -> str:
    account = database["user"] + (f":{database['password']}" if "password" in database else "")
    place = f"{database.get('host', '')}:{database.get('port', 5432)}/{database['dbname']}"
    if place.startswith("/"):
        folder, _, rest = place.rpartition(":")
        port, _, name = rest.partition("/")
        return f"postgresql://{account}@:{port}/{urllib.parse.quote(folder)}/{name}"
    return f"postgresql://{account}@{place}"


def tables(database: dict[str, Any]) -> list[str]:
    with psycopg.connect(**database) as connected:
        found = connected.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return [name for (name,) in found]


@pytest.mark.parametrize(
    ("command", "changed"),
    [
        (["load_demo"], {}),
        (["load_demo", "--if-empty"], {}),
        (["run"], {"PAYMENT_GATEWAY": "sandbox"}),
        (["migrate"], {"SITE_URL": "http://school.example"}),
    ],
    ids=" ".join,
)
def test_refused_command_leaves_the_database_empty(empty_database, tmp_path, command, changed):
    url = url_of(empty_database)

    refused = run(
        "manage.py", *command, **changed, DATABASE_URL=url, DATA_DIR=str(tmp_path / "data")
    )

    assert refused.returncode != 0
    assert "roduction" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert tables(empty_database) == []


def rows(system: System) -> dict[str, int]:
    with system.connect() as connected:
        return {
            table: connected.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in OF_PEOPLE_AND_COURSES
        }


class Browser:
    """Speaks to the web server as the proxy before it does, and keeps its cookies."""

    def __init__(self, system: System) -> None:
        self.base, self.cookies = f"http://127.0.0.1:{system.port}", {}
        self.opener = urllib.request.build_opener(NoRedirects)

    def open(self, path: str, fields: dict[str, str] | None = None) -> Any:
        data = urllib.parse.urlencode(fields).encode() if fields else None
        request = urllib.request.Request(self.base + path, data)
        request.add_header("Host", "school.example")
        request.add_header("X-Forwarded-Proto", "https")
        request.add_header("Referer", "https://school.example/")
        request.add_header("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        answer = self.opener.open(request, timeout=30)
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def fill_in(self, path: str, **fields: str) -> Any:
        page = self.open(path).read().decode()
        (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        return self.open(path, fields | {"csrfmiddlewaretoken": token})


class NoRedirects(urllib.request.HTTPErrorProcessor):
    def http_response(self, request: Any, response: Any) -> Any:
        return response

    https_response = http_response


@pytest.fixture
def system() -> Iterator[System]:
    folder = Path(tempfile.mkdtemp(prefix="production-"))
    folder.chmod(0o711)
    yield System(folder, free_port(), PRODUCTION)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(embedded.socket_folder(folder), ignore_errors=True)


def people(system: System) -> list[str]:
    with system.connect() as connected:
        found = connected.execute("SELECT email FROM students_user")
        return [email for (email,) in found]


def test_production_starts_empty_gets_its_staff_by_a_link_and_starts_again(system):
    with started(system):
        assert people(system) == []
        assert "create_staff" in (system.data_dir / "run.log").read_text()
        printed = system.manage("create_staff", OWNER)
        (path,) = re.findall(r"https://school\.example(/\S+)", printed)
        browser = Browser(system)
        chosen = browser.fill_in(path, password1="three plain words", password2="three plain words")
        assert chosen.headers["Location"].endswith("/accounts/2fa/totp/activate/")
        assert browser.open("/admin/").headers["Location"].endswith("/2fa/totp/activate/")
        assert browser.open(path).status == 404
        expect_refusal_of_the_demo(system)

    with started(system):
        assert people(system) == [OWNER]
        said = (system.data_dir / "run.log").read_text()
        assert "learn-by-doing" not in said
        assert "create_staff" not in said


def expect_refusal_of_the_demo(system: System) -> None:
    before = rows(system)
    for options in ([], ["--if-empty"]):
        refused = run("manage.py", "load_demo", *options, DATA_DIR=str(system.data_dir))
        assert refused.returncode != 0
        assert "never loaded in production" in refused.stderr
    assert rows(system) == before
    assert list(before.values()) == [1, 0, 0]
