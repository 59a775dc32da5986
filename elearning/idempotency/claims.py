"""The rows behind the keys: one statement claims a key, one keeps the answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from elearning.models import IdempotentRequest
from foundation.batches.services import delete_each

STALE_SECONDS = 60
"""A first request that has given no answer for so long died with its process: it is done again,
under the same claim, so that what it did before it died is found and not doubled."""

_CLAIM = """\
INSERT INTO elearning_idempotentrequest
    (scope, key, fingerprint, content_type, body, headers, created_at)
VALUES (%s, %s, %s, '', '', '{}', %s)
ON CONFLICT (scope, key) DO NOTHING RETURNING id
"""


def claim(*, scope: str, key: str, fingerprints: list[str]) -> tuple[IdempotentRequest, bool]:
    """Return the key's row, and whether this request is the first and has to be done.

    One statement for the first, two for a repetition.
    """
    now = timezone.now()
    fresh = IdempotentRequest(scope=scope, key=key, fingerprint=fingerprints[0], created_at=now)
    for _attempt in range(2):
        claim_id = _insert(fresh)
        if claim_id is not None:
            fresh.pk = claim_id
            return fresh, True
        row = IdempotentRequest.objects.filter(scope=scope, key=key).first()
        if row is None:
            continue  # given back meanwhile
        if row.created_at >= now - timedelta(seconds=settings.IDEMPOTENCY_KEY_SECONDS):
            return row, _take_over(row, fingerprints, now)
        give_back(row)
    return fresh, False  # another is faster: its request is under way


def _insert(row: IdempotentRequest) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [row.scope, row.key, row.fingerprint, row.created_at])
        made = cursor.fetchone()
    return made[0] if made else None


def _take_over(row: IdempotentRequest, fingerprints: list[str], now: datetime) -> bool:
    """Return whether this request goes on for the same one that died."""
    died = row.created_at < now - timedelta(seconds=STALE_SECONDS)
    if row.status_code is not None or not died or row.fingerprint not in fingerprints:
        return False
    untouched = IdempotentRequest.objects.filter(
        pk=row.pk, created_at=row.created_at, status_code__isnull=True
    )
    return untouched.update(created_at=now) == 1


def give_back(row: IdempotentRequest) -> None:
    """Free the key, unless another has claimed it meanwhile."""
    IdempotentRequest.objects.filter(pk=row.pk).delete()


def forget_keys_of(*, user_id: int) -> int:
    """Delete the keys of one user. Returns how many."""
    return IdempotentRequest.objects.filter(scope=f"user {user_id}").delete()[0]


def forget_old_keys() -> int:
    """Delete the keys whose time is over. Returns how many."""
    ends_at = timezone.now() - timedelta(seconds=settings.IDEMPOTENCY_KEY_SECONDS)
    old = IdempotentRequest.objects.filter(created_at__lt=ends_at)
    return delete_each(batch="elearning.forget_old_keys", rows=old)
