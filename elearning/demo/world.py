"""Build the demo school by legal transitions only, as its people would have done it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test.utils import override_settings
from django.utils import timezone

from apps.certification import queries as certificates
from apps.certification import services as certification
from apps.courses import services as courses
from apps.events.queries import get_backlog
from apps.events.services import sweep
from apps.refusals import Refusal
from apps.students.services import register_student
from elearning.demo.clock import clock_at
from elearning.demo.content import DemoCourse, DemoLesson, read_courses
from elearning.demo.covers import draw_cover
from elearning.demo.fates import Action, fates_of, queue_of
from elearning.demo.people import PEOPLE, Person

STAFF = ("carol@example.com", "Carol Park")
SCHOOL_AGE = timedelta(days=200)


class DemoRefused(Refusal):
    code = "demo_refused"


class World:
    """What has been made so far, and what is still to happen, each at its moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.students: dict[str, int] = {}
        self.courses: dict[str, int] = {}
        self._plan: list[tuple[datetime, int, Action]] = []

    def plan(self, moment: datetime, action: Action) -> None:
        """Let it happen at the moment, or now where that lies ahead."""
        self._plan.append((min(moment, self.now), len(self._plan), action))

    def live(self) -> None:
        """Let everything happen, in the order of time, with its deliveries at once."""
        for moment, _order, action in sorted(self._plan, key=lambda planned: planned[:2]):
            with clock_at(moment):
                action()
                deliver_all()


def build_demo_school() -> None:
    """Fill the empty database. No e-mail is sent meanwhile.

    Raises DemoRefused in production, and without the sandbox, which the demo's payments need.
    """
    refuse_demo()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")  # a crash here means loading it again
    world = World(timezone.now())
    demo_courses = read_courses()
    with quiet():
        with clock_at(world.now - SCHOOL_AGE):
            _register_people(world)
            for demo in demo_courses:
                world.courses[demo.slug] = _register_course(demo, world.now)
        for demo in demo_courses:
            _plan_course(world, demo)
        world.live()
        _correct_a_name(world)


def refuse_demo() -> None:
    """Raise DemoRefused where the demo school is not loaded. The database is not touched."""
    if settings.PRODUCTION:
        raise DemoRefused(
            "The demo school is never loaded in production: its passwords are published. Create"
            " the first account by manage.py create_staff."
        )
    if settings.PAYMENT_GATEWAY != "sandbox":
        raise DemoRefused("The demo school has paid courses: it needs PAYMENT_GATEWAY=sandbox.")


@contextmanager
def quiet() -> Iterator[None]:
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):
        yield


def deliver_all() -> None:
    while get_backlog().pending:
        for queue in settings.EVENTS_QUEUES:
            sweep(queue=queue)


def _register_people(world: World) -> None:
    password = make_password(settings.DEMO_PASSWORD)
    email, name = STAFF
    _register(Person(email=email, name=name, language="ko"), password, is_staff=True)
    for person in PEOPLE:
        may_log_in = person.email in {"alice@example.com", "bob@example.com"}
        world.students[person.email] = _register(
            person, password if may_log_in else make_password(None)
        )


def _register(person: Person, password: str, *, is_staff: bool = False) -> int:
    user = get_user_model()(
        email=person.email,
        name=person.name,
        latin_name=person.latin_name,
        language=person.language,
        password=password,
        is_staff=is_staff,
        is_superuser=is_staff,
    )
    with transaction.atomic():
        register_student(user=user)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user.pk


def _register_course(demo: DemoCourse, now: datetime) -> int:
    fields = {
        name: getattr(demo, name)
        for name in (
            "title",
            "slug",
            "summary",
            "description",
            "category",
            "language",
            "price_minor",
            "currency",
            "capacity",
            "completion_threshold_percent",
            "refund_policy",
        )
    }
    drawn = draw_cover(slug=demo.slug, category=demo.category, title=demo.title)
    cover = ContentFile(drawn, name="cover.webp")
    course_id = courses.register_course(fields=fields | _dates(demo, now) | {"cover": cover})
    for lesson in demo.lessons:
        courses.add_lesson(course_id=course_id, fields=_lesson_fields(lesson))
    return course_id


def _lesson_fields(lesson: DemoLesson) -> dict[str, Any]:
    fields: dict[str, Any] = {
        name: getattr(lesson, name)
        for name in ("title", "content", "video_url", "duration_minutes", "is_preview")
    }
    if lesson.download is not None:
        fields["file"] = ContentFile(lesson.download.read_bytes(), name=lesson.download.name)
    return fields


def _dates(demo: DemoCourse, now: datetime) -> dict[str, datetime]:
    """Return the course's dates: mornings in the school's time zone, relative to today."""
    if demo.schedule is None:
        return {}
    morning = timezone.localtime(now).replace(hour=10, minute=0, second=0, microsecond=0)
    return {
        "enrollment_opens_at": morning + timedelta(days=demo.schedule.enrollment_opens_in_days),
        "enrollment_closes_at": morning + timedelta(days=demo.schedule.enrollment_closes_in_days),
        "starts_at": morning + timedelta(days=demo.schedule.starts_in_days),
        "ends_at": morning + timedelta(days=demo.schedule.ends_in_days),
    }


def _plan_course(world: World, demo: DemoCourse) -> None:
    course_id = world.courses[demo.slug]
    if demo.status == "draft":
        return
    world.plan(
        world.now - SCHOOL_AGE + timedelta(days=1),
        lambda: courses.open_course(course_id=course_id),
    )
    fates = fates_of(demo, course_id=course_id, students=world.students, now=world.now)
    for fate in fates:
        for moment, action in fate.actions():
            world.plan(moment, action)
    taken = {fate.student_id for fate in fates}
    queue = queue_of(demo, course_id=course_id, students=world.students, taken=taken, now=world.now)
    for moment, action in queue:
        world.plan(moment, action)
    if demo.status == "closed":
        world.plan(
            world.now - timedelta(days=11), lambda: courses.close_course(course_id=course_id)
        )
    if demo.status == "withdrawn":
        world.plan(
            world.now - timedelta(days=5), lambda: courses.withdraw_course(course_id=course_id)
        )


def _correct_a_name(world: World) -> None:
    """One certificate was issued under a misspelt name and has been replaced."""
    certificate = certificates.visible_certificates(viewer_id=0, viewer_is_staff=True).last()
    if certificate is not None:
        with clock_at(certificate.issued_at + timedelta(days=1)):
            certification.reissue_certificate(
                certificate_id=certificate.pk,
                student_name=certificate.student_name,
                student_latin_name=certificate.student_latin_name,
                reason="The name was misspelt.",
            )
            deliver_all()
