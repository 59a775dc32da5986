"""What is searched, as it is compared."""

from __future__ import annotations

from django.db import models


class SearchText(models.Model):
    """The text of one row by which it is found; written by triggers alone, deleted with the row."""

    pk = models.CompositePrimaryKey("table", "row_id")
    table = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    key = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.table} {self.row_id}"
