"""Reads the courses of the demo school from the files beside this module.

A course is a folder: ``course.toml``, ``description.md``, a Markdown file for each lesson, and the
files that its lessons offer for download. The folder's name is the course's address.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

COURSES_DIR = Path(__file__).parent / "courses"
LANGUAGES = {"ko", "en"}
REFUND_POLICIES = {"until_start", "tuition_law", "full", "none"}
STATUSES = {"draft", "open", "closed", "withdrawn"}
SELF_PACED = "self_paced"

Value = TypeVar("Value", str, int, bool)


class DemoContentError(Exception):
    """A file of the demo school is missing or wrong; the message names the file and the field."""


@dataclass(frozen=True)
class DemoLesson:
    title: str
    content: str
    duration_minutes: int
    is_preview: bool
    video_url: str
    download: Path | None


@dataclass(frozen=True)
class DemoSchedule:
    """Days from today, negative for the past."""

    enrollment_opens_in_days: int
    enrollment_closes_in_days: int
    starts_in_days: int
    ends_in_days: int


@dataclass(frozen=True)
class DemoCourse:
    """``schedule`` None is self-paced; ``seats_left`` None leaves the number of students open."""

    slug: str
    title: str
    summary: str
    description: str
    category: str
    language: str
    price_minor: int
    currency: str
    capacity: int | None
    seats_left: int | None
    completion_threshold_percent: int
    refund_policy: str
    status: str
    schedule: DemoSchedule | None
    lessons: tuple[DemoLesson, ...]


def read_courses(folder: Path = COURSES_DIR) -> list[DemoCourse]:
    """Return every course, by address. Raises DemoContentError."""
    folders = sorted(path for path in folder.iterdir() if path.is_dir())
    return [_course(path) for path in folders]


def _course(folder: Path) -> DemoCourse:
    fields = _open(folder / "course.toml")
    capacity, seats_left = fields.find("capacity", int), fields.find("seats_left", int)
    if seats_left is not None and (capacity is None or not 0 <= seats_left <= capacity):
        raise fields.error("seats_left", "must lie between 0 and the capacity")
    course = DemoCourse(
        slug=folder.name,
        title=fields.get("title", str),
        summary=fields.get("summary", str),
        description=_text(folder / "description.md"),
        category=fields.get("category", str),
        language=fields.choose("language", LANGUAGES),
        price_minor=fields.number("price_minor", at_least=0),
        currency=fields.get("currency", str),
        capacity=capacity,
        seats_left=seats_left,
        completion_threshold_percent=fields.number(
            "completion_threshold_percent", at_least=1, at_most=100
        ),
        refund_policy=fields.choose("refund_policy", REFUND_POLICIES),
        status=fields.choose("status", STATUSES),
        schedule=_schedule(fields),
        lessons=tuple(_lesson(folder, lesson) for lesson in fields.tables("lessons")),
    )
    fields.refuse_the_rest()
    return course


def _schedule(fields: _Fields) -> DemoSchedule | None:
    if fields.peek("schedule") == SELF_PACED:
        fields.get("schedule", str)
        return None
    days = fields.table("schedule")
    schedule = DemoSchedule(
        enrollment_opens_in_days=days.get("enrollment_opens_in_days", int),
        enrollment_closes_in_days=days.get("enrollment_closes_in_days", int),
        starts_in_days=days.get("starts_in_days", int),
        ends_in_days=days.get("ends_in_days", int),
    )
    days.refuse_the_rest()
    if schedule.enrollment_opens_in_days >= schedule.enrollment_closes_in_days:
        raise days.error("enrollment_closes_in_days", "must come after enrollment_opens_in_days")
    if schedule.ends_in_days <= max(schedule.starts_in_days, schedule.enrollment_closes_in_days):
        raise days.error("ends_in_days", "must come after the other days")
    return schedule


def _lesson(folder: Path, fields: _Fields) -> DemoLesson:
    name = fields.find("download", str)
    lesson = DemoLesson(
        title=fields.get("title", str),
        content=_text(folder / fields.get("file", str)),
        duration_minutes=fields.number("duration_minutes", at_least=1),
        is_preview=fields.find("is_preview", bool) or False,
        video_url=fields.find("video_url", str) or "",
        download=_existing(folder / name) if name else None,
    )
    fields.refuse_the_rest()
    if lesson.video_url and not lesson.video_url.startswith("https://"):
        raise fields.error("video_url", "must start with https://")
    return lesson


class _Fields:
    """A TOML table that is emptied as it is read, so that what is left over is unknown."""

    def __init__(self, file: Path, values: Mapping[str, Any], place: str = "") -> None:
        self._file, self._values, self._place = file, dict(values), place

    def error(self, name: str, problem: str) -> DemoContentError:
        return DemoContentError(f"{self._file}: {self._place}{name} {problem}.")

    def peek(self, name: str) -> object:
        return self._values.get(name)

    def find(self, name: str, kind: type[Value]) -> Value | None:
        value = self._values.pop(name, None)
        if value is not None and type(value) is not kind:
            raise self.error(name, f"must be of type {kind.__name__}, not {value!r}")
        return value

    def get(self, name: str, kind: type[Value]) -> Value:
        value = self.find(name, kind)
        if value is None or value == "":
            raise self.error(name, "is missing")
        return value

    def number(self, name: str, *, at_least: int, at_most: int | None = None) -> int:
        value = self.get(name, int)
        if value < at_least or (at_most is not None and value > at_most):
            bound = f"at least {at_least}" + (f" and at most {at_most}" if at_most else "")
            raise self.error(name, f"must be {bound}, not {value}")
        return value

    def choose(self, name: str, choices: set[str]) -> str:
        value = self.get(name, str)
        if value not in choices:
            raise self.error(name, f"must be one of {', '.join(sorted(choices))}, not {value!r}")
        return value

    def table(self, name: str) -> _Fields:
        value = self._values.pop(name, None)
        if not isinstance(value, dict):
            raise self.error(name, f"must be {SELF_PACED!r} or a table of days")
        return _Fields(self._file, value, f"{self._place}{name}.")

    def tables(self, name: str) -> list[_Fields]:
        value = self._values.pop(name, None)
        if not isinstance(value, list) or not value:
            raise self.error(name, "must hold at least one table")
        return [
            _Fields(self._file, one, f"{self._place}{name}[{number}].")
            for number, one in enumerate(value, start=1)
        ]

    def refuse_the_rest(self) -> None:
        for name in self._values:
            raise self.error(name, "is not a known field")


def _open(file: Path) -> _Fields:
    try:
        return _Fields(file, tomllib.loads(_text(file)))
    except tomllib.TOMLDecodeError as error:
        raise DemoContentError(f"{file}: {error}.") from error


def _text(file: Path) -> str:
    text = _existing(file).read_text(encoding="utf-8").strip()
    if not text:
        raise DemoContentError(f"{file}: the file is empty.")
    return text


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise DemoContentError(f"{file}: there is no such file.")
    return file
