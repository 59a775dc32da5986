"""The first page: what the school offers, and what the student goes on with."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.courses import queries as courses
from apps.students import queries as students

COURSES_SHOWN = 3
ENTRIES_SHOWN = 3
GOING_ON = ("requested", "approved")
TAKEN = (*GOING_ON, "completed")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show open courses by their start; to a student, those not taken yet and what is under way."""
    open_courses = courses.catalogue(availability="open", order="starts")
    context: dict[str, Any] = {"categories": courses.list_categories()}
    if request.user.is_authenticated:
        own = students.list_history(student_id=request.user.pk)
        context["entries"] = own.filter(status__in=GOING_ON)[:ENTRIES_SHOWN]
        taken = list(own.filter(status__in=TAKEN).values_list("course_id", flat=True))
        context["takes_courses"] = bool(taken)
        open_courses = open_courses.exclude(pk__in=taken)
    context["cards"] = [courses.card_of(course) for course in open_courses[:COURSES_SHOWN]]
    return render(request, "home.html", context)
