"""Who takes which course in the demo school, and what becomes of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from apps.courses import queries as courses
from apps.lectures import services as lectures
from apps.payments import services as payments
from elearning.demo.content import DemoCourse
from elearning.demo.people import PEOPLE, REVIEWS, DemoReview

Action = Callable[[], object]

ALICE, BOB = "alice@example.com", "bob@example.com"
FATED = {
    (ALICE, "introduction-to-sql"): "completed",
    (ALICE, "machine-learning-basics"): "completed",
    (ALICE, "web-accessibility"): "learning",
    (ALICE, "git-first-steps"): "learning",
    (ALICE, "django-reservation-service"): "requested",
    (ALICE, "clear-business-writing"): "cancelled",
    (BOB, "read-hangul-in-a-week"): "completed",
    (BOB, "introduction-to-sql"): "deferred",
    (BOB, "python-data-analysis"): "declined",
    (BOB, "design-system"): "learning",
    (BOB, "excel-vba-reporting"): "learning",
    (BOB, "clear-business-writing"): "expired",
}
"""What the two that readers log in as hold: every state between them."""

USUAL = {
    "closed": ["completed"] * 7 + ["learning", "cancelled"],
    "withdrawn": ["learning"] * 5,
    "self_paced": ["completed"] * 2 + ["learning"] * 6 + ["cancelled"],
    "scheduled": ["learning"] * 7 + ["requested", "cancelled", "expired"],
}
WAITING = 3
"""How many wait in a full course behind the one who is offered a seat."""
GIVES_UP_BEFORE = timedelta(minutes=30)
"""When somebody gave a seat of it up; all seats had been taken an hour ago."""
RECENT = {"requested", "declined", "deferred"}
"""Kinds whose hold still runs: they began within the last hours."""


@dataclass(frozen=True)
class Fate:
    """One student's way through one course: requested, paid, then a lesson every ``pace``."""

    student_id: int
    course_id: int
    kind: str
    is_free: bool
    requested_at: datetime
    learns_from: datetime
    pace: timedelta
    share_done: float
    review: DemoReview | None
    cancels_at: datetime | None

    def actions(self) -> Iterator[tuple[datetime, Action]]:
        """Yield what happens and when, in order; each action finds the enrollment by itself."""
        held: list[int] = []
        yield (
            self.requested_at,
            lambda: held.append(
                lectures.request_enrollment(
                    student_id=self.student_id, course_id=self.course_id, by_staff=True
                )
            ),
        )
        if not self.is_free:
            yield from self._paying(held)
        if self.kind in {"learning", "completed"}:
            yield from self._learning(held)
        if self.cancels_at is not None:
            yield (
                self.cancels_at,
                lambda: lectures.cancel_enrollment(
                    enrollment_id=held[0], student_id=self.student_id
                ),
            )
        if self.kind == "expired":
            yield self.requested_at + timedelta(hours=25), lectures.expire_enrollments

    def _paying(self, held: list[int]) -> Iterator[tuple[datetime, Action]]:
        token = {
            "learning": "tok_approved",
            "completed": "tok_approved",
            "cancelled": "tok_approved",
            "gives_up": "tok_approved",
            "declined": "tok_insufficient_funds",
            "deferred": "tok_approved",
        }.get(self.kind)
        if token is None:
            return

        def pay() -> None:
            lectures.pay_enrollment(enrollment_id=held[0], student_id=self.student_id, token=token)

        at = self.requested_at + timedelta(minutes=7)
        yield at, _while_the_gateway_is_down(pay) if self.kind == "deferred" else pay

    def _learning(self, held: list[int]) -> Iterator[tuple[datetime, Action]]:
        lessons = [outline.id for outline in courses.list_outline(course_id=self.course_id)]
        done = (
            lessons if self.kind == "completed" else lessons[: int(len(lessons) * self.share_done)]
        )
        for number, lesson_id in enumerate(done, start=1):
            yield self.learns_from + self.pace * number, self._take_lesson(held, lesson_id)
        review = self.review
        if self.kind == "completed" and review is not None:
            yield (
                self.learns_from + self.pace * (len(lessons) + 1),
                lambda: lectures.write_review(
                    enrollment_id=held[0],
                    student_id=self.student_id,
                    rating=review.rating,
                    text=review.text,
                ),
            )

    def _take_lesson(self, held: list[int], lesson_id: int) -> Action:
        def take() -> None:
            for step in (lectures.open_lesson, lectures.complete_lesson):
                step(enrollment_id=held[0], student_id=self.student_id, lesson_id=lesson_id)

        return take


def queue_of(
    demo: DemoCourse, *, course_id: int, students: dict[str, int], taken: set[int], now: datetime
) -> Iterator[tuple[datetime, Action]]:
    """Yield who joins the waiting list of a full course, Alice first: a seat is offered to her."""
    if demo.seats_left != 0:
        return
    free = [student for student in students.values() if student not in taken | {students[ALICE]}]
    for number, student_id in enumerate([students[ALICE], *free[:WAITING]]):
        yield (
            now - GIVES_UP_BEFORE - timedelta(minutes=20 - number),
            partial(lectures.join_waiting_list, student_id=student_id, course_id=course_id),
        )


def _while_the_gateway_is_down(pay: Action) -> Action:
    def act() -> None:
        payments.set_sandbox_behaviour(behaviour="down")
        pay()
        payments.set_sandbox_behaviour(behaviour="working")

    return act


def fates_of(
    demo: DemoCourse, *, course_id: int, students: dict[str, int], now: datetime
) -> list[Fate]:
    """Return the fates of a course: those of Alice and Bob, then of as many others as fit it."""
    dice = random.Random(demo.slug)  # noqa: S311  (a believable school, no secret)  # nosec B311
    if demo.schedule and demo.schedule.enrollment_opens_in_days > 0:
        return []
    reviews = {review.email: review for review in REVIEWS if review.course_slug == demo.slug}
    fated = dict.fromkeys(reviews, "completed")
    fated |= {email: kind for (email, slug), kind in FATED.items() if slug == demo.slug}
    others = [p.email for p in PEOPLE if p.email not in {ALICE, BOB} and p.email not in fated]
    dice.shuffle(others)
    kinds = _usual_kinds(demo, live_already=sum(kind in _LIVE for kind in fated.values()))
    fated |= dict(zip(others, kinds, strict=False))
    return [
        _fate(demo, kind, course_id, students[email], reviews.get(email), now, dice)
        for email, kind in fated.items()
    ]


_LIVE = {"requested", "declined", "deferred", "learning", "completed"}


def _usual_kinds(demo: DemoCourse, *, live_already: int) -> list[str]:
    if demo.seats_left is not None and demo.capacity is not None:
        seats = demo.capacity - demo.seats_left - live_already
        last = "learning" if demo.seats_left else "gives_up"
        return ["requested", *["learning"] * (seats - 2), last, "cancelled", "expired"]
    if demo.status in USUAL:
        return USUAL[demo.status]
    return USUAL["scheduled" if demo.schedule else "self_paced"]


def _fate(
    demo: DemoCourse,
    kind: str,
    course_id: int,
    student_id: int,
    review: DemoReview | None,
    now: datetime,
    dice: random.Random,
) -> Fate:
    requested_at = _requested_at(demo, kind, now, dice)
    starts_at = now + timedelta(days=demo.schedule.starts_in_days if demo.schedule else -999)
    learns_from = max(requested_at + timedelta(hours=1), starts_at)
    steps = len(demo.lessons) + 2
    pace = min(timedelta(hours=dice.uniform(20, 44)), (now - learns_from) / steps)
    return Fate(
        student_id=student_id,
        course_id=course_id,
        kind=kind,
        is_free=demo.price_minor == 0,
        requested_at=requested_at,
        learns_from=learns_from,
        pace=pace,
        share_done=dice.uniform(0.2, 0.79) if starts_at < now else 0.0,
        review=review,
        cancels_at=_cancels_at(kind, requested_at, now),
    )


def _cancels_at(kind: str, requested_at: datetime, now: datetime) -> datetime | None:
    if kind == "gives_up":
        return now - GIVES_UP_BEFORE
    return requested_at + timedelta(days=2) if kind == "cancelled" else None


def _requested_at(demo: DemoCourse, kind: str, now: datetime, dice: random.Random) -> datetime:
    if kind in RECENT:
        return now - timedelta(hours=dice.uniform(1, 10))
    first, last = -60, -3
    if demo.schedule:
        first = max(demo.schedule.enrollment_opens_in_days, -180)
        last = min(demo.schedule.enrollment_closes_in_days, -3)
    if demo.status == "withdrawn":
        last = -7
    if kind == "completed" and not demo.schedule:
        last = -20
    return now + timedelta(days=dice.uniform(first + 0.5, last - 0.5))
