"""A change of an account's e-mail address, while the former address may take it back."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.email_addresses import NormalizedEmailField


class EmailChangeQuerySet(models.QuerySet["EmailChange"]):
    def open(self) -> EmailChangeQuerySet:
        """Keep what can still be undone."""
        return self.filter(undone_at__isnull=True, undo_until__gt=timezone.now())


class EmailChange(models.Model):
    """``undo_digest`` is the SHA-256 of the token in the link that was sent to the old address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    old_email = NormalizedEmailField()
    changed_at = models.DateTimeField(default=timezone.now)
    undo_until = models.DateTimeField()
    undo_digest = models.CharField(max_length=64, blank=True, db_index=True)
    undone_at = models.DateTimeField(null=True)

    objects = EmailChangeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["old_email"], condition=Q(undone_at=None), name="email_change_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.changed_at}"

    def undo(self, *, at: datetime) -> None:
        """Spend the link: it works once."""
        self.undone_at, self.undo_digest = at, ""
