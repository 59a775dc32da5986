"""Idempotency-Key on every POST, PATCH and DELETE of the API (decision 0027).

After the IETF draft "The Idempotency-Key HTTP Header Field": the same key and request give the
first answer again, another request under the same key is a 422, a key whose first request is still
under way is a 409. Keys live IDEMPOTENCY_KEY_SECONDS.
"""

from elearning.idempotency.claims import (
    STALE_SECONDS,
    forget_keys_of,
    forget_old_keys,
)
from elearning.idempotency.digests import HEADER, KEY_PATTERN
from elearning.idempotency.middleware import REPLAYED_HEADER, IdempotencyMiddleware

__all__ = [
    "HEADER",
    "KEY_PATTERN",
    "REPLAYED_HEADER",
    "STALE_SECONDS",
    "IdempotencyMiddleware",
    "forget_keys_of",
    "forget_old_keys",
]
