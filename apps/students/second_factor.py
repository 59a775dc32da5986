"""How allauth keeps the second factor of our users: its secrets are sealed in the database."""

from __future__ import annotations

import base64
import logging
import secrets

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import MultiFernet
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps import sealing

logger = logging.getLogger(__name__)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right, or it was used already. Take the next one."),
        "cannot_delete_authenticator": _("Staff cannot switch the second factor off."),
        "unverified_email": _("Confirm your e-mail address first."),
    }

    def get_totp_issuer(self) -> str:
        return settings.SCHOOL_NAME

    def encrypt(self, text: str) -> str:
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret, or one that no code fits when the key that sealed it is gone."""
        try:
            return _keys().decrypt(encrypted_text.encode()).decode()
        except sealing.InvalidToken:
            logger.exception("A second factor cannot be read: was SECOND_FACTOR_KEYS changed?")
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not (settings.STAFF_NEEDS_SECOND_FACTOR and authenticator.user.is_staff)


def _keys() -> MultiFernet:
    """The first key seals, every key opens: put a new one in front to change it."""
    return sealing.under(settings.SECOND_FACTOR_KEYS, purpose="second-factor")
