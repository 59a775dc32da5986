"""The file that the draft of an import was made from."""

from __future__ import annotations

from django.db import models

from elearning.bulk.models import BulkJob


class ImportedFile(models.Model):
    """The uploaded file of a draft, compressed. Deleted when the job starts or is discarded."""

    job = models.OneToOneField(BulkJob, on_delete=models.CASCADE, primary_key=True)
    content = models.BinaryField()
    encoding = models.CharField(max_length=20)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.job} ({self.encoding})"
