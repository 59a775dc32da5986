"""Brings the school to the very place at which something is to happen."""

from __future__ import annotations

import time
from collections.abc import Callable

from apps.crash_points import CrashPoint
from tests.faults.driving.doings import Driver
from tests.faults.driving.journal import Journal
from tests.faults.driving.people import People, Taking
from tests.faults.driving.under_test import UnderTest

POINT_SECONDS = 6.0
TRIES = 3
"""How long an armed point is waited for, and how often somebody is sent there."""

FREE_PAIRS = """
    SELECT c.id AS course, u.id AS student FROM courses_course c CROSS JOIN students_user u
    WHERE c.status = 'open' AND c.capacity IS NULL AND c.price_minor > 0 AND NOT u.is_staff
      AND c.refund_policy = 'full' AND %(course)s IN (0, c.id)
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
        pairs = self._system.sql(FREE_PAIRS, course=course, number=number * 2)
        found: list[Taking] = []
        for pair in pairs:
            student = self._people.by_id(pair["student"])
            if len(found) < number and (taking := self.driver.enroll(student, pair["course"])):
                found.append(taking)
        return found

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
        if point in (CrashPoint.SEAT_TAKEN, CrashPoint.DELIVERY_HANDLED):
            return self.enroll_some
        if point is CrashPoint.WITHDRAWAL_HALFWAY:
            course = self._system.sql(FREE_PAIRS, course=0, number=1)[0]["course"]
            self.enroll_some(3, course=course)
            return lambda: self.driver.withdraw(course)
        if point in (CrashPoint.CERTIFICATE_WRITTEN, CrashPoint.REFUND_MADE):
            status = "completed" if point is CrashPoint.CERTIFICATE_WRITTEN else "cancelled"
            takings = self.pay_some()
            return lambda: [self.driver.change(taking, status) for taking in takings]
        takings = self.enroll_some(2)
        return lambda: [self.driver.charge(taking, "tok_approved") for taking in takings]
