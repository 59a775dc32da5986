"""What opening a course puts on sale, in words, to be read before it is opened."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.courses.models import Course
from apps.money import format_money
from apps.zones import moment
from foundation.durations import format_duration


def describe_sale(course: Course) -> list[str]:
    """Return what students will be offered, in one query."""
    price = format_money(course.price_minor, course.currency)
    return [
        _("Price: %(price)s")
        % {"price": price if course.price_minor else pgettext("price", "Free")},
        _seats(course),
        _span(
            course.enrollment_opens_at,
            course.enrollment_closes_at,
            both=_("Enrollment: %(first)s to %(last)s"),
            first_only=_("Enrollment: from %(first)s"),
            last_only=_("Enrollment: at once, until %(last)s"),
            neither=_("Enrollment: at once, without an end"),
        ),
        _span(
            course.starts_at,
            course.ends_at,
            both=_("Course dates: %(first)s to %(last)s"),
            first_only=_("Course dates: from %(first)s"),
            last_only=_("Course dates: until %(last)s"),
            neither=_("Course dates: none, it can be started at any time"),
        ),
        _("Refund policy: %(policy)s") % {"policy": course.get_refund_policy_display()},
        _lessons(course),
    ]


def _seats(course: Course) -> str:
    if course.capacity is None:
        return _("Seats: unlimited")
    return _("Seats: %(capacity)s") % {"capacity": f"{course.capacity:,}"}


def _span(
    first: datetime | None,
    last: datetime | None,
    *,
    both: str,
    first_only: str,
    last_only: str,
    neither: str,
) -> str:
    if first and last:
        text = both
    elif first:
        text = first_only
    else:
        text = last_only if last else neither
    return text % {"first": first and moment(first), "last": last and moment(last)}


def _lessons(course: Course) -> str:
    held = course.lessons.aggregate(count=Count("pk"), minutes=Sum("duration_minutes", default=0))
    if not held["count"]:
        return _("Lessons: none yet. Students would find an empty course.")
    text = ngettext(
        "Lessons: %(n)d, %(duration)s; %(percent)d%% of them complete the course",
        "Lessons: %(n)d, %(duration)s; %(percent)d%% of them complete the course",
        held["count"],
    )
    return text % {
        "n": held["count"],
        "duration": format_duration(held["minutes"]),
        "percent": course.completion_threshold_percent,
    }
