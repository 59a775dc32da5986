"""The page of a course that is still being written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from apps.courses.models import Course, Lesson
from apps.courses.queries.offers import (
    TERMS_FIELDS,
    CoursePage,
    CourseTerms,
    LessonOutline,
    card_of,
)

if TYPE_CHECKING:
    from apps.courses.queries.offers import OutlinedCourse

NEW = 0
"""Stands for a number that only saving gives."""


def make_unsaved_page(*, course: Course, lessons: Sequence[Lesson], cover_url: str) -> CoursePage:
    """Return the page as it would be, without a query; no ``cover_url`` keeps the saved cover."""
    outlined = cast("OutlinedCourse", course)
    outlined.slug = course.slug or str(NEW)
    outlined.lesson_count = len(lessons)
    outlined.duration_minutes = sum(lesson.duration_minutes for lesson in lessons)
    terms = {name: getattr(outlined, name) for name in TERMS_FIELDS} | {"id": course.pk or NEW}
    card = card_of(outlined)
    return CoursePage(
        card=replace(card, id=course.pk or NEW, cover_url=cover_url or card.cover_url),
        terms=CourseTerms(**terms),
        description=course.description,
        outline=[
            LessonOutline(
                id=lesson.pk or NEW,
                title=lesson.title,
                duration_minutes=lesson.duration_minutes,
                is_preview=lesson.is_preview,
            )
            for lesson in lessons
        ],
    )
