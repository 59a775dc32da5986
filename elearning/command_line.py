"""The command line acts too: what a person changes by a command is recorded like what staff do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import nullcontext

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from apps import acting
from foundation import deployment

UNRECORDED = {
    "load_demo": "fills an empty database with what nobody did",
    "migrate": "makes what records; the migrations are the record",
    "run": "the system itself, for as long as it runs",
    "test": "its database is thrown away",
}
"""Commands that nobody acts by, and why."""


def execute(arguments: Sequence[str]) -> None:
    """Carry out a command of ``manage.py``, under the name of the system account that runs it.

    Settings that production refuses end it before the command is loaded; ``check`` reports them.
    """
    name = arguments[1] if len(arguments) > 1 else "help"
    with deployment.reported_by_checks() if name == "check" else nullcontext():
        _load_settings()
        with nullcontext() if name in UNRECORDED else acting.command(name):
            execute_from_command_line(list(arguments))


def _load_settings() -> None:
    try:
        settings.configured or settings.ENVIRONMENT  # noqa: B018  (read: that loads them)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
