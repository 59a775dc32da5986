"""What somebody agreed to: the facts that a page showed, read again where they are acted upon.

A confirming form carries ``token_of(facts)`` in the hidden field ``FIELD``; a client of the API
sends it as ``If-Match``. The service calls ``require`` inside its transaction, once it has locked
what the facts depend on, so that nothing changes between the comparison and the act.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

FIELD = "agreed"
TOKEN_LENGTH = 32


class Outdated(Exception):
    """The facts agreed to no longer hold. Nothing was done."""


@dataclass(frozen=True)
class Agreement:
    """The tokens accepted, how to read the facts again, and what to raise where they differ."""

    tokens: tuple[str, ...]
    read: Callable[[], Any]
    refusal: Callable[[], Outdated]

    def holds(self) -> bool:
        """Return whether the facts are still the ones agreed to. Reads them again."""
        return token_of(self.read()) in self.tokens


def token_of(facts: Any) -> str:
    """Return a short digest of plain values, the same in every process and at any time."""
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(text.encode()).hexdigest()[:TOKEN_LENGTH]


def require(agreed: Agreement | None) -> None:
    """Raise the agreement's refusal unless its facts still hold; None asks for nothing.

    Call it under the lock of what the facts depend on, before anything is written.
    """
    if agreed is not None and not agreed.holds():
        raise agreed.refusal()
