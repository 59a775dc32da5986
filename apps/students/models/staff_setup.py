"""The link by which a new member of staff sets the account up."""

from __future__ import annotations

from django.db import models

from apps.students.models.user import User


class StaffSetupLink(models.Model):
    """At most one for each account; of the link only the SHA-256 is kept, and it is used once."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} until {self.expires_at:%Y-%m-%d %H:%M}"
