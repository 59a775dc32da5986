"""``manage.py create_staff ADDRESS``: the first staff of a new school."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from apps.refusals import Refusal
from apps.students import services

VALID_MINUTES = 15
MAX_VALID_MINUTES = 60


class Command(BaseCommand):
    help = (
        "Create a superuser and print a link, good once and for minutes, that leads to a password"
        " and the second factor. Run it again for a new link; further staff are added at the desk."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address to log in with")
        parser.add_argument("--name", default="", help="default: what stands before the @")
        parser.add_argument(
            "--language", default=settings.LANGUAGE_CODE, choices=dict(settings.LANGUAGES)
        )
        parser.add_argument(
            "--minutes", type=int, default=VALID_MINUTES, help="how long the link works"
        )

    def handle(self, *, email: str, name: str, language: str, minutes: int, **more: Any) -> None:
        if not 1 <= minutes <= MAX_VALID_MINUTES:
            raise CommandError(f"--minutes: choose 1 to {MAX_VALID_MINUTES}.")
        try:
            validate_email(email)
            link = services.create_staff(
                email=email,
                name=name or email.partition("@")[0],
                language=language,
                valid_minutes=minutes,
            )
        except ValidationError as error:
            raise CommandError(f"{email!r} is not an e-mail address.") from error
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        until = timezone.localtime(link.expires_at)
        self.stdout.write(
            f"Open this link until {until:%H:%M} ({minutes} minutes). It works once; keep it"
            f" secret:\n\n  {link.url}\n"
        )
