"""Rebuild the history from the log, or prove that it equals a rebuild."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.students import services


class Command(BaseCommand):
    help = "Make the history again from the event log; --check only compares and changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare, exit 1 on a difference")

    def handle(self, *, check: bool, **options: Any) -> None:
        if not check:
            self.stdout.write(f"Rebuilt {services.rebuild_history()} history entries.")
            return
        differences = services.find_history_differences()
        for difference in differences:
            self.stderr.write(str(difference))
        if differences:
            raise CommandError(f"{len(differences)} rows differ from what the log gives.")
        self.stdout.write("The history equals what the log gives.")
