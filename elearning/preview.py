"""A course as its students will see it: the page itself, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.courses import queries as courses
from apps.courses.admin.unsaved import Unsaved
from apps.courses.queries import CoursePage, CourseTerms
from apps.lectures import queries as lectures
from apps.lectures.queries import CourseOffer
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
    seen = replace(offer, course=_as_if_open(offer.course))
    with _as_visitor(request, terms.slug):
        response = render(request, "lectures/course.html", _context(seen))
    framed = STRICT_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    response.headers["Content-Security-Policy"] = framed
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def show_unsaved(request: HttpRequest, unsaved: Unsaved) -> HttpResponse:
    """Show the page that the form would make, or what to mend in it first; nothing is written."""
    width = "phone" if request.POST.get("width") == "phone" else "desk"
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("As a student will see it, once saved"),
        "width": width,
        "errors": unsaved.errors,
    }
    if unsaved.page:
        course = unsaved.page
        context |= {"course": course.terms, "student_page": _page_of_visitor(request, course)}
    status = 400 if unsaved.errors else 200
    return render(request, "admin/courses/unsaved.html", context, status=status)


def _page_of_visitor(request: HttpRequest, course: CoursePage) -> str:
    offer = lectures.get_unsaved_offer(course=_as_if_open(course))
    with _as_visitor(request, course.terms.slug):
        return render_to_string("lectures/course.html", _context(offer), request)


@contextmanager
def _as_visitor(request: HttpRequest, slug: str) -> Iterator[None]:
    """Let the page be rendered for nobody in particular, as the course's own address answers it."""
    user, path = request.user, request.path
    request.user = AnonymousUser()
    request.path = reverse("courses:course", args=[slug])  # where its log-in leads back to
    try:
        yield
    finally:
        request.user, request.path = user, path


def _context(offer: CourseOffer) -> dict[str, Any]:
    terms = offer.course.terms
    refund_terms = refund_sentences(offer.refund_terms, currency=terms.currency)
    return {"offer": offer, "refund_terms": refund_terms}


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
