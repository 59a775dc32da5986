"""The embedded servers start after anything and leave nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import environ
import psycopg
import pytest
import redis

from elearning.embedded import database_url, redis_url, servers, socket_folder

ROOT = Path(__file__).resolve().parents[2]
LONG_KOREAN_FOLDER = Path("/srv") / ("한글 100%+폴더" * 8)
BOTH = ["postgres", "redis"]


def query(data_dir: Path, sql: str) -> Any:
    """Run one statement and return the first value of its first row, if it has one."""
    parts = environ.Env.db_url_config(database_url(data_dir))
    address = {"host": parts["HOST"], "port": parts["PORT"], "user": parts["USER"]}
    with psycopg.connect(dbname=parts["NAME"], **address) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall()[0][0] if cursor.description else None


@contextmanager
def broker(data_dir: Path) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url(data_dir)) as client:
        yield client


def wait_until(true: Callable[[], bool], *, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.parametrize("data_dir", [Path("/srv/school"), LONG_KOREAN_FOLDER])
def test_addresses_fit_a_unix_socket_and_survive_the_url(data_dir):
    parts = environ.Env.db_url_config(database_url(data_dir))
    path = redis.Redis.from_url(redis_url(data_dir)).connection_pool.connection_kwargs["path"]

    assert parts["HOST"] == str(socket_folder(data_dir) / "postgres")
    assert parts["NAME"] == "elearning"
    assert path == str(socket_folder(data_dir) / "redis" / "valkey.sock")
    assert max(len(os.fsencode(each)) for each in (parts["HOST"], path)) < 80


def test_two_long_folders_have_different_sockets():
    other = LONG_KOREAN_FOLDER.with_name("다른" * 20)

    assert socket_folder(LONG_KOREAN_FOLDER) != socket_folder(other)


def test_second_start_finds_its_data(data_dir):
    with servers.running(BOTH, data_dir):
        query(data_dir, "CREATE TABLE kept (name text)")
        with broker(data_dir) as client:
            client.set("kept", "yes")

    with servers.running(BOTH, data_dir):
        assert query(data_dir, "SELECT count(*) FROM kept") == 0
        with broker(data_dir) as client:
            assert client.get("kept") == b"yes"


def test_servers_listen_on_private_unix_sockets_only(data_dir):
    with servers.running(BOTH, data_dir), broker(data_dir) as client:
        assert query(data_dir, "SHOW listen_addresses") == ""
        assert client.config_get("port") == {"port": "0"}
        for name in BOTH:
            assert (socket_folder(data_dir) / name).stat().st_mode & 0o077 == 0


def test_broker_keeps_its_messages(data_dir):
    with servers.running(["redis"], data_dir), broker(data_dir) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_korean_sorts_as_in_a_dictionary(data_dir):
    words = "unnest(ARRAY['하늘','가을','까치','나무']) word"

    with servers.running(["postgres"], data_dir):
        found = query(data_dir, f"SELECT string_agg(word, ' ' ORDER BY word) FROM {words}")

    assert found == "가을 까치 나무 하늘"


def test_starts_with_the_pid_file_of_a_crash_whose_number_is_now_another_process(data_dir):
    with servers.running(["postgres"], data_dir):
        pass
    left_over = data_dir / "postgres" / "cluster" / "postmaster.pid"
    left_over.write_text(f"{os.getpid()}\n{left_over.parent}\n1700000000\n5432\n")

    with servers.running(["postgres"], data_dir):
        assert query(data_dir, "SELECT 1") == 1


def test_starts_again_after_kill_9_with_what_was_committed(data_dir):
    with servers.running(["postgres"], data_dir):
        query(data_dir, "CREATE TABLE kept (name text)")
        server = (data_dir / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0]
        os.kill(int(server), signal.SIGKILL)

    with servers.running(["postgres"], data_dir):
        assert query(data_dir, "SELECT count(*) FROM kept") == 0


def test_waits_for_a_server_that_still_stops_on_the_same_data(data_dir):
    with servers.running(["redis"], data_dir):
        second = subprocess.Popen(servers.command("redis", data_dir), cwd=ROOT)
        time.sleep(1)
        assert second.poll() is None

    wait_until(lambda: servers.is_ready("redis", data_dir))
    second.terminate()
    assert second.wait(15) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal at a parent's death")
def test_servers_stop_when_whoever_started_them_is_killed(data_dir):
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom elearning.embedded import servers\n"
        f"with servers.running(['postgres', 'redis'], Path({str(data_dir)!r})):\n"
        "    print('ready', flush=True)\n    time.sleep(60)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE)
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"ready\n"

    starter.kill()
    starter.communicate()

    wait_until(lambda: not servers.is_ready("redis", data_dir))
    wait_until(lambda: not (data_dir / "postgres" / "cluster" / "postmaster.pid").exists())


def test_message_names_the_log_when_a_server_cannot_start(data_dir):
    (data_dir / "redis").mkdir()
    (data_dir / "redis" / "appendonlydir").write_text("not a folder")

    with (
        pytest.raises(servers.EmbeddedServerError, match=r"redis did not start.*redis\.log"),
        servers.running(["redis"], data_dir),
    ):
        pass


def test_refuses_a_socket_folder_of_someone_else(data_dir):
    socket_folder(data_dir).symlink_to("/tmp")

    with (
        pytest.raises(servers.EmbeddedServerError, match="is not yours"),
        servers.running(["redis"], data_dir),
    ):
        pass


def test_is_not_ready_while_nobody_listens(data_dir):
    folder = socket_folder(data_dir) / "redis"
    folder.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(folder / "valkey.sock"))

    assert not servers.is_ready("redis", data_dir)
