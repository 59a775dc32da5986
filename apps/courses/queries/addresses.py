"""Courses by the addresses of their pages."""

from __future__ import annotations

from collections.abc import Iterable

from apps.courses.models import Course
from apps.courses.queries.offers import TERMS_FIELDS, CourseTerms


def find_terms_by_slug(*, slugs: Iterable[str]) -> dict[str, CourseTerms]:
    """Return the terms of the courses behind these addresses, in one query."""
    rows = Course.objects.filter(slug__in=set(slugs)).values(*TERMS_FIELDS)
    return {row["slug"]: CourseTerms(**row) for row in rows}
