"""What we know of a token beside knox."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

MAX_TOKEN_NAME_LENGTH = 60


class VerifiedToken(models.Model):
    """A token that was got with the second factor: only such a one has the powers of staff."""

    token = models.OneToOneField(
        AuthToken, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )

    def __str__(self) -> str:
        return str(self.token)


class TokenDetail(models.Model):
    """What its owner sees of a token, and the id by which it is ended; its digest is no id."""

    token = models.OneToOneField(AuthToken, on_delete=models.CASCADE, related_name="detail")
    name = models.CharField(_("name"), max_length=MAX_TOKEN_NAME_LENGTH, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True)

    def __str__(self) -> str:
        return self.name or str(self.pk)
