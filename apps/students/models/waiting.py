"""Where students wait for a seat: a read model like the history, of the live places only."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WaitingPlace(models.Model):
    """A place on the waiting list of a course: ``status`` is ``waiting`` or ``offered``."""

    entry_id = models.BigIntegerField(primary_key=True)
    student_id = models.BigIntegerField(db_index=True)
    course_id = models.BigIntegerField()
    course_title = models.CharField(_("course"), max_length=200)
    course_slug = models.CharField(max_length=220)
    status = models.CharField(_("status"), max_length=20)
    joined_at = models.DateTimeField(pgettext_lazy("waiting list", "joined at"))
    offered_until = models.DateTimeField(_("offered until"), null=True)

    class Meta:
        verbose_name = _("place on a waiting list")
        verbose_name_plural = _("places on waiting lists")
        indexes = [models.Index(fields=["course_id", "entry_id"], name="waiting_place_in_order")]

    def __str__(self) -> str:
        return f"{self.course_title} · {self.status}"
