"""Cancel an enrollment, with the refund shown before the click."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.lectures import queries, services
from apps.lectures.queries import EnrollmentDetail
from apps.lectures.views.asking import student_id
from apps.lectures.views.refund_words import refund_sentences
from apps.lectures.views.refusing import missing_as_404
from apps.money import format_money
from apps.refusals import FactsChanged, agreement_in
from foundation.agreement import token_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@missing_as_404()
def cancellation(request: HttpRequest, enrollment_id: int) -> HttpResponse:
    enrollment = queries.get_detail(enrollment_id=enrollment_id, viewer_id=student_id(request))
    if request.method != "POST":
        return _ask(request, enrollment)
    return _cancel(request, enrollment)


def _ask(request: HttpRequest, enrollment: EnrollmentDetail, *, status: int = 200) -> HttpResponse:
    context = {
        "enrollment": enrollment,
        "agreed": token_of(queries.cancellation_facts(enrollment)),
        "refund_terms": refund_sentences(enrollment.refund_terms, currency=enrollment.currency),
    }
    return render(request, "lectures/cancellation.html", context, status=status)


def _cancel(request: HttpRequest, enrollment: EnrollmentDetail) -> HttpResponse:
    own = {"enrollment_id": enrollment.id, "viewer_id": enrollment.student_id}
    agreed = agreement_in(request.POST, lambda: queries.read_cancellation_facts(**own))
    try:
        refund_minor = services.cancel_enrollment(
            enrollment_id=enrollment.id, student_id=enrollment.student_id, agreed=agreed
        )
    except FactsChanged as refusal:
        messages.warning(request, str(refusal))
        now = queries.get_detail(enrollment_id=enrollment.id, viewer_id=enrollment.student_id)
        return _ask(request, now, status=409)
    except services.EnrollmentStateRefused as refusal:  # its page says what became of it
        messages.info(request, str(refusal))
        return redirect("students:timeline", enrollment.id)
    messages.success(request, _result(refund_minor, enrollment.currency))
    return redirect("students:timeline", enrollment.id)


def _result(refund_minor: int, currency: str) -> str:
    if not refund_minor:
        return _("Your enrollment is cancelled.")
    amount = format_money(refund_minor, currency)
    return _("Your enrollment is cancelled. %(amount)s is on its way back to you.") % {
        "amount": amount
    }
