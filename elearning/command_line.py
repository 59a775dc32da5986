"""The command line acts too: what a person changes by a command is recorded like what staff do."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

from django.core.management import execute_from_command_line

from apps import acting

UNRECORDED = {
    "load_demo": "fills an empty database with what nobody did",
    "migrate": "makes what records; the migrations are the record",
    "run": "the system itself, for as long as it runs",
    "test": "its database is thrown away",
}
"""Commands that nobody acts by, and why."""


def execute(arguments: Sequence[str]) -> None:
    """Carry out a command of ``manage.py``, under the name of whoever runs it."""
    name = arguments[1] if len(arguments) > 1 else "help"
    with nullcontext() if name in UNRECORDED else acting.command(name):
        execute_from_command_line(list(arguments))
