"""Rows that a batch could not process: what staff look at, and when each is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_ERROR_LENGTH = 5000


class BatchFailure(models.Model):
    """One row that failed in one batch; ``resolved_at`` is set once it succeeds or is not due.

    ``scope`` tells the runs of one batch apart, such as those of different courses.
    """

    batch = models.CharField(_("batch"), max_length=60)
    scope = models.CharField(_("scope"), max_length=60, blank=True)
    row = models.CharField(_("row"), max_length=100)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    first_failed_at = models.DateTimeField(_("failed first at"), default=timezone.now)
    last_failed_at = models.DateTimeField(_("failed last at"), default=timezone.now)
    due_at = models.DateTimeField(_("due at"), default=timezone.now)
    last_error = models.TextField(_("last error"), blank=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)

    class Meta:
        verbose_name = _("failed row")
        verbose_name_plural = _("failed rows")
        ordering = ["-last_failed_at", "-pk"]
        default_permissions = ["view", "change"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "scope", "row"], name="batch_failure_once")
        ]
        indexes = [
            models.Index(
                fields=["batch", "scope", "due_at"],
                condition=models.Q(resolved_at__isnull=True),
                name="batch_failure_open",
            )
        ]

    def __str__(self) -> str:
        return " · ".join(filter(None, [self.batch, self.scope, self.row]))

    def fail(self, *, now: datetime, error: str) -> None:
        """Count the attempt and back off; a failure after a success counts from one again."""
        if self.resolved_at is not None or self.attempts == 0:
            self.attempts, self.first_failed_at, self.resolved_at = 0, now, None
        self.attempts += 1
        delays = settings.BATCH_BACKOFF_SECONDS
        self.due_at = now + timedelta(seconds=delays[min(self.attempts, len(delays)) - 1])
        self.last_failed_at = now
        self.last_error = error.replace("\0", "\N{REPLACEMENT CHARACTER}")[-MAX_ERROR_LENGTH:]
