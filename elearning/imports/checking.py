"""The dry run: what each row will do, or what is wrong with it and how to mend it.

Nothing is written, and its price in queries does not depend on the number of rows: four.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.courses import queries as courses
from apps.courses.queries import CourseTerms
from apps.lectures import queries as lectures
from apps.money import format_money
from apps.names import MAX_NAME_LENGTH, refuse_unless_latin
from apps.students import queries as students
from apps.students.queries import Person
from elearning.bulk.kinds import Facts
from elearning.bulk.services import NewItem
from elearning.imports.reading import COLUMNS, FileRow
from foundation.email_addresses import normalize_email, normalize_email_or_keep

ENDED = ("cancelled", "expired")
"""States in an export of enrollments that are past: such a row enrolls nobody again."""
MAX_EMAIL_LENGTH, MAX_REFERENCE_LENGTH = 254, 100


@dataclass
class _Known:
    """What the database knows of the addresses and courses in the file."""

    people: dict[str, Person]
    courses: dict[str, CourseTerms]
    live: dict[tuple[int, int], str]
    now: datetime
    seats_left: dict[int, int] = field(default_factory=dict)
    names: dict[str, tuple[tuple[str, str], int]] = field(default_factory=dict)
    """By new address, the name it was first given, that in Latin letters, and the row where."""
    seated: set[int] = field(default_factory=set)
    """The rows for which a seat has been counted."""
    pairs: dict[tuple[str, int], int] = field(default_factory=dict)
    """By address and course, the row that has it first."""

    def forget(self, row: int, pair: tuple[str, int]) -> None:
        """Give back what a row with an error has claimed."""
        if self.pairs.get(pair) == row:
            del self.pairs[pair]
        if row in self.seated:
            self.seats_left[pair[1]] += 1


def check_rows(rows: list[FileRow], *, now: datetime) -> list[NewItem]:
    """Return an item for each row: with its plan, or a refusal naming column and remedy."""
    known = _look_up(rows, now)
    return [_check(row, known) for row in rows]


def _look_up(rows: list[FileRow], now: datetime) -> _Known:
    emails = {normalize_email_or_keep(row.values.get("email", "")) for row in rows}
    addresses = {row.values.get("course", "") for row in rows} - {""}
    people = students.find_people(emails=emails)
    found = courses.find_terms_by_address(addresses=addresses)
    live = lectures.find_live_states(
        student_ids=[person.id for person in people.values()],
        course_ids=[course.id for course in found.values()],
    )
    seats = {
        course.id: max(course.capacity - course.seats_taken, 0)
        for course in found.values()
        if course.capacity is not None
    }
    return _Known(people=people, courses=found, live=live, now=now, seats_left=seats)


def _check(row: FileRow, known: _Known) -> NewItem:
    values = dict.fromkeys(COLUMNS, "") | row.values
    values["email"] = normalize_email_or_keep(values["email"])
    if values["status"] in ENDED:
        values["course"] = values["transfer_reference"] = ""
    values["language"] = values["language"].lower() or settings.LANGUAGE_CODE
    person = known.people.get(values["email"])
    course = known.courses.get(values["course"])
    label = " · ".join(text for text in (values["email"], values["name"], values["course"]) if text)
    problems = [
        *(_in_column(column.replace("_", " "), why) for column, why in row.problems.items()),
        *_problems_of_person(row, values, person, known),
        *_problems_of_course(row, values, person, course, known),
    ]
    if problems:
        known.forget(row.number, (values["email"], course.id if course else 0))
        return NewItem(label=label, position=row.number, refusal="\n".join(problems))
    plan, facts = _plan(values, person, course, known)
    return NewItem(label=label, position=row.number, facts=facts, plan=plan)


def _problems_of_person(
    row: FileRow, values: dict[str, str], person: Person | None, known: _Known
) -> Iterator[str]:
    if "email" not in row.problems and not _is_email(values["email"]):
        yield _in_column("email", _("Write an address such as name@example.com."))
    if person is not None and not person.is_active:
        yield _in_column("email", _("This account is switched off. Switch it on first."))
    if person is None:
        yield from _problems_of_name(row, values, known)
    languages = [code for code, _name in settings.LANGUAGES]
    if values["language"] not in languages:
        message = _("Write one of: %(choices)s.") % {"choices": ", ".join(languages)}
        yield _in_column("language", message)


def _problems_of_name(row: FileRow, values: dict[str, str], known: _Known) -> Iterator[str]:
    name, latin_name = values["name"], values["latin_name"]
    first, first_row = known.names.setdefault(values["email"], ((name, latin_name), row.number))
    if not name:
        yield _in_column("name", _("Write the name, as it shall stand on certificates."))
    elif len(name) > MAX_NAME_LENGTH:
        message = _("Write at most %(limit)s characters.") % {"limit": MAX_NAME_LENGTH}
        yield _in_column("name", message)
    if why := _why_not_latin(latin_name):
        yield _in_column("name in Latin letters", why)
    for column, was, now in zip(
        ("name", "name in Latin letters"), first, (name, latin_name), strict=True
    ):
        if was != now:
            message = _("Row %(row)s gives this address another name. Write the same in both.")
            yield _in_column(column, message % {"row": first_row})


def _why_not_latin(latin_name: str) -> str:
    try:
        refuse_unless_latin(latin_name)
    except ValidationError as error:
        return error.messages[0]
    return ""


def _problems_of_course(
    row: FileRow,
    values: dict[str, str],
    person: Person | None,
    course: CourseTerms | None,
    known: _Known,
) -> Iterator[str]:
    reference = values["transfer_reference"]
    if len(reference) > MAX_REFERENCE_LENGTH:
        message = _("Write at most %(limit)s characters.") % {"limit": MAX_REFERENCE_LENGTH}
        yield _in_column("transfer reference", message)
    if not values["course"]:
        if reference:
            yield _in_column("course", _("Name the course that has been paid for."))
        return
    if course is None:
        message = _("There is no such course. Copy the last part of its page's address.")
        yield _in_column("course", message)
        return
    first = known.pairs.setdefault((values["email"], course.id), row.number)
    if first != row.number:
        message = _("Row %(row)s says the same. Leave one of them out.") % {"row": first}
        yield _in_column("course", message)
    elif _state(person, course, known) is None and (why := _why_no_seat(course, known, row.number)):
        yield _in_column("course", why)


def _why_no_seat(course: CourseTerms, known: _Known, row: int) -> str:
    """Return why the course takes nobody more, counting the rows above; empty when it does."""
    if course.awaits_payments:
        return _(
            "This school takes no payments; only free courses can be taken. Leave the row out."
        )
    availability = course.availability(now=known.now)
    left = known.seats_left.get(course.id)
    if availability == "open" and left == 0:
        availability = "full"
    if availability != "open":
        return {
            "closed": _("Enrollment in this course is closed. Open it, or leave the row out."),
            "upcoming": _("Enrollment in this course has not opened yet. Import it later."),
            "full": _("No seat is left for this row. Add seats, or leave the row out."),
        }[availability]
    if left is not None:
        known.seats_left[course.id] = left - 1
        known.seated.add(row)
    return ""


def _plan(
    values: dict[str, str], person: Person | None, course: CourseTerms | None, known: _Known
) -> tuple[str, Facts]:
    """Return in words what the row will do, and what the worker needs to do it."""
    state = _state(person, course, known) if course else None
    pays = bool(values["transfer_reference"] and course and course.price_minor)
    pays = pays and state in (None, "requested")
    is_first = values["email"] in known.names and person is None
    steps = []
    if is_first:
        steps.append(_("A new student is registered and invited by e-mail."))
    if course and state is None:
        steps.append(_("Enrolled in “%(course)s”.") % {"course": course.title})
    if course and pays:
        amount = format_money(course.price_minor, course.currency)
        steps.append(_("Booked as paid: %(amount)s.") % {"amount": amount})
    facts = {
        **values,
        "course_id": course.id if course else None,
        "is_new": is_first,
        "enrolls": bool(course and state is None),
        "price_minor": course.price_minor if course else 0,
        "pays_minor": course.price_minor if course and pays else 0,
        "currency": course.currency if course else "",
    }
    return "\n".join(steps) or _("Everything is there already."), facts


def _state(person: Person | None, course: CourseTerms, known: _Known) -> str | None:
    return known.live.get((person.id, course.id)) if person else None


def _is_email(text: str) -> bool:
    try:
        normalize_email(text)
    except ValidationError:
        return False
    return len(text) <= MAX_EMAIL_LENGTH


def _in_column(column: str, message: str) -> str:
    return f"{column}: {message}"
