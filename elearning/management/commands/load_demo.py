"""Fill an empty database with the demo school."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.courses.models import Course
from apps.events.models import LoggedEvent
from apps.students.models import User
from elearning.demo.world import build_demo_school


class Command(BaseCommand):
    help = "Fill an empty database with the demo school; refused on one that holds anything."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing, without an error, if it is not"
        )

    def handle(self, *, if_empty: bool, **options: Any) -> None:
        if _holds_anything():
            if if_empty:
                return
            raise CommandError("The database holds users, courses or events. Use an empty one.")
        build_demo_school()
        self.stdout.write(
            f"The demo school has {Course.objects.count()} courses"
            f" and {User.objects.count()} people."
        )


def _holds_anything() -> bool:
    return any(model._default_manager.exists() for model in (User, Course, LoggedEvent))
