"""What a student looks back on: every enrollment, and all that happened to one of them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.live import nothing_new
from apps.refusals import NotFound
from apps.students import queries
from apps.students.models import HistoryEntry
from apps.students.views import StudentRequest
from apps.students.views.wording import in_words

ENTRIES_PER_PAGE = 20
MOVING = {"requested-processing", "requested-deferred", "completed-uncertified"}
"""What changes by itself while the page is open."""


@login_required
@require_safe
def history(request: StudentRequest) -> HttpResponse:
    """Three queries, however many there are: the totals, a page of enrollments, the places."""
    totals = queries.count_history(student_id=request.user.pk)
    paginator = Paginator(queries.list_history(student_id=request.user.pk), ENTRIES_PER_PAGE)
    paginator.count = totals.enrollments
    page = paginator.get_page(request.GET.get("page"))
    places = queries.list_places(student_id=request.user.pk)
    context = {"totals": totals, "page_obj": page, "places": places}
    return render(request, "students/history.html", context)


@login_required
@require_safe
def timeline(request: StudentRequest, lecture_id: int) -> HttpResponse:
    try:
        entry = queries.get_history_entry(student_id=request.user.pk, lecture_id=lecture_id)
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    shown = nothing_new(request, state=state_of(entry))
    if shown is not None:
        return shown
    lines = queries.list_timelines(lecture_ids=[lecture_id])[lecture_id]
    context = {
        "entry": entry,
        "items": [in_words(line) for line in lines],
        "state": state_of(entry),
        "is_moving": state_of(entry) in MOVING,
    }
    return render(request, "students/timeline.html", context)


def state_of(entry: HistoryEntry) -> str:
    """Return one word for what the page shows, so that it can ask whether that has changed."""
    if entry.status == "completed":
        return "completed-certified" if entry.certificate_code else "completed-uncertified"
    return f"{entry.status}-{entry.payment_status}"
