"""Put every bulk action into the list that it belongs to."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from elearning.bulk import of_courses, of_deliveries, of_enrollments, of_payments
from elearning.bulk.kinds import register
from elearning.bulk.listing import Listed
from elearning.bulk.services import MAX_ITEMS, NewItem, draft_job
from foundation.desk.lists import ListAction, offer_in_list

LISTED = (
    *of_enrollments.LISTED,
    *of_payments.LISTED,
    *of_courses.LISTED,
    *of_deliveries.LISTED,
)


def _offer(listed: Listed) -> ListAction:
    def act(request: HttpRequest, rows: Any) -> HttpResponse:
        items = [
            NewItem(label=listed.describe(row), facts={"id": row.pk})
            for row in rows.order_by("pk").iterator(1000)
        ]
        job_id = draft_job(kind=listed.kind, started_by_id=request.user.pk or 0, items=items)
        return HttpResponseRedirect(reverse("admin:elearning_bulkjob_change", args=[job_id]))

    return ListAction(
        name=listed.kind.name,
        label=listed.kind.label,
        permissions=listed.kind.permissions,
        act=act,
        max_rows=MAX_ITEMS,
    )


def offer_all() -> None:
    """Put every action into the list that it belongs to. Called once, at start."""
    for listed in LISTED:
        register(listed.kind)
        offer_in_list(listed.model, _offer(listed))
