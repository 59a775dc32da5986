"""Fill the empty database of the system under test with the cast of the fault suite."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.test import Client
from django.utils import timezone
from knox.crypto import create_token_string, hash_token
from knox.models import AuthToken

from apps.courses import services as courses
from apps.courses.models import Lesson
from apps.students.models import User
from apps.students.services import register_student
from tests.faults.mutants import mutants

STUDENTS = 80
COURSES = 60
SOUGHT_AFTER = 15
POLICIES = ["full", "tuition_law", "until_start", "none"]


class Command(BaseCommand):
    """In the place of the demo school's command: this application comes first."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true")

    def handle(self, **options: Any) -> None:
        file = settings.DATA_DIR / "cast.json"
        if file.exists():
            return
        mutants.prepare_database()
        cast = {
            "staff": token_of(make_person("carol", is_staff=True, is_superuser=True)),
            "students": [make_student(number) for number in range(STUDENTS)],
            "courses": [make_course(number) for number in range(COURSES)],
        }
        file.write_text(json.dumps(cast))


def make_person(name: str, **fields: Any) -> User:
    user = User(email=f"{name}@example.com", name=name.title(), language="en", **fields)
    user.set_unusable_password()
    register_student(user=user)
    return user


def token_of(user: User) -> str:
    token = create_token_string()
    AuthToken.objects.bulk_create(
        [
            AuthToken(
                digest=hash_token(token),
                token_key=token[:8],
                user=user,
                expiry=timezone.now() + timedelta(days=1),
            )
        ]
    )
    return token


def make_student(number: int) -> dict[str, Any]:
    """The token is for the API, the session for the pages."""
    user = make_person(f"student{number}")
    browser = Client()
    browser.force_login(user)
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return {"id": user.pk, "token": token_of(user), "session": session}


def make_course(number: int) -> dict[str, Any]:
    """A quarter of the courses is sought after: a few seats only. Every sixth is free."""
    sought_after = number < SOUGHT_AFTER
    course_id = courses.register_course(
        fields={
            "title": f"Course {number}",
            "price_minor": 0 if number % 6 == 5 else 10_000 + 1_000 * number,
            "currency": "KRW",
            "capacity": 2 + number % 4 if sought_after else None,
            "refund_policy": POLICIES[number % 4],
            "completion_threshold_percent": 60,
        }
    )
    lessons = Lesson.objects.bulk_create(
        Lesson(course_id=course_id, position=position, title=f"Lesson {position}", content="Text.")
        for position in (1, 2, 3)
    )
    courses.open_course(course_id=course_id)
    return {
        "id": course_id,
        "lessons": [lesson.pk for lesson in lessons],
        "sought_after": sought_after,
    }
