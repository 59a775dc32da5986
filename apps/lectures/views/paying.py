"""The checkout, the payment, and what became of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.lectures import queries, services
from apps.lectures.forms import CardForm
from apps.lectures.queries import EnrollmentDetail
from apps.lectures.views.asking import student_id
from apps.lectures.views.refund_words import refund_sentences
from apps.lectures.views.refusing import missing_as_404
from apps.live import nothing_new
from apps.refusals import FactsChanged, NotFound, Refusal, agreement_in
from foundation.agreement import FIELD, Agreement, token_of

DECLINE_REASONS = {
    "card_declined": _("The bank declined the card."),
    "insufficient_funds": _("There is not enough money on the card."),
    "invalid_card": _("The card is not known to the payment service."),
}


@require_safe
@login_required
@never_cache
@missing_as_404()
def checkout(request: HttpRequest, enrollment_id: int) -> HttpResponse:
    enrollment = queries.get_detail(enrollment_id=enrollment_id, viewer_id=student_id(request))
    if enrollment.payment is None:
        return redirect("lectures:classroom", enrollment_id)
    context = _checkout_context(request, enrollment, CardForm())
    return render(request, "lectures/checkout.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@missing_as_404()
def payment(request: HttpRequest, enrollment_id: int) -> HttpResponse:
    """POST pays; GET shows what happened, so that a reload never pays again."""
    if request.method == "POST":
        return _pay(request, enrollment_id)
    enrollment = queries.get_detail(enrollment_id=enrollment_id, viewer_id=student_id(request))
    if enrollment.payment is None:
        return redirect("lectures:classroom", enrollment_id)
    shown = nothing_new(request, state=payment_situation(enrollment))
    if shown is not None:
        return shown
    return render(request, "lectures/payment_result.html", _situation(request, enrollment))


def _pay(request: HttpRequest, enrollment_id: int) -> HttpResponse:
    form = CardForm(request.POST)
    if not form.is_valid():
        return _ask_again(request, enrollment_id, form)
    result_page = reverse("lectures:payment", args=[enrollment_id])
    try:
        services.pay_enrollment(
            enrollment_id=enrollment_id,
            student_id=student_id(request),
            token=form.cleaned_data["token"],
            agreed=_agreed(request, enrollment_id),
        )
    except FactsChanged as refusal:
        messages.warning(request, str(refusal))
        return redirect("lectures:checkout", enrollment_id)
    except NotFound:
        raise
    except Refusal as refusal:  # the page of the payment says where it stands
        messages.info(request, str(refusal))
    return redirect(result_page)


def _agreed(request: HttpRequest, enrollment_id: int) -> Agreement | None:
    """Return the amount that the checkout showed. It is frozen, so a form without it is taken."""
    if FIELD not in request.POST:
        return None
    viewer_id = student_id(request)

    def read() -> dict[str, str | int]:
        detail = queries.get_detail(enrollment_id=enrollment_id, viewer_id=viewer_id)
        return queries.payment_facts(detail)

    return agreement_in(request.POST, read)


def _ask_again(request: HttpRequest, enrollment_id: int, form: CardForm) -> HttpResponse:
    enrollment = queries.get_detail(enrollment_id=enrollment_id, viewer_id=student_id(request))
    context = _checkout_context(request, enrollment, form)
    return render(request, "lectures/checkout.html", context, status=400)


def _checkout_context(
    request: HttpRequest, enrollment: EnrollmentDetail, form: CardForm
) -> dict[str, Any]:
    refund_terms = refund_sentences(enrollment.refund_terms, currency=enrollment.currency)
    agreed = token_of(queries.payment_facts(enrollment))
    more = {"form": form, "refund_terms": refund_terms, "agreed": agreed}
    return _situation(request, enrollment) | more


def _situation(request: HttpRequest, enrollment: EnrollmentDetail) -> dict[str, Any]:
    """Return the enrollment with one word for where its payment stands, and what explains it."""
    last_try = queries.find_last_try(enrollment=enrollment)
    code = last_try.decline_code if last_try else ""
    return {
        "enrollment": enrollment,
        "situation": payment_situation(enrollment),
        "decline_reason": DECLINE_REASONS.get(code, _("The payment service declined the card.")),
        "outcome_unknown": last_try is not None and last_try.outcome_unknown,
        "payments_enabled": settings.PAYMENTS_ENABLED,
    }


def payment_situation(enrollment: EnrollmentDetail) -> str:
    """Return ``cancelled``, ``expired``, ``paid``, or the state of a payment still wanted."""
    payment = enrollment.payment
    if enrollment.status in {"cancelled", "expired"}:
        return enrollment.status
    if payment is None or payment.is_settled:
        return "paid"
    if payment.is_payable and payment.pay_by <= timezone.now():
        return "expired"  # the periodic task will say so too
    return payment.status
