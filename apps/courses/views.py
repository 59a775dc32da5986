"""The catalogue, the covers and the free previews.

The page of one course shows reviews and the reader's own enrollment: its view is in lectures.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import PurePath
from typing import Any, cast

from django.core.paginator import Paginator
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import ResolverMatch, reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from PIL import Image, UnidentifiedImageError

from apps.courses import queries
from apps.courses.forms import CatalogueForm
from apps.courses.models import Course, CourseStatus
from apps.refusals import NotFound
from apps.rights import staff_may
from apps.serving import attachment

PAGE_SIZE = 12
COVER_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
COVER_CACHE_SECONDS = 365 * 24 * 3600


def leads_on(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Lead from a former address of the course, or one typed otherwise, to the address of now."""

    @wraps(view)
    def leading(request: HttpRequest, slug: str, **rest: Any) -> HttpResponseBase:
        try:
            return view(request, slug=slug, **rest)
        except Http404:
            now = queries.find_slug(address=slug)
            if now is None or now == slug:
                raise
            _visible(request, now)
            return _moved(request, slug=now, **rest)

    return leading


def _moved(request: HttpRequest, **where: Any) -> HttpResponse:
    """Answer 301, to be asked again: another course may take the address some day."""
    match = cast("ResolverMatch", request.resolver_match)
    query = request.META.get("QUERY_STRING", "")
    address = reverse(match.view_name, kwargs=where) + (f"?{query}" if query else "")
    response = HttpResponsePermanentRedirect(address)
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    form = CatalogueForm(request.GET, categories=queries.list_categories())
    form.is_valid()
    paginator = Paginator(queries.catalogue(**form.cleaned_data), PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    cards = [queries.card_of(course) for course in page]
    return render(
        request, "courses/catalogue.html", {"form": form, "page_obj": page, "cards": cards}
    )


@require_safe
@leads_on
def cover(request: HttpRequest, slug: str) -> FileResponse:
    """Send the picture; its address changes with it, so it may be kept for as long as one likes."""
    course = _visible(request, slug)
    content_type = _picture_type(course)
    name = PurePath(course.cover.name or "").name
    response = attachment(course.cover.open(), name=name, content_type=content_type)
    offered = course.status in [CourseStatus.OPEN, CourseStatus.CLOSED]
    sharing = {"public": True} if offered else {"private": True}
    patch_cache_control(response, max_age=COVER_CACHE_SECONDS, immutable=True, **sharing)
    return response


@require_safe
@leads_on
def preview(request: HttpRequest, slug: str, lesson_id: int) -> HttpResponse:
    course = _visible(request, slug)
    try:
        lesson = queries.get_lesson(course_id=course.pk, lesson_id=lesson_id)
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    if not lesson.is_preview:
        raise Http404("Only the enrolled can read this lesson.")
    return render(
        request, "courses/preview.html", {"course": queries.card_of(course), "lesson": lesson}
    )


def _visible(request: HttpRequest, slug: str) -> queries.OutlinedCourse:
    course = queries.find_visible_course(
        slug=slug, include_hidden=staff_may(request.user, "courses.view_course")
    )
    if course is None:
        raise Http404("There is no such course.")
    return course


def _picture_type(course: Course) -> str:
    """Return the content type that the bytes have, whatever the file is called."""
    try:
        with Image.open(course.cover.path) as picture:
            return COVER_TYPES[picture.format or ""]
    except (ValueError, FileNotFoundError, UnidentifiedImageError, KeyError) as error:
        raise Http404("This course has no cover picture.") from error
