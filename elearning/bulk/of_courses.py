"""Open, close and withdraw many courses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from apps.courses import queries as courses_queries
from apps.courses import services as courses
from apps.desk import Text
from apps.money import format_money
from apps.zones import moment
from elearning.bulk.kinds import Facts
from elearning.bulk.listing import by, counted, ids_of, in_list_of, left_alone
from elearning.consequences import consequences_of_withdrawal, count_dependents

MODEL = "courses.course"


def _of_sale(row: Any) -> str:
    """Name a course with what opening it sells: price, seats, dates and refund policy."""
    price = pgettext("price", "Free")
    if row.price_minor:
        price = format_money(row.price_minor, row.currency)
    seats = _("unlimited seats")
    if row.capacity is not None:
        seats = counted(ngettext("%(n)s seat", "%(n)s seats", row.capacity), row.capacity)
    starts = moment(row.starts_at) if row.starts_at else _("start at any time")
    return " · ".join((str(row), price, seats, starts, row.get_refund_policy_display()))


def _course_is(status: str) -> Callable[[Facts], bool]:
    def is_done(facts: Facts) -> bool:
        return courses_queries.get_terms(course_id=facts["id"]).status == status

    return is_done


def _warn_of_course_state(
    sources: Sequence[str], consequence: Text
) -> Callable[[Sequence[Facts]], list[Text]]:
    def warns(items: Sequence[Facts]) -> list[Text]:
        terms = courses_queries.list_terms(course_ids=ids_of(items)).values()
        count = sum(course.status in sources for course in terms)
        text = ngettext("%(n)s course changes.", "%(n)s courses change.", count)
        return [counted(text, count), consequence, *left_alone(len(items) - count)]

    return warns


def warn_of_withdrawing(items: Sequence[Facts]) -> list[Text]:
    """Say what the page of one course says, summed up over all that are not withdrawn yet."""
    terms = courses_queries.list_terms(course_ids=ids_of(items))
    live = [pk for pk, course in terms.items() if course.status != "withdrawn"]
    text = ngettext("%(n)s course is withdrawn.", "%(n)s courses are withdrawn.", len(live))
    return [
        counted(text, len(live)),
        _("The offer disappears for good: a withdrawn course cannot be opened or changed."),
        *consequences_of_withdrawal(live),
        *left_alone(len(items) - len(live)),
    ]


def _read_states(items: Sequence[Facts]) -> list[Any]:
    """Return the state of each course, and what it would be sold for."""
    terms = courses_queries.list_terms(course_ids=ids_of(items))
    return [
        (course.status, course.price_minor, course.currency)
        for course in (terms[course_id] for course_id in ids_of(items))
    ]


def _read_dependents(items: Sequence[Facts]) -> list[Any]:
    """Return the state of each course, and what depends on it, in three queries for each."""
    return [
        (state, count_dependents(course_id=course_id))
        for course_id, state in zip(ids_of(items), _read_states(items), strict=True)
    ]


LISTED = (
    in_list_of(
        MODEL,
        name="open_courses",
        label=gettext_lazy("Open the chosen courses"),
        run=by(
            courses.open_course, "course_id", gettext_lazy("The course is open."), read=_read_states
        ),
        is_done=_course_is("open"),
        describe=_of_sale,
        read=_read_states,
        warns=_warn_of_course_state(
            ["draft", "closed"],
            gettext_lazy(
                "They appear in the catalogue, and students can enroll from the opening dates."
            ),
        ),
    ),
    in_list_of(
        MODEL,
        name="close_courses",
        label=gettext_lazy("Close the chosen courses"),
        run=by(
            courses.close_course,
            "course_id",
            gettext_lazy("The course is closed."),
            read=_read_states,
        ),
        is_done=_course_is("closed"),
        read=_read_states,
        warns=_warn_of_course_state(
            ["open"],
            gettext_lazy(
                "Nobody can enroll any more. The enrolled go on learning; you can open them again."
            ),
        ),
    ),
    in_list_of(
        MODEL,
        name="withdraw_courses",
        label=gettext_lazy("Withdraw (delete) the chosen courses"),
        permission="delete",
        run=by(
            courses.withdraw_course,
            "course_id",
            gettext_lazy("The course is withdrawn. Its enrollments are being cancelled."),
            read=_read_dependents,
        ),
        is_done=_course_is("withdrawn"),
        read=_read_dependents,
        warns=warn_of_withdrawing,
        is_danger=True,
    ),
)
