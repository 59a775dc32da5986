"""The permanent cast, and the legal ways to build a world: no test forges a state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from xdist.scheduler.loadscope import LoadScopeScheduling

from apps.courses import services as courses
from apps.courses.models import Lesson
from apps.events.services import sweep
from apps.lectures import services as lectures
from apps.payments import gate
from apps.payments.services import ChargeOutcome
from apps.students.models import User
from apps.students.services import register_student
from tests.running import system  # noqa: F401  (a fixture)

PASSWORD = "learn-by-doing"
LANE_OF_SYSTEMS = (
    *("tests/browser/", "tests/journeys/", "tests/mail/test_in_a_browser.py"),
    *("tests/operations/test_run.py", "tests/operations/test_production_start.py"),
    "tests/operations/test_static_files.py",
)
"""What drives whole systems: all of it in one lane of ``make test``, as each loads both cores."""
LONGEST_FIRST = (*LANE_OF_SYSTEMS, "tests/security/test_schema", "tests/faults/")
"""Where the lanes begin: what takes longest, so that they end together."""


class Lanes(LoadScopeScheduling):
    """Hands out whole files, and whole systems to one worker alone.

    xdist's own groups are lost with pytest 9.2, which keeps no private name that xdist writes to.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "systems" if file.startswith(LANE_OF_SYSTEMS) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes:
    return Lanes(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files, after pytest-django has put what needs real transactions last in each."""
    items.sort(key=lambda item: _rank(item.nodeid))


def _rank(nodeid: str) -> int:
    ranks = (rank for rank, start in enumerate(LONGEST_FIRST) if nodeid.startswith(start))
    return next(ranks, len(LONGEST_FIRST))


def make_user(email: str, name: str, **fields: Any) -> User:
    user = User(email=email, name=name, **{"language": "en"} | fields)
    user.set_password(PASSWORD)
    register_student(user=user)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    return user


@pytest.fixture
def alice(db: None) -> User:
    """A student."""
    return make_user("alice@example.com", "Alice Kim")


@pytest.fixture
def bob(db: None) -> User:
    """Another student."""
    return make_user("bob@example.com", "Bob Lee")


@pytest.fixture
def carol(db: None) -> User:
    """Staff."""
    return make_user("carol@example.com", "Carol Park", is_staff=True, is_superuser=True)


@pytest.fixture
def mallory(db: None) -> User:
    """A student who tries what she must not."""
    return make_user("mallory@example.com", "Mallory Choi")


@pytest.fixture
def make_course(db: None) -> Callable[..., int]:
    """Register and open a course with three lessons; keywords override fields."""

    def make(*, lessons: int = 3, opened: bool = True, **fields: Any) -> int:
        offer = {"title": "Introduction to SQL", "price_minor": 50_000, "currency": "KRW"}
        course_id = courses.register_course(fields=offer | fields)
        Lesson.objects.bulk_create(
            Lesson(
                course_id=course_id,
                position=position,
                title=f"Lesson {position}",
                content=f"# Lesson {position}\n\nText.",
                duration_minutes=30,
                is_preview=position == 1,
            )
            for position in range(1, lessons + 1)
        )
        if opened:
            courses.open_course(course_id=course_id)
        return course_id

    return make


@pytest.fixture
def enroll() -> Callable[[User, int], int]:
    def request(student: User, course_id: int) -> int:
        return lectures.request_enrollment(student_id=student.pk, course_id=course_id)

    return request


@pytest.fixture
def pay() -> Callable[..., ChargeOutcome]:
    def charge(enrollment_id: int, student: User, token: str = "tok_approved") -> ChargeOutcome:
        return lectures.pay_enrollment(
            enrollment_id=enrollment_id, student_id=student.pk, token=token
        )

    return charge


@pytest.fixture
def learn() -> Callable[[int, User], None]:
    """Complete every lesson of the enrollment's course."""

    def complete(enrollment_id: int, student: User) -> None:
        from apps.lectures.models import Enrollment

        course_id = Enrollment.objects.get(pk=enrollment_id).course_id
        for lesson in Lesson.objects.filter(course_id=course_id):
            lectures.complete_lesson(
                enrollment_id=enrollment_id, student_id=student.pk, lesson_id=lesson.pk
            )

    return complete


@pytest.fixture
def deliver_all() -> Callable[[], None]:
    """Carry out every delivery that is due, and what these owe in turn."""

    def deliver() -> None:
        while any(sweep(queue=queue) for queue in settings.EVENTS_QUEUES):
            pass

    return deliver


@pytest.fixture(autouse=True)
def fresh_process() -> None:
    """Give each test the breaker, the bulkhead and the cache of a process just started."""
    for made_once in (gate.breaker, gate.bulkhead):
        made_once.cache_clear()
    cache.clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let tests empty their database, which the audit log refuses."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE elearning_auditentry DISABLE TRIGGER elearning_auditentry_is_kept"
        )
