"""Brings the school to the very place at which something is to happen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from apps.crash_points import CrashPoint
from tests.faults.driving.doings import Driver
from tests.faults.driving.journal import Journal
from tests.faults.driving.people import People, Taking
from tests.faults.driving.under_test import UnderTest

POINT_SECONDS = 6.0
TRIES = 3
"""How long an armed point is waited for, and how often somebody is sent there."""

REACHED_BY_ENROLLING = {
    CrashPoint.SEAT_TAKEN,
    CrashPoint.POST_DONE,
    CrashPoint.DELIVERY_HANDLED,
    CrashPoint.MAIL_HANDED_OVER,
}
FREE_PAIRS = """
    SELECT c.id AS course, u.id AS student FROM courses_course c CROSS JOIN students_user u
    WHERE c.status = 'open' AND c.capacity IS NULL AND c.price_minor > 0
      AND c.refund_policy = 'full' AND %(course)s IN (0, c.id) AND u.id = ANY(%(students)s)
      AND NOT EXISTS (SELECT FROM lectures_enrollment e WHERE e.course_id = c.id
                      AND e.student_id = u.id
                      AND e.status IN ('requested', 'approved', 'completed'))
    ORDER BY random() LIMIT %(number)s
"""


class Stage:
    """Acts by the API, as anybody would; ``driver`` notes it in the journal."""

    def __init__(self, system: UnderTest, people: People, journal: Journal) -> None:
        self._system = system
        self._people = people
        self.driver = Driver(system.port, people, journal)

    def enroll_some(self, number: int = 1, *, course: int = 0) -> list[Taking]:
        """Enroll students in courses that cost something and give all of it back."""
        pairs = self._free_pairs(course=course, number=number * 2)
        found: list[Taking] = []
        for pair in pairs:
            student = self._people.by_id(pair["student"])
            if len(found) < number and (taking := self.driver.enroll(student, pair["course"])):
                found.append(taking)
        return found

    def _free_pairs(self, *, course: int = 0, number: int = 1) -> list[dict[str, Any]]:
        students = [student.id for student in self._people.students]
        return self._system.sql(FREE_PAIRS, course=course, number=number, students=students)

    def pay_some(self) -> list[Taking]:
        takings = self.enroll_some(2)
        for taking in takings:
            self.driver.charge(taking, "tok_approved")
        return takings

    def arm_and_provoke(self, point: CrashPoint, how: str) -> int | None:
        """Arm the point, let somebody get there, and return who did."""
        armed = self._system.crash_points / point
        for old in self._system.crash_points.glob(f"{point}.*"):
            old.unlink()
        for _try in range(TRIES):
            provoke = self._prepare(point)
            armed.write_text(how)
            provoke()
            ends_at = time.monotonic() + POINT_SECONDS
            while armed.exists() and time.monotonic() < ends_at:
                time.sleep(0.05)
            if not armed.exists():
                break
        armed.unlink(missing_ok=True)
        taken = next(self._system.crash_points.glob(f"{point}.*"), None)
        return int(taken.suffix[1:]) if taken else None

    def _prepare(self, point: CrashPoint) -> Callable[[], object]:
        """Bring the school to the point, and return what makes somebody pass it."""
        if point in REACHED_BY_ENROLLING:
            return self.enroll_some
        if point is CrashPoint.REMOVAL_HALFWAY:
            return self._prepare_removal()
        if point is CrashPoint.WITHDRAWAL_HALFWAY:
            course = self._free_pairs()[0]["course"]
            self.enroll_some(3, course=course)
            return lambda: self.driver.withdraw(course)
        if point in (CrashPoint.CERTIFICATE_WRITTEN, CrashPoint.REFUND_MADE):
            status = "completed" if point is CrashPoint.CERTIFICATE_WRITTEN else "cancelled"
            takings = self.pay_some()
            return lambda: [self.driver.change(taking, status) for taking in takings]
        takings = self.enroll_some(2)
        if point is CrashPoint.BULK_ITEM_DONE:
            return lambda: self.driver.cancel_in_bulk(takings)
        return lambda: [self.driver.charge(taking, "tok_approved") for taking in takings]

    def _prepare_removal(self) -> Callable[[], object]:
        """Have somebody leave who takes two courses; whoever died halfway is asked again."""
        leaver = self._people.leavers.pop()
        for pair in self._free_pairs(number=2):
            self.driver.enroll(leaver, pair["course"])
        return lambda: [self.driver.remove_account(leaver) for _time in range(2)]
