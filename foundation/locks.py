"""Locks of PostgreSQL on names: they need no row, and end with the connection that holds them."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from django.db import DatabaseError, connection


def lock_until_commit(purpose: str, owner_id: int) -> None:
    """Wait until no other transaction holds the name, and hold it to the end of this one.

    Raises OperationalError after ``lock_timeout``.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_key(purpose, owner_id)])


def try_lock(purpose: str, owner_id: int) -> bool:
    """Return whether the name is free, and hold it then until ``unlock`` or a lost connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_key(purpose, owner_id)])
        return bool(cursor.fetchone()[0])


def unlock(purpose: str, owner_id: int) -> None:
    """Free the name. A connection that is gone holds nothing."""
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_key(purpose, owner_id)])


def _key(purpose: str, owner_id: int) -> int:
    digest = hashlib.blake2b(f"{purpose}:{owner_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
