"""Runs the tests on a real PostgreSQL and Redis.

The environment is set before Django reads its settings, which is why ``DJANGO_SETTINGS_MODULE`` is
named here and not in pyproject.toml: pytest-django would read them earlier. The embedded servers
live in a folder of the tests' own, so that a running ``make run`` is not touched; a second run at
the same time gets another, and so does each worker of pytest-xdist.
"""

import fcntl
import os
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

import django
from django.conf import settings

from elearning.embedded import make_data_dir, servers

ROOT = Path(__file__).resolve().parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
OWN_SETTINGS = {"DJANGO_SETTINGS_MODULE": "elearning.settings", "ENVIRONMENT": "test"}
BASE = Path(os.environ.get("DATA_DIR") or ROOT / ".local").resolve()
TESTS_RUN_ELSEWHERE = not WORKER and "--numprocesses" in sys.argv


def start() -> ExitStack:
    """Start the servers and Django, and return what stops them.

    At import, not in a hook: the conftests below this one import models.
    """
    with ExitStack() as resources:
        data_dir = take_data_dir(resources)
        os.environ |= OWN_SETTINGS | {"DATA_DIR": str(data_dir)}
        missing = [name for name, url in servers.URL_VARIABLES.items() if not os.environ.get(url)]
        wanted = [] if TESTS_RUN_ELSEWHERE else missing
        resources.enter_context(servers.running(wanted, data_dir, disposable=True))
        django.setup()
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        return resources.pop_all()


def take_data_dir(resources: ExitStack) -> Path:
    """Return the folder for this run: the usual one, or one by process id when that is in use."""
    folder = BASE / (f"test-{WORKER}" if WORKER else "test")
    make_data_dir(folder)
    lock = resources.enter_context((folder / "lock").open("w"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        folder = folder.with_name(f"{folder.name}-{os.getpid()}")
        resources.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


RUNNING = start()


def pytest_xdist_setupnodes() -> None:
    """Let workers, too, load this file before their settings: each has a folder of its own."""
    for name in OWN_SETTINGS:
        os.environ.pop(name, None)
    os.environ["DATA_DIR"] = str(BASE)


def pytest_unconfigure() -> None:
    RUNNING.close()
