"""What the drivers know of the school: its people, its courses, who takes what."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Taking:
    """An enrollment as its last answer showed it."""

    lecture: int
    student: int
    course: int
    payment: int | None
    status: str
    completed_lessons: int = 0

    @property
    def about(self) -> dict[str, int]:
        named = {"lecture": self.lecture, "course": self.course, "payment": self.payment}
        return {name: pk for name, pk in named.items() if pk is not None}


@dataclass
class Student:
    number: int
    id: int
    token: str
    session: str
    takings: dict[int, Taking] = field(default_factory=dict)


class People:
    def __init__(self, cast: dict[str, Any]) -> None:
        self._lock = threading.Lock()
        self.staff: str = cast["staff"]["token"]
        self.staff_session: str = cast["staff"]["session"]
        self.students = [
            Student(number, **student) for number, student in enumerate(cast["students"])
        ]
        self.leavers = [
            Student(len(self.students) + number, **leaver)
            for number, leaver in enumerate(cast["leavers"])
        ]
        self.lessons: dict[int, list[int]] = {one["id"]: one["lessons"] for one in cast["courses"]}
        self.courses = [one["id"] for one in cast["courses"]]
        self.sought_after = [one["id"] for one in cast["courses"] if one["sought_after"]]

    @classmethod
    def of(cls, data_dir: Path) -> People:
        return cls(json.loads((data_dir / "cast.json").read_text()))

    def by_id(self, student_id: int) -> Student:
        return next(student for student in self.students if student.id == student_id)

    def learn_of(self, student: Student, lecture: dict[str, Any]) -> Taking:
        """Take up what an answer says of an enrollment."""
        with self._lock:
            known = student.takings.get(lecture["id"])
            payment = lecture["payment"]["id"] if lecture["payment"] else None
            student.takings[lecture["id"]] = taking = Taking(
                lecture["id"],
                student.number,
                lecture["course"],
                payment,
                lecture["status"],
                known.completed_lessons if known else 0,
            )
            return taking

    def pick(self, student: Student, draw: float, *statuses: str) -> Taking | None:
        """Choose one of the student's enrollments in one of these states, newest most likely."""
        with self._lock:
            found = [each for each in student.takings.values() if each.status in statuses]
        return found[-1 - int(draw * draw * len(found))] if found else None

    def pick_of_anyone(self, actor: int, draw: float, *statuses: str) -> Taking | None:
        """Choose an enrollment of the first student, from the actor on, who has one."""
        for student in self.students[actor:] + self.students[:actor]:
            if taking := self.pick(student, draw, *statuses):
                return taking
        return None

    def pick_course(self, draw: float) -> int:
        """Choose a course: every other time one that is sought after."""
        with self._lock:
            pool = self.sought_after if draw < 0.5 else self.courses
            return pool[int((draw * 2 % 1) * len(pool))]

    def add_course(self, course_id: int) -> None:
        with self._lock:
            self.courses.append(course_id)
            self.lessons[course_id] = []

    def remove_course(self, course_id: int) -> None:
        with self._lock:
            self.courses = [one for one in self.courses if one != course_id]
            if len(self.sought_after) > 5:
                self.sought_after = [one for one in self.sought_after if one != course_id]
