"""Seal what the database keeps and must not tell: one way for all, Fernet of ``cryptography``.

AES in CBC mode with HMAC-SHA-256 over it: what was altered does not open. Knows no context.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

__all__ = ["InvalidToken", "under"]


def under(keys: Iterable[str], *, purpose: str) -> MultiFernet:
    """Return what seals with the first key and opens with each; no purpose opens another's.

    Opening raises InvalidToken for what was altered, or sealed under a key that is gone.
    """
    return MultiFernet([Fernet(_derive(key, purpose)) for key in keys])


def _derive(key: str, purpose: str) -> bytes:
    digest = hashlib.sha256(f"elearning.{purpose}:{key}".encode()).digest()
    return base64.urlsafe_b64encode(digest)
