"""Courses by the addresses of their pages, also by those that they once had."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Value

from apps.courses.models import Course, FormerAddress
from apps.courses.queries.offers import TERMS_FIELDS, CourseTerms
from foundation.text.gate import compose
from foundation.text.lookup import last_segment, lookup_key
from foundation.text.search import SearchKey


def find_slug(*, address: str) -> str | None:
    """Return the address that the course has now that ``address`` leads to, or None.

    It may be typed otherwise, or be one that the course once had: an address of now counts first.
    Two queries at most.
    """
    slug = last_segment(address)
    own = Course.objects.filter(slug__same_text=slug).order_by("pk")
    former = FormerAddress.objects.filter(slug__same_text=slug).order_by("-left_at")
    return (
        own.values_list("slug", flat=True).first()
        or former.values_list("course__slug", flat=True).first()
    )


def find_terms_by_address(*, addresses: Iterable[str]) -> dict[str, CourseTerms]:
    """Return by address the terms of the course behind it, in three queries at most.

    An address is the last part of that of the course's page, or all of it, as browsers copy it.
    """
    slugs = {address: compose(last_segment(address)) for address in addresses}
    exact = Course.objects.filter(slug__in=set(slugs.values())).values(*TERMS_FIELDS)
    found = {row["slug"]: CourseTerms(**row) for row in exact}
    if missing := set(slugs.values()) - set(found) - {""}:
        alike = _find_alike(missing)
        found |= {slug: alike[lookup_key(slug)] for slug in missing if lookup_key(slug) in alike}
    return {address: found[slug] for address, slug in slugs.items() if slug in found}


def _find_alike(slugs: set[str]) -> dict[str, CourseTerms]:
    """Return by key the courses that have, or once had, an address that only looks different."""
    keys = [SearchKey(Value(slug)) for slug in slugs]
    courses = Course.objects.order_by("-pk")
    once: Any = courses.alias(key=SearchKey("former_addresses__slug")).filter(key__in=keys)
    now: Any = courses.alias(key=SearchKey("slug")).filter(key__in=keys)
    former = once.values(*TERMS_FIELDS, typed=F("former_addresses__slug"))
    current = now.values(*TERMS_FIELDS, typed=F("slug"))
    return {
        lookup_key(row.pop("typed")): CourseTerms(**row)
        for rows in (former, current)
        for row in rows
    }
