"""Installs the locks into the environment that runs this: `.venv/bin/python deploy/install.py`.

uv is several times faster than pip but does not read pip's settings (environment and pip.conf), so
they are handed to it. It has a lock of its own, which pip installs by hash. When pip cannot fetch
uv, or uv does not get through, pip does the work.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
UV = Path(sys.executable).with_name("uv")
LOCKS = ["--require-hashes", "-r", "requirements.txt", "-r", "requirements-dev.txt"]
UV_LOCK = ["--require-hashes", "-r", "requirements-uv.txt"]
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
}


def main() -> int:
    if install_uv() and install_with_uv():
        return 0
    print("uv could not install: pip does, which takes longer.", flush=True)
    return subprocess.call([*PIP, "install", "--quiet", "--only-binary", ":all:", *LOCKS])


def install_uv() -> bool:
    """Install the uv of the lock; an unpinned one would install everything else."""
    command = [*PIP, "install", "--quiet", "--only-binary", ":all:", *UV_LOCK]
    return subprocess.call(command, stderr=subprocess.DEVNULL) == 0


def install_with_uv() -> bool:
    # Any index may hold a wheel: its hash, not its place, says that it is the right one.
    found = {"UV_INDEX_STRATEGY": "unsafe-best-match", **pip_settings()}
    command = [str(UV), "pip", "install", "--python", sys.executable, "--quiet", *LOCKS]
    return subprocess.call(command, env={**found, **os.environ}) == 0


def pip_settings() -> dict[str, str]:
    """Return pip's settings under uv's names; pip lists the environment's, which win, first."""
    output = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=True)
    settings: dict[str, str] = {}
    for line in output.stdout.splitlines():
        key, _, value = line.partition("=")
        name = UV_NAMES.get(key.rpartition(".")[2])
        if name and name not in settings:
            settings[name] = " ".join(shlex.split(value)).replace("\\n", " ").strip()
    return settings


if __name__ == "__main__":
    sys.exit(main())
