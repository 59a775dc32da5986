"""How every context says no. A refusal changes nothing; the edges translate it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from math import ceil
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.agreement import FIELD, Agreement, Outdated


class Refusal(Exception):
    """A rule of the domain said no: 409 in the API, a message on the page.

    ``code`` is stable and meant for programs; ``message`` is for people and says what to do.
    ``detail`` holds plain values that help a program to go on.
    """

    code = "refused"
    message: str | Promise = ""

    def __init__(self, message: str | Promise = "", **detail: Any) -> None:
        self.message = message or self.message
        self.detail = detail
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)


class InvalidInput(Refusal):
    """A value cannot be taken as it is: 400. ``field`` names the culprit."""

    code = "invalid"

    def __init__(self, field: str, message: str | Promise) -> None:
        super().__init__(message)
        self.field = field


class FactsChanged(Outdated, Refusal):
    """What was agreed to no longer holds: nothing is done, and the new facts are shown."""

    code = "facts_changed"
    message = _(
        "This has changed since the page was opened, so nothing was done. Check what it says now,"
        " and confirm again."
    )


def agreement_in(posted: Mapping[str, Any], read: Callable[[], Any]) -> Agreement:
    """Return what a confirming form agreed to; a form without the field agreed to nothing."""
    return Agreement((str(posted.get(FIELD, "")),), read, FactsChanged)


class NotFound(Refusal):
    """There is no such thing, or it belongs to somebody else: 404, and no hint which."""

    code = "not_found"


class TooManyTries(Refusal):
    """This was tried too often: 429, and when to try again. Nothing was looked at."""

    code = "throttled"
    message = _("Too many tries. Nothing was checked. Wait, and then try again.")

    def __init__(self, *, until: datetime) -> None:
        super().__init__()
        self.until = until

    @property
    def retry_after_seconds(self) -> int:
        return max(1, ceil((self.until - timezone.now()).total_seconds()))
