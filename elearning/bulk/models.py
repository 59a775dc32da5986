"""A bulk job and its items: what is to be done, what has been done, what was refused and why."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

MAX_LABEL_LENGTH = 300


class BulkStatus(models.TextChoices):
    DRAFT = "draft", _("To be confirmed")
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")
    STOPPED = "stopped", _("Stopped")


class ItemStatus(models.TextChoices):
    PENDING = "pending", _("Waiting")
    DONE = "done", _("Done")
    UNCHANGED = "unchanged", _("Nothing to do")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")


class BulkJob(models.Model):
    """One action that ``started_by`` wants done; ``kind`` is the name of a registered BulkKind.

    ``leased_until`` keeps other workers off; one that dies holds nothing for long.
    """

    kind = models.CharField(_("action"), max_length=50)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("started by"),
    )  # fmt: skip
    status = FSMField(
        _("status"), default=BulkStatus.DRAFT, choices=BulkStatus.choices, protected=True
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, db_index=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("bulk job")
        verbose_name_plural = _("bulk jobs")
        ordering = ["-pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=BulkStatus.values), name="bulk_job_status_is_known"
            )
        ]
        indexes = [
            models.Index(
                fields=["leased_until"], condition=Q(status="running"), name="bulk_job_running"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def lease(self, *, now: datetime) -> None:
        """Keep others off for longer than a task may run."""
        self.leased_until = now + timedelta(seconds=settings.BULK_LEASE_SECONDS)

    @transition(field=status, source=BulkStatus.DRAFT, target=BulkStatus.RUNNING)
    def start(self, *, at: datetime) -> None:
        """Its consequences have been read and confirmed."""
        self.started_at = at

    @transition(field=status, source=BulkStatus.RUNNING, target=BulkStatus.FINISHED)
    def finish(self, *, at: datetime) -> None:
        """Nothing is left to do."""
        self.ended_at, self.leased_until = at, None

    @transition(field=status, source=BulkStatus.RUNNING, target=BulkStatus.STOPPED)
    def stop(self, *, at: datetime) -> None:
        """What is done stays done; the rest is left alone."""
        self.ended_at, self.leased_until = at, None


class BulkItem(models.Model):
    """One row of the job. ``facts`` is what the action needs; ``message`` what came of it.

    An item that cannot be done is refused when the job is drafted.
    """

    BEGINS_AS = (ItemStatus.REFUSED,)

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField(_("row"))
    label = models.CharField(_("object"), max_length=MAX_LABEL_LENGTH)
    facts = models.JSONField(default=dict)
    status = FSMField(
        _("status"), default=ItemStatus.PENDING, choices=ItemStatus.choices, protected=True
    )
    message = models.TextField(_("message"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "position"], name="bulk_item_once_per_job"),
            models.CheckConstraint(
                condition=Q(status__in=ItemStatus.values), name="bulk_item_status_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["job", "status", "attempts", "position"], name="bulk_item_next")
        ]

    def __str__(self) -> str:
        return self.label

    @transition(field=status, source=ItemStatus.PENDING, target=ItemStatus.DONE)
    def succeed(self, *, message: str) -> None:
        """The action has been carried out."""
        self.message = message

    @transition(field=status, source=ItemStatus.PENDING, target=ItemStatus.UNCHANGED)
    def leave(self, *, message: str) -> None:
        """Things were already as the action would have made them."""
        self.message = message

    @transition(field=status, source=ItemStatus.PENDING, target=ItemStatus.REFUSED)
    def refuse(self, *, message: str) -> None:
        """A rule said no, and changed nothing."""
        self.message = message

    @transition(field=status, source=ItemStatus.PENDING, target=ItemStatus.FAILED)
    def fail(self, *, message: str) -> None:
        """It broke at every attempt, which is ours to look into."""
        self.message = message
