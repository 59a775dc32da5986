"""PostgreSQL and Valkey out of Python packages, for a machine that has neither.

Here are their addresses, computed from the data folder; the settings import this, so it starts
nothing and needs no Django. ``servers`` starts and stops them, ``launch`` becomes one of them.
"""

import hashlib
import os
from pathlib import Path
from urllib.parse import quote

SHORT_FOLDER = Path("/tmp")  # noqa: S108  # not TMPDIR, which may be long  # nosec B108
LONGEST_SOCKET_FOLDER_BYTES = 60  # an address of a unix socket has room for 104 to 108 bytes


class EmbeddedServerError(Exception):
    """An embedded server cannot run; the message says why and what to do."""


def database_url(data_dir: Path) -> str:
    folder = quote(str(socket_folder(data_dir) / "postgres"))
    return f"postgresql://postgres@:5432/{folder}/elearning"


def redis_url(data_dir: Path) -> str:
    return f"unix://{quote(str(redis_socket(data_dir)))}"


def redis_socket(data_dir: Path) -> Path:
    return socket_folder(data_dir) / "redis" / "valkey.sock"


def socket_folder(data_dir: Path) -> Path:
    """Return the folder of the unix sockets: inside ``data_dir``, or a short one named after it."""
    inside = data_dir / "run"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER_BYTES:
        return inside
    return SHORT_FOLDER / f"elearning-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"


def make_data_dir(data_dir: Path) -> None:
    """Make the folder, closed to others; for root it is passable, for the servers' own user."""
    data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    (data_dir / "logs").mkdir(mode=0o700, exist_ok=True)


def make_socket_folder(data_dir: Path, name: str, uid: int, gid: int) -> Path:
    """Make a private folder for the sockets of ``name``. Raises EmbeddedServerError."""
    folder = socket_folder(data_dir)
    folder.mkdir(mode=0o711, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), uid}:
        raise EmbeddedServerError(  # a short folder lies in /tmp, where anyone could have put one
            f"{folder} is not yours: remove it, or choose another DATA_DIR."
        )
    private = folder / name
    private.mkdir(mode=0o700, exist_ok=True)
    private.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(private, uid, gid)
    return private
