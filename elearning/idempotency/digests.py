"""Which request it is: keyed digests of its method, address and body.

What is kept tells a reader of the database nothing: bodies hold passwords, so the fingerprint is
keyed, and the answer is encrypted under the request that it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.fernet import MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from apps import sealing
from foundation.limits.documents import canonical_json

HEADER = "Idempotency-Key"
KEY_PATTERN = "^[!-~]([ -~]{0,253}[!-~])?$"
"""1 to 255 printable ASCII characters, as in the draft; HTTP itself drops spaces around them."""


@dataclass(frozen=True)
class KeyedRequest:
    """A request as it is compared: the same JSON in other order or spacing is the same."""

    content: bytes

    @classmethod
    def of(cls, request: HttpRequest) -> KeyedRequest:
        """Read the body, which the limits have let through."""
        body = request.body
        if request.content_type == "application/json":
            body = canonical_json(body) or body
        head = f"{request.method} {request.get_full_path()}\n"
        return cls(head.encode() + body)

    @property
    def fingerprints(self) -> list[str]:
        """Under SECRET_KEY first, and after it under each former key."""
        return self._digests("fingerprint")

    @property
    def fernet(self) -> MultiFernet:
        """Only the same request yields it."""
        return sealing.under(self._digests("seal"), purpose="idempotency")

    def _digests(self, purpose: str) -> list[str]:
        salt = f"elearning.idempotency.{purpose}"
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        return [
            salted_hmac(salt, self.content, key, algorithm="sha256").hexdigest() for key in keys
        ]
