"""The classroom: the outline, one lesson at a time, its file, and the step to the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.lectures import queries, services
from apps.lectures.queries import ClassroomLesson, EnrollmentDetail
from apps.lectures.views.asking import student_id
from apps.lectures.views.refusing import missing_as_404, refused
from apps.live import asks_live
from apps.refusals import Refusal
from apps.serving import address_of


@dataclass(frozen=True)
class Classroom:
    """An enrollment with its lessons, and how far it is to the end."""

    enrollment: EnrollmentDetail
    lessons: Sequence[ClassroomLesson]

    @property
    def next_lesson(self) -> ClassroomLesson | None:
        return next((lesson for lesson in self.lessons if lesson.completed_at is None), None)

    @property
    def completed_count(self) -> int:
        return sum(lesson.completed_at is not None for lesson in self.lessons)

    @property
    def needed_count(self) -> int:
        """The smallest number of lessons that reaches the course's threshold."""
        threshold_percent = self.enrollment.course.completion_threshold_percent
        return -(-len(self.lessons) * threshold_percent // 100)

    @property
    def has_just_been_completed(self) -> bool:
        return self.enrollment.status == "completed" and self.completed_count == self.needed_count

    def position_of(self, lesson_id: int) -> int:
        return [lesson.outline.id for lesson in self.lessons].index(lesson_id)

    def open_lesson_after(self, lesson_id: int) -> ClassroomLesson | None:
        following = self.lessons[self.position_of(lesson_id) + 1 :]
        return next((lesson for lesson in following if lesson.completed_at is None), None)


def _enter(request: HttpRequest, enrollment_id: int) -> Classroom:
    enrollment = queries.get_detail(enrollment_id=enrollment_id, viewer_id=student_id(request))
    lessons = queries.list_classroom(
        enrollment_id=enrollment_id, course_id=enrollment.course.id
    )  # fmt: skip
    return Classroom(enrollment, lessons)


@login_required
@require_safe
@missing_as_404()
def classroom(request: HttpRequest, enrollment_id: int) -> HttpResponse:
    room = _enter(request, enrollment_id)
    if room.enrollment.status == "requested":
        messages.info(request, _("Your lessons open once the course is paid."))
        return redirect("lectures:checkout", enrollment_id)
    review = queries.find_review(enrollment_id=enrollment_id)
    return render(request, "lectures/classroom.html", {"room": room, "review": review})


@login_required
@require_safe
def lesson(request: HttpRequest, enrollment_id: int, lesson_id: int) -> HttpResponse:
    try:
        return _show_lesson(request, enrollment_id, lesson_id)
    except Refusal as refusal:
        return _refuse(request, enrollment_id, refusal)


@login_required
@require_http_methods(["GET", "POST"])
def lesson_completion(request: HttpRequest, enrollment_id: int, lesson_id: int) -> HttpResponse:
    """Complete the lesson and lead on: to the next open lesson, or back to the classroom.

    A log-in that came in between returns here by GET: then the lesson asks once more.
    htmx stays on the lesson, which then leads on by itself.
    """
    if request.method == "GET":
        return redirect("lectures:lesson", enrollment_id, lesson_id)
    try:
        services.complete_lesson(
            enrollment_id=enrollment_id, student_id=student_id(request), lesson_id=lesson_id
        )
        if asks_live(request):
            return _show_lesson(request, enrollment_id, lesson_id)
        return _lead_on(request, enrollment_id, lesson_id)
    except Refusal as refusal:
        return _refuse(request, enrollment_id, refusal)


def _show_lesson(request: HttpRequest, enrollment_id: int, lesson_id: int) -> HttpResponse:
    content = services.open_lesson(
        enrollment_id=enrollment_id, student_id=student_id(request), lesson_id=lesson_id
    )
    room = _enter(request, enrollment_id)
    here = room.position_of(lesson_id)
    context = {
        "room": room,
        "lesson": content,
        "here": room.lessons[here],
        "number": here + 1,
        "previous": room.lessons[here - 1] if here else None,
        "following": next(iter(room.lessons[here + 1 :]), None),
        "next_open": room.open_lesson_after(lesson_id),
    }
    return render(request, "lectures/lesson.html", context)


def _lead_on(request: HttpRequest, enrollment_id: int, lesson_id: int) -> HttpResponse:
    room = _enter(request, enrollment_id)
    if room.has_just_been_completed:
        messages.success(request, _("Congratulations! You have completed the course."))
    elif following := room.open_lesson_after(lesson_id):
        messages.success(request, _("Lesson completed. Here is the next one."))
        return redirect("lectures:lesson", enrollment_id, following.outline.id)
    else:
        messages.success(request, _("Lesson completed."))
    return redirect("lectures:classroom", enrollment_id)


def _refuse(request: HttpRequest, enrollment_id: int, refusal: Refusal) -> HttpResponse:
    back = reverse("lectures:classroom", args=[enrollment_id])
    return refused(request, refusal, back=back, label=_("To the classroom"))


@login_required
@require_safe
@missing_as_404()
def lesson_file(request: HttpRequest, enrollment_id: int, lesson_id: int) -> HttpResponseBase:
    """Lead to the file, which comes from an address of its own as a download."""
    stored_name, shown_as = queries.get_lesson_file(
        enrollment_id=enrollment_id, student_id=student_id(request), lesson_id=lesson_id
    )
    response = redirect(address_of(stored_name, shown_as=shown_as))
    response.headers["Cache-Control"] = "private, no-store"
    return response
