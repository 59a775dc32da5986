"""Compare our books with the gateway's, and mend ours."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.payments import services


class Command(BaseCommand):
    help = "Settle unknown charges, book captures that are missing here, retry refunds."

    def handle(self, *args: Any, **options: Any) -> None:
        report = services.reconcile()
        self.stdout.write(
            f"settled {report.settled}, booked {report.booked}, refunded {report.refunded}"
        )
        for key in report.unknown_keys:
            self.stdout.write(f"captured at the gateway under a key that is not ours: {key}")
        if not report.gateway_answered:
            raise CommandError("The gateway's books could not be read. Run this again later.")
