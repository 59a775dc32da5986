"""What the composition root itself keeps: first answers, and how the invariants stood."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from elearning.bulk.models import BulkItem, BulkJob
from elearning.imports.models import ImportedFile
from elearning.saved_views.models import SavedView

__all__ = ["AuditEntry", "BulkItem", "BulkJob", "IdempotentRequest", "ImportedFile", "SavedView"]


class IdempotentRequest(models.Model):
    """A request made under an Idempotency-Key; ``status_code`` is empty while it is under way."""

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


class AuditOrigin(models.TextChoices):
    DESK = "desk", _("Desk")
    API = "api", _("API")
    PAGE = "page", _("Page")
    COMMAND = "command", _("Command line")


class AuditOperation(models.TextChoices):
    INSERT = "insert", _("Added")
    UPDATE = "update", _("Changed")
    DELETE = "delete", _("Removed")
    NOTE = "note", _("Noted")


class AuditEntry(models.Model):
    """One row that staff added, changed or removed; written by triggers alone, and never changed.

    ``before`` and ``after`` hold the columns that differ. ``call`` joins what one request did. The
    actor is no foreign key: what was recorded does not depend on rows that may go.
    """

    at = models.DateTimeField(_("at"), db_index=True)
    call = models.UUIDField(_("call"), db_index=True)
    who_id = models.BigIntegerField(_("user number"), null=True, db_index=True)
    who = models.TextField(_("who"))
    origin = models.CharField(_("from"), max_length=10, choices=AuditOrigin.choices)
    what = models.TextField(_("what"))
    address = models.TextField(_("address of the call"))
    request_id = models.TextField(_("request number"), blank=True)
    operation = models.CharField(_("operation"), max_length=10, choices=AuditOperation.choices)
    table = models.TextField(_("table"))
    row_id = models.TextField(_("row"))
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-pk"]
        default_permissions = ["view"]
        indexes = [models.Index(fields=["table", "row_id"], name="audit_of_a_row")]

    def __str__(self) -> str:
        return f"{self.table} {self.row_id}"
