"""Cancel an enrollment, with the refund shown before the click."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.lectures import queries, services
from apps.lectures.forms import CancellationForm
from apps.lectures.queries import EnrollmentDetail
from apps.lectures.views.asking import student_id
from apps.lectures.views.refund_words import refund_sentences
from apps.lectures.views.refusing import missing_as_404, refused
from apps.money import format_money
from apps.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@missing_as_404()
def cancellation(request: HttpRequest, enrollment_id: int) -> HttpResponse:
    enrollment = queries.get_detail(enrollment_id=enrollment_id, viewer_id=student_id(request))
    if request.method != "POST":
        return _ask(request, enrollment)
    if enrollment.can_cancel and not CancellationForm(request.POST).shows(enrollment.refund_minor):
        changed = _("The refund has changed since you opened the page. Please look at it again.")
        messages.warning(request, changed)
        return _ask(request, enrollment, status=409)
    return _cancel(request, enrollment)


def _ask(request: HttpRequest, enrollment: EnrollmentDetail, *, status: int = 200) -> HttpResponse:
    context = {
        "enrollment": enrollment,
        "form": CancellationForm(initial={"refund_minor": enrollment.refund_minor}),
        "refund_terms": refund_sentences(enrollment.refund_terms, currency=enrollment.currency),
    }
    return render(request, "lectures/cancellation.html", context, status=status)


def _cancel(request: HttpRequest, enrollment: EnrollmentDetail) -> HttpResponse:
    try:
        refund_minor = services.cancel_enrollment(
            enrollment_id=enrollment.id, student_id=student_id(request)
        )
    except Refusal as refusal:
        back = reverse("students:timeline", args=[enrollment.id])
        return refused(request, refusal, back=back, label=_("History of this enrollment"))
    messages.success(request, _result(refund_minor, enrollment.currency))
    return redirect("students:timeline", enrollment.id)


def _result(refund_minor: int, currency: str) -> str:
    if not refund_minor:
        return _("Your enrollment is cancelled.")
    amount = format_money(refund_minor, currency)
    return _("Your enrollment is cancelled. %(amount)s is on its way back to you.") % {
        "amount": amount
    }
