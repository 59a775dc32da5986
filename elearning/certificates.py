"""What the classroom shows of a certificate: it knows none, so the two are composed here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from apps.lectures import queries as lectures
from apps.live import asks_live, nothing_new
from apps.refusals import NotFound
from elearning.templatetags.certificates import certificate_state


@login_required
@require_safe
def certificate_of_enrollment(request: HttpRequest, enrollment_id: int) -> HttpResponse:
    """Return the classroom's piece on the certificate; nothing while it is being issued."""
    try:
        enrollment = lectures.get_detail(
            enrollment_id=enrollment_id, viewer_id=request.user.pk or 0
        )
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    if not asks_live(request):
        return redirect("lectures:classroom", enrollment_id)
    certificate = certificate_state(enrollment.id, enrollment.student_id)
    context = {"enrollment": enrollment, "certificate": certificate, "is_piece": True}
    return nothing_new(request, state=certificate["status"]) or render(
        request, "lectures/certificate_situation.html", context
    )
