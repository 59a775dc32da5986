"""What we know of a token beside knox."""

from __future__ import annotations

from django.db import models
from knox.models import AuthToken


class VerifiedToken(models.Model):
    """A token that was got with the second factor: only such a one has the powers of staff."""

    token = models.OneToOneField(
        AuthToken, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )

    def __str__(self) -> str:
        return str(self.token)
