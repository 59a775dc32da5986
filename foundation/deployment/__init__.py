"""Refuses settings that are safe on a laptop only: at process start, and in ``check --deploy``.

Each rule names the variable of the environment and the remedy; no secret is repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from foundation.deployment.rules import RULES, Problem

_reported_by_checks = ContextVar("reported_by_checks", default=False)


@contextmanager
def reported_by_checks() -> Iterator[None]:
    """Let ``manage.py check`` start: it reports what every other process is refused for."""
    token = _reported_by_checks.set(True)
    try:
        yield
    finally:
        _reported_by_checks.reset(token)


def find_problems(settings: Any) -> list[Problem]:
    """Return everything in the settings that production refuses; the database is not touched."""
    return [problem for rule in RULES for problem in rule(settings)]


def refuse_unsafe_settings(settings: Any) -> None:
    """Raise ImproperlyConfigured, naming every unsafe setting and its remedy. Call it at start."""
    if _reported_by_checks.get() and settings.SECRET_KEY:  # without one no check can run
        return
    problems = find_problems(settings)
    if problems:
        lines = [f"  {problem.name}: {problem.reason} {problem.remedy}" for problem in problems]
        raise ImproperlyConfigured("\n".join(["Production does not start.", *lines]))


def register_check(*, is_production: bool) -> None:
    """Report each problem as an error: in production by every check, else by ``--deploy``."""
    checks.register(check_settings, checks.Tags.security, deploy=not is_production)


def check_settings(app_configs: Sequence[Any] | None, **options: Any) -> list[checks.CheckMessage]:
    from django.conf import settings

    return [
        checks.Error(f"{problem.name}: {problem.reason}", hint=problem.remedy, id=problem.id)
        for problem in find_problems(settings)
    ]
