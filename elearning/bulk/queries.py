"""How far a bulk job has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from elearning.bulk.models import BulkItem


@dataclass(frozen=True)
class Progress:
    """How many items there are in each state."""

    pending: int = 0
    done: int = 0
    unchanged: int = 0
    refused: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return sum(vars(self).values())

    @property
    def settled(self) -> int:
        return self.total - self.pending


def get_progress(*, job_id: int) -> Progress:
    """Return how far the job has come, in one indexed query."""
    return list_progress(job_ids=[job_id])[job_id]


def list_progress(*, job_ids: Sequence[int]) -> dict[int, Progress]:
    """Return by job how far it has come, in one indexed query."""
    counts: dict[int, dict[str, int]] = {job_id: {} for job_id in job_ids}
    rows = BulkItem.objects.filter(job_id__in=job_ids).order_by()
    for job_id, status, count in rows.values_list("job_id", "status").annotate(Count("pk")):
        counts[job_id][status] = count
    return {job_id: Progress(**by_status) for job_id, by_status in counts.items()}
