"""Check what must always be true of the whole school."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from elearning.invariants import check_invariants
from foundation.invariants.models import CheckState
from foundation.invariants.services import Finding


class Command(BaseCommand):
    help = "Say of every invariant whether it holds, and print the rows that break it."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = check_invariants()
        for finding in findings:
            verdict = _verdict(finding)
            self.stdout.write(f"{verdict:12} {finding.name}: {finding.sentence}")
            for row in finding.rows:
                self.stdout.write(f"             {row}")
            if finding.error:
                self.stdout.write(finding.error)
        broken = [finding.name for finding in findings if not finding.holds]
        if broken:
            raise CommandError(f"{len(broken)} of {len(findings)} are broken: {', '.join(broken)}")


def _verdict(finding: Finding) -> str:
    if finding.state == CheckState.FAILED:
        return "NOT CHECKED"
    return "holds (0)" if finding.holds else f"BROKEN ({finding.broken})"
