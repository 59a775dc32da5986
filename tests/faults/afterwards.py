"""What is done after a fault, as beat would, and what must then be true."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.db.models import Q
from django.utils import timezone

from apps.payments.models import LedgerEntry, SandboxTransaction
from elearning.celery import app
from elearning.invariants import check_invariants

LATER_SECONDS = [20, 70, 300, 3600]
"""Past a quiet charge's limit, a lease, every back-off: what is to be tried again is tried."""


def run_periodic_tasks() -> None:
    """Run each task of beat's schedule once, here, in the schedule's order."""
    app.finalize()
    app.loader.import_default_modules()
    for entry in app.conf.beat_schedule.values():
        app.tasks[entry["task"]](*entry.get("args") or ())


def let_time_heal() -> None:
    """Run the periodic tasks now and at the moments at which something may come due."""
    now = timezone.now()
    for seconds in [0, *LATER_SECONDS]:
        with time_machine.travel(now + timedelta(seconds=seconds)):
            run_periodic_tasks()


def assert_all_holds() -> None:
    """Assert every invariant, and that our books and the gateway's are the same to the last key."""
    broken = {finding.name: finding.rows for finding in check_invariants() if not finding.holds}
    assert broken == {}
    assert our_books() == books_of_the_gateway()


def our_books() -> dict[str, int]:
    """Return what our ledger says moved at the gateway, by idempotency key."""
    at_gateway = LedgerEntry.objects.filter(account="gateway").filter(
        Q(charge__gateway="sandbox") | Q(refund__charge__gateway="sandbox")
    )
    rows = at_gateway.values_list(
        "charge__idempotency_key", "refund__idempotency_key", "amount_minor"
    )
    return {charge or refund: amount_minor for charge, refund, amount_minor in rows}


def books_of_the_gateway() -> dict[str, int]:
    """Return what the gateway says it moved, by idempotency key; refunds are negative."""
    signs = {"charge": 1, "refund": -1}
    return {
        row.idempotency_key: signs[row.kind] * row.amount_minor
        for row in SandboxTransaction.objects.filter(decline_code="")
    }
