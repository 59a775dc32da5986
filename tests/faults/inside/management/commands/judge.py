"""Print, as JSON, the rows that break each invariant, and where the books differ."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from elearning.invariants import check_invariants
from tests.faults.afterwards import books_of_the_gateway, our_books


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options: Any) -> None:
        broken: dict[str, Any] = {
            finding.name: finding.rows for finding in check_invariants() if not finding.holds
        }
        ours, theirs = our_books(), books_of_the_gateway()
        if different := [
            {"key": key, "ours_minor": ours.get(key), "theirs_minor": theirs.get(key)}
            for key in sorted({key for key, _amount in ours.items() ^ theirs.items()})
        ]:
            broken["books_of_the_gateway_to_the_last_key"] = different
        self.stdout.write(json.dumps({"broken": broken, "keys": len(theirs)}, default=str))
