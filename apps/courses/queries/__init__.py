"""Reads on courses. What crosses the boundary is a frozen dataclass."""

from typing import TYPE_CHECKING

from apps.courses.queries.addresses import find_slug, find_terms_by_address
from apps.courses.queries.categories import list_categories
from apps.courses.queries.offers import (
    CourseCard,
    CoursePage,
    CourseTerms,
    LessonContent,
    LessonOutline,
    card_of,
    catalogue,
    cover_url,
    find_visible_course,
    get_lesson,
    get_page,
    get_stored_file_name,
    get_terms,
    get_visible_course,
    list_outline,
    list_terms,
)
from apps.courses.queries.seats import CourseSeats, SeatTotals, count_seats, list_seats
from apps.courses.queries.unsaved import make_unsaved_page

if TYPE_CHECKING:
    from apps.courses.queries.offers import OutlinedCourse

__all__ = [
    "CourseCard",
    "CoursePage",
    "CourseSeats",
    "CourseTerms",
    "LessonContent",
    "LessonOutline",
    "OutlinedCourse",
    "SeatTotals",
    "card_of",
    "catalogue",
    "count_seats",
    "cover_url",
    "find_slug",
    "find_terms_by_address",
    "find_visible_course",
    "get_lesson",
    "get_page",
    "get_stored_file_name",
    "get_terms",
    "get_visible_course",
    "list_categories",
    "list_outline",
    "list_seats",
    "list_terms",
    "make_unsaved_page",
]
