"""Where to tell somebody who is gone that it is done; forgotten as soon as that is said."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Parting(models.Model):
    """The last e-mail that is owed to a removed account: all that it needs, until it is sent."""

    student_id = models.BigIntegerField(primary_key=True)
    email = models.EmailField()
    name = models.CharField(max_length=150)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    time_zone = models.CharField(max_length=64, blank=True)
    removed_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return str(self.student_id)

    @property
    def reason(self) -> str:
        """The reason of the e-mail, so that it is sent once."""
        return f"account-{self.student_id}"
