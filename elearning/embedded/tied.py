"""Ties processes to the one that started them, so that nothing is left running after ``kill -9``.

As a command, ``python -P tied.py COMMAND…`` becomes COMMAND, told to stop when its parent dies.
Both ways are Linux's; elsewhere an orderly stop still stops everything.
"""

import ctypes
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def command(module_and_arguments: list[str]) -> list[str]:
    """Return the command that runs a Python module, tied to whoever starts it."""
    return [sys.executable, "-P", __file__, sys.executable, "-m", *module_and_arguments]


def stop_with_parent(parent: int, stop_signal: signal.Signals) -> None:
    """Have the kernel send ``stop_signal`` to this process when its parent dies."""
    _prctl(PR_SET_PDEATHSIG, stop_signal)
    if os.getppid() != parent:  # it died before it could be watched
        sys.exit(1)


def adopt_orphans() -> None:
    """Make this process the parent of every descendant whose own parent dies."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def wait_for_orphans(seconds: float) -> None:
    """Wait until no child is left; those still there in the end are killed."""
    deadline = time.monotonic() + seconds
    with suppress(ChildProcessError):
        while True:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                if time.monotonic() > deadline:
                    _kill_children()
                time.sleep(0.05)


def _kill_children() -> None:
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    for child in children.read_text(encoding="utf-8").split() if children.exists() else []:
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)


def _prctl(option: int, argument: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, argument)


if __name__ == "__main__":
    stop_with_parent(os.getppid(), signal.SIGTERM)
    os.execvp(sys.argv[1], sys.argv[1:])
