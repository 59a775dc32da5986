"""What the composition root itself keeps: first answers, and how the invariants stood."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class IdempotentRequest(models.Model):
    """A POST made under an Idempotency-Key; ``status_code`` is empty while it is under way."""

    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status_code = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(default=b"")
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotent_request_once")
        ]

    def __str__(self) -> str:
        return self.key


class InvariantReport(models.Model):
    """How the invariants stood at one moment: the rows that break each, by its name."""

    checked_at = models.DateTimeField(_("checked at"), default=timezone.now, db_index=True)
    broken = models.JSONField(_("broken"), default=dict)

    class Meta:
        verbose_name = _("invariant report")
        verbose_name_plural = _("invariant reports")
        ordering = ["-checked_at"]

    def __str__(self) -> str:
        return str(_("All hold") if not self.broken else ", ".join(sorted(self.broken)))
