"""Fill an empty database with the demo school."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.courses import queries as courses
from apps.events import queries as events
from elearning.demo.world import DemoRefused, build_demo_school, refuse_demo


class Command(BaseCommand):
    help = (
        "Fill an empty database with the demo school; refused in production, and on a database that"
        " holds anything."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing, without an error, if it is not"
        )

    def handle(self, *, if_empty: bool, **options: Any) -> None:
        try:
            refuse_demo()
        except DemoRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if _holds_anything():
            if if_empty:
                return
            raise CommandError("The database holds users, courses or events. Use an empty one.")
        build_demo_school()
        self.stdout.write(
            f"The demo school has {courses.catalogue(include_hidden=True).count()} courses"
            f" and {get_user_model().objects.count()} people."
        )


def _holds_anything() -> bool:
    return (
        get_user_model().objects.exists()
        or courses.catalogue(include_hidden=True).exists()
        or not events.log_is_empty()
    )
