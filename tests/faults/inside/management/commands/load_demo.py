"""Fill the empty database of the system under test with the cast of the fault suite."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
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
from tests.running import PASSWORD

STUDENTS = 80
LEAVERS = 12
COURSES = 60
SOUGHT_AFTER = 15
PASSWORD_HASH = make_password(PASSWORD)
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
            "staff": ways_in(make_person("carol", is_staff=True, is_superuser=True)),
            "students": [make_student(f"student{number}") for number in range(STUDENTS)],
            "leavers": [make_student(f"leaver{number}") for number in range(LEAVERS)],
            "courses": [make_course(number) for number in range(COURSES)],
        }
        file.write_text(json.dumps(cast))


def make_person(name: str, **fields: Any) -> User:
    user = User(email=f"{name}@example.com", name=name.title(), language="en", **fields)
    user.password = PASSWORD_HASH
    register_student(user=user)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
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


def make_student(name: str) -> dict[str, Any]:
    user = make_person(name)
    return {"id": user.pk} | ways_in(user)


def ways_in(user: User) -> dict[str, str]:
    """Return a token, for the API, and a session, for the pages."""
    browser = Client()
    browser.force_login(user)
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return {"token": token_of(user), "session": session}


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
