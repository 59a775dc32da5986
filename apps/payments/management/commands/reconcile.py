"""Compare our books with the gateway's, and correct ours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.payments import services

MOST_DAYS = 3650


class Command(BaseCommand):
    help = "Settle unknown charges, book captures that are missing here, retry refunds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", type=int, default=3, help="how far to look back in the gateway's books"
        )

    def handle(self, *, days: int, **options: Any) -> None:
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days: choose from 1 to {MOST_DAYS}.")
        report = services.reconcile(look_back=timedelta(days=days))
        self.stdout.write(
            f"settled {report.settled}, booked {report.booked}, refunded {report.refunded}"
        )
        for key in report.unknown_keys:
            self.stdout.write(f"captured at the gateway under a key that is not ours: {key}")
        for row in report.failed:
            self.stdout.write(f"failed: {row}")
        if not report.gateway_answered:
            raise CommandError("The gateway's books could not be read. Run this again later.")
        if report.failed:
            raise CommandError(f"{len(report.failed)} rows failed: see above.")
