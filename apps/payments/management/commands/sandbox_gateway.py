"""Set how the sandbox gateway behaves."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps import acting
from apps.payments import services
from apps.payments.models import SandboxBehaviour
from apps.refusals import InvalidInput


class Command(BaseCommand):
    help = "Make the sandbox gateway working, slow, failing or down, for every process at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("behaviour", choices=SandboxBehaviour.values)
        parser.add_argument(
            "delay_milliseconds", type=int, nargs="?", default=0, help="how slow, when slow"
        )

    def handle(self, *, behaviour: str, delay_milliseconds: int, **options: Any) -> None:
        try:
            with acting.command("sandbox_gateway"):
                services.set_sandbox_behaviour(
                    behaviour=behaviour, delay_milliseconds=delay_milliseconds
                )
        except InvalidInput as refused:
            raise CommandError(f"{refused.field}: {refused}") from refused
        self.stdout.write(f"The sandbox gateway is {behaviour} now.")
