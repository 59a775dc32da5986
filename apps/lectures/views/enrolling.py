"""The page of a course, and the enrollment that starts there."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.lectures import queries, services
from apps.lectures.forms import EnrollmentForm
from apps.lectures.views.refund_words import refund_sentences
from apps.lectures.views.refusing import missing_as_404, refused
from apps.refusals import FactsChanged, Refusal, agreement_in
from apps.rights import staff_may
from foundation.agreement import FIELD, Agreement, token_of


@require_safe
@missing_as_404()
def course(request: HttpRequest, slug: str) -> HttpResponse:
    sees_all = staff_may(request.user, "courses.view_course")
    offer = queries.get_offer(slug=slug, viewer_id=request.user.pk, viewer_is_staff=sees_all)
    refund_terms = refund_sentences(offer.refund_terms, currency=offer.course.terms.currency)
    agreed = token_of(queries.enrollment_facts(offer.course.terms))
    context = {"offer": offer, "refund_terms": refund_terms, "agreed": agreed}
    response = render(request, "lectures/course.html", context)
    if request.user.is_authenticated:  # it has a button, whose Back must not show it again
        add_never_cache_headers(response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@missing_as_404()
def enroll(request: HttpRequest) -> HttpResponse:
    """Enroll in the course of the form; to look at the enrollments is what the history is for."""
    if request.method != "POST":
        return redirect("students:history")
    terms = queries.get_course_terms(course_id=wanted_course(request))
    course_page = page_of(slug=terms.slug, status=terms.status)
    if not request.user.is_authenticated:
        return redirect_to_login(course_page)
    try:
        enrollment_id = services.request_enrollment(
            student_id=request.user.pk, course_id=terms.id, agreed=_agreed(request, terms.id)
        )
    except FactsChanged as refusal:
        messages.warning(request, str(refusal))
        return redirect(course_page)
    except services.AlreadyEnrolled as refusal:
        return lead_to_enrollment(request, refusal, course_id=terms.id)
    except Refusal as refusal:
        return refused(request, refusal, back=course_page, label=_("To the course"))
    return _go_on(request, enrollment_id, is_free=terms.price_minor == 0)


def lead_to_enrollment(
    request: HttpRequest, refusal: services.AlreadyEnrolled, *, course_id: int
) -> HttpResponse:
    """Lead to the enrollment that is there already: to its checkout, or to the classroom."""
    live = queries.find_live_enrollment(student_id=request.user.pk or 0, course_id=course_id)
    messages.info(request, str(refusal))
    if live is None:  # ended since
        return redirect("students:history")
    to_pay = live.status == "requested"
    return redirect("lectures:checkout" if to_pay else "lectures:classroom", live.id)


def _agreed(request: HttpRequest, course_id: int) -> Agreement | None:
    """Return the terms that the page of the course showed; None where it was not asked for them."""
    if FIELD not in request.POST:
        return None
    return agreement_in(
        request.POST,
        lambda: queries.enrollment_facts(queries.get_course_terms(course_id=course_id)),
    )


def wanted_course(request: HttpRequest) -> int:
    """Return the id of the form's course. Raises Http404 where it names none."""
    form = EnrollmentForm(request.POST)
    if not form.is_valid():
        raise Http404("There is no such course.")
    return int(form.cleaned_data["course"])


def page_of(*, slug: str, status: str) -> str:
    """Return the course's page, or the catalogue where the course is no offer (any more)."""
    if status in {"draft", "withdrawn"}:
        return reverse("courses:catalogue")
    return reverse("courses:course", args=[slug])


def _go_on(request: HttpRequest, enrollment_id: int, *, is_free: bool) -> HttpResponse:
    if not is_free:
        return redirect("lectures:checkout", enrollment_id)
    messages.success(request, _("You are enrolled. Enjoy the course!"))
    return redirect("lectures:classroom", enrollment_id)
