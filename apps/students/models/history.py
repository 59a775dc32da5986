"""The student's read model: filled by projections, read by one indexed query.

It may be thrown away at any time: ``manage.py rebuild_history`` makes it again from the log.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class HistoryEntry(models.Model):
    """One enrollment as its student sees it now; amounts in minor units."""

    lecture_id = models.BigIntegerField(primary_key=True)
    student_id = models.BigIntegerField()
    course_id = models.BigIntegerField(db_index=True)
    course_title = models.CharField(_("course"), max_length=200)
    course_slug = models.CharField(max_length=220)
    course_withdrawn = models.BooleanField(default=False)
    status = models.CharField(_("status"), max_length=20)
    price_minor = models.BigIntegerField(_("price"))
    currency = models.CharField(_("currency"), max_length=3)
    progress_percent = models.PositiveSmallIntegerField(_("progress"), default=0)
    payment_id = models.BigIntegerField(null=True, unique=True)
    payment_number = models.CharField(max_length=11, blank=True)
    payment_status = models.CharField(max_length=20, blank=True)
    paid_minor = models.BigIntegerField(default=0)
    refund_requested_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    certificate_code = models.CharField(max_length=20, blank=True)
    requested_at = models.DateTimeField(_("requested at"))
    pay_by = models.DateTimeField(_("pay by"), null=True)
    approved_at = models.DateTimeField(_("approved at"), null=True)
    completed_at = models.DateTimeField(_("completed at"), null=True)
    certified_at = models.DateTimeField(_("certified at"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    expired_at = models.DateTimeField(_("expired at"), null=True)

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        indexes = [
            models.Index(
                fields=["student_id", "-requested_at", "-lecture_id"], name="history_of_student"
            )
        ]

    def __str__(self) -> str:
        return f"{self.course_title} · {self.status}"


class TimelineEntry(models.Model):
    """One thing that happened to an enrollment; ``event_id`` is its place in the log."""

    event_id = models.BigIntegerField(primary_key=True)
    lecture_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline")
        indexes = [models.Index(fields=["lecture_id", "event_id"], name="timeline_of_lecture")]

    def __str__(self) -> str:
        return f"{self.kind} · {self.occurred_at}"
