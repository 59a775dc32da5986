"""A view of a list that somebody keeps."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_NAME_LENGTH = 60
MAX_QUERY_LENGTH = 2000


class SavedView(models.Model):
    """``query`` is the list's query string; a shared view is seen by all who may see the list."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+",
        verbose_name=_("owner"),
    )  # fmt: skip
    model = models.CharField(max_length=100)
    name = models.CharField(_("name"), max_length=MAX_NAME_LENGTH)
    query = models.CharField(max_length=MAX_QUERY_LENGTH, blank=True)
    is_shared = models.BooleanField(_("shared"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["owner", "model", "name"], name="saved_view_name_once")
        ]
        indexes = [models.Index(fields=["model", "is_shared"], name="saved_view_of_list")]

    def __str__(self) -> str:
        return self.name
