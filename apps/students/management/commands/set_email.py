"""Give an account another e-mail address: the remedy where its own cannot reach anybody."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.refusals import Refusal
from apps.students import services
from foundation.email_addresses import normalize_email


class Command(BaseCommand):
    help = (
        "Give an account another e-mail address, which its owner then confirms by a new password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user_id", type=int)
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            email = normalize_email(options["email"])
            services.replace_email(user_id=options["user_id"], email=email)
        except (Refusal, ValidationError) as error:
            raise CommandError(str(getattr(error, "message", error))) from error
        self.stdout.write(f"Account {options['user_id']} has the address {email} now.")
