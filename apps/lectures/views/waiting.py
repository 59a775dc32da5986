"""Wait for a seat of a full course, and stop waiting. Taking the seat offered is enrolling."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.lectures import queries, services
from apps.lectures.views.asking import student_id
from apps.lectures.views.enrolling import lead_to_enrollment, page_of, wanted_course
from apps.lectures.views.refusing import missing_as_404, refused
from apps.refusals import FactsChanged, Refusal, agreement_in
from foundation.agreement import FIELD, Agreement


@require_http_methods(["GET", "HEAD", "POST"])
@missing_as_404()
def waiting_list(request: HttpRequest) -> HttpResponse:
    """Join the list of the form's course; to look at one's places is what My courses is for."""
    if request.method != "POST":
        return redirect("students:history")
    terms = queries.get_course_terms(course_id=wanted_course(request))
    course_page = page_of(slug=terms.slug, status=terms.status)
    if not request.user.is_authenticated:
        return redirect_to_login(course_page)
    try:
        services.join_waiting_list(student_id=request.user.pk, course_id=terms.id)
    except services.AlreadyEnrolled as refusal:
        return lead_to_enrollment(request, refusal, course_id=terms.id)
    except (services.AlreadyWaiting, services.SeatIsFree) as refusal:
        messages.info(request, str(refusal))
        return redirect(course_page)
    except Refusal as refusal:
        return refused(request, refusal, back=course_page, label=_("To the course"))
    joined = _("You are on the waiting list. We write you as soon as a seat is free for you.")
    messages.success(request, joined)
    return redirect(course_page)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@missing_as_404()
def departure(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Give the place up, and the seat if one was offered."""
    place = queries.get_place(entry_id=entry_id, viewer_id=student_id(request))
    course_page = page_of(slug=place.course.slug, status=place.course.status)
    if request.method == "POST":
        try:
            services.leave_waiting_list(
                entry_id=entry_id,
                student_id=student_id(request),
                agreed=_agreed(request, entry_id),
            )
        except FactsChanged as refusal:
            messages.warning(request, str(refusal))
            return redirect(course_page)
        except services.NotWaiting as refusal:
            messages.info(request, str(refusal))
            return redirect(course_page)
        except Refusal as refusal:
            return refused(request, refusal, back=course_page, label=_("To the course"))
        messages.success(request, _("You are no longer on the waiting list."))
    return redirect(course_page)


def _agreed(request: HttpRequest, entry_id: int) -> Agreement | None:
    """Return the state of the place that the page showed: whether a seat is given up with it."""
    if FIELD not in request.POST:
        return None
    viewer_id = student_id(request)
    return agreement_in(
        request.POST, lambda: queries.get_place(entry_id=entry_id, viewer_id=viewer_id).status
    )
