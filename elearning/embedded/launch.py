"""Becomes an embedded server: ``python -m elearning.embedded.launch postgres|redis DATA_DIR``.

Three things make a start safe after any crash: a lock that the server and its children inherit, so
that no second one starts while one of them lives and a pid file found under the lock is stale; a
cluster that is made under another name and renamed when complete; and, on Linux, a stop by the
kernel when whoever started the server dies.

PostgreSQL refuses to run as root: then both servers run as the owner of their data, which for a new
folder is the system user ``pgserver``.
"""

import fcntl
import os
import pwd
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from elearning.embedded import (
    EmbeddedServerError,
    make_data_dir,
    make_socket_folder,
    postgres,
    valkey,
)
from elearning.embedded.servers import STOP_SIGNALS
from elearning.embedded.tied import stop_with_parent

SYSTEM_USER = "pgserver"
LOCK_WAIT_SECONDS = 30
MODULES = {"postgres": postgres, "redis": valkey}


def become(name: str, data_dir: Path, *, disposable: bool) -> None:
    """Replace this process by the server. Raises EmbeddedServerError."""
    parent = os.getppid()
    uid, gid = _owner(data_dir / name)
    _make_folders(name, data_dir, uid, gid)
    _take_lock(name, data_dir)
    if os.geteuid() == 0:
        for folder in MODULES[name].folders_to_run():
            _let_others_run(folder)
        _become_user(uid, gid)
    arguments = MODULES[name].prepare(data_dir, disposable=disposable)
    stop_with_parent(parent, STOP_SIGNALS[name])  # last: the kernel forgets it at a change of user
    os.execv(arguments[0], arguments)


def _owner(folder: Path) -> tuple[int, int]:
    """Return the user and group to run as: not root, and whoever owns the data if there is any."""
    owner = folder.stat() if folder.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise EmbeddedServerError(
                f"{folder} belongs to another user: run as that user, or choose another DATA_DIR."
            )
        return os.geteuid(), os.getegid()
    if owner and owner.st_uid != 0:
        return owner.st_uid, owner.st_gid
    entry = _system_user()
    return entry.pw_uid, entry.pw_gid


def _system_user() -> pwd.struct_passwd:
    """Return the user that PostgreSQL runs as instead of root, made when it is missing."""
    add = ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER]
    one_at_a_time = os.open("/etc", os.O_RDONLY)
    fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
    if SYSTEM_USER not in {entry.pw_name for entry in pwd.getpwall()}:
        with suppress(FileNotFoundError):
            subprocess.run(add, check=False, capture_output=True)
    os.close(one_at_a_time)
    for name in (SYSTEM_USER, "postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedServerError(f"Create the system user {SYSTEM_USER}, or do not run as root.")


def _make_folders(name: str, data_dir: Path, uid: int, gid: int) -> None:
    make_data_dir(data_dir)
    sockets = make_socket_folder(data_dir, name, uid, gid)
    data = data_dir / name
    data.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(data, uid, gid)
        _let_others_pass(data)
        _let_others_pass(sockets)


def _take_lock(name: str, data_dir: Path) -> None:
    """Wait for the lock, and leave it open for the server and its children to inherit."""
    descriptor = os.open(data_dir / f"{name}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    os.set_inheritable(descriptor, True)  # noqa: FBT003
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EmbeddedServerError(f"{name} already runs on {data_dir}.") from None
            time.sleep(0.1)


def _let_others_run(tree: Path) -> None:
    """Undo a strict umask at the installation for the binaries that the system user runs."""
    if not tree.exists():
        return
    _let_others_pass(tree)
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if mode != wanted and not path.is_symlink():
            path.chmod(wanted)


def _let_others_pass(path: Path) -> None:
    """Let the system user reach a folder below a closed one such as /root: pass, not list."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            print(f"embedded servers: chmod o+x {folder}, for the user {SYSTEM_USER}", flush=True)
            folder.chmod(mode | stat.S_IXOTH)


def _become_user(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


if __name__ == "__main__":
    try:
        become(sys.argv[1], Path(sys.argv[2]), disposable="disposable" in sys.argv[3:])
    except (EmbeddedServerError, subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")
