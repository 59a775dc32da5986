"""A course as its students will see it: the page itself, on a desk and on a phone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.courses import queries as courses
from apps.courses.queries import CoursePage, CourseTerms
from apps.lectures import queries as lectures
from apps.lectures.views.refund_words import refund_sentences
from apps.refusals import NotFound
from elearning.middleware import ADMIN_POLICY, STRICT_POLICY


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the course's page in a frame as wide as a desk or as a phone."""
    terms = _get_terms(request, pk)
    width = "phone" if request.GET.get("width") == "phone" else "desk"
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("As a student sees it"),
        "subtitle": terms.title,
        "course": terms,
        "width": width,
        "page_url": reverse("desk_preview_page", args=[pk]),
        "back_url": reverse("admin:courses_course_change", args=[pk]),
    }
    response = render(request, "admin/courses/as_student.html", context)
    framing = ADMIN_POLICY.replace("frame-src https:", "frame-src 'self' https:")
    response.headers["Content-Security-Policy"] = framing
    return response


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the page that a visitor gets, by the same template, as if the course were open."""
    terms = _get_terms(request, pk)
    offer = lectures.get_offer(slug=terms.slug, viewer_id=None, viewer_is_staff=True)
    refund_terms = refund_sentences(offer.refund_terms, currency=terms.currency)
    request.user = AnonymousUser()
    seen = replace(offer, course=_as_if_open(offer.course))
    context = {"offer": seen, "refund_terms": refund_terms}
    response = render(request, "lectures/course.html", context)
    framed = STRICT_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    response.headers["Content-Security-Policy"] = framed
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _get_terms(request: HttpRequest, pk: int) -> CourseTerms:
    if not request.user.has_perm("courses.view_course"):
        raise PermissionDenied
    try:
        return courses.get_terms(course_id=pk)
    except NotFound as refusal:
        raise Http404 from refusal


def _as_if_open(course: CoursePage) -> CoursePage:
    """Return the page that a draft will have once it is opened; others are what they are."""
    if course.terms.status != "draft":
        return course
    terms = replace(course.terms, status="open")
    card = replace(course.card, availability=terms.availability(now=timezone.now()))
    return replace(course, terms=terms, card=card)
