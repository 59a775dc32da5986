"""What the pages of the desk fetch: the preview of Markdown, covers and lesson files."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.courses.models import Course, Lesson
from apps.desk import DeskAdmin
from apps.markdown import render_markdown
from apps.serving import address_of

MAX_PREVIEW_LENGTH = 100_000


class CourseFiles(DeskAdmin):
    def get_urls(self) -> list[URLPattern]:
        protect = self.admin_site.admin_view
        return [
            path("preview/", protect(self.preview), name="courses_course_preview"),
            path("media/<path:name>", protect(self.media_file), name="courses_course_media"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def preview(self, request: HttpRequest) -> HttpResponse:
        """Render Markdown as the pages of students will."""
        self._require_view(request)
        text = request.POST.get("text", "")
        if len(text) > MAX_PREVIEW_LENGTH:
            return HttpResponse(_("This text is too long."), status=400, content_type="text/plain")
        return HttpResponse(render_markdown(text))

    def media_file(self, request: HttpRequest, name: str) -> HttpResponse:
        """Lead staff to a cover or a lesson's file; only what a row knows can be asked for."""
        self._require_view(request)
        lesson = Lesson.objects.filter(file=name).first()
        if lesson is None and not Course.objects.filter(cover=name).exists():
            raise Http404
        shown_as = lesson.download_name if lesson else ""
        return HttpResponseRedirect(address_of(name, shown_as=shown_as))

    def _require_view(self, request: HttpRequest) -> None:
        if not (self.has_view_or_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
