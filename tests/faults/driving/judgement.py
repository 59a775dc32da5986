"""What must be true once everything has drained, and who is to blame where it is not."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from tests.faults.driving.journal import Deed, Journal, Promise
from tests.faults.driving.load import Load
from tests.faults.driving.under_test import UnderTest

DRAIN_SECONDS = 90
SHOWN = 8

OWED = {
    "pending deliveries": "SELECT count(*) FROM events_delivery WHERE status = 'pending'",
    "charges without an answer": "SELECT count(*) FROM payments_charge WHERE status = 'processing'",
    "payments in progress": "SELECT count(*) FROM payments_payment WHERE status = 'processing'",
    "refunds to be made": "SELECT count(*) FROM payments_refund r JOIN payments_charge c"
    " ON c.id = r.charge_id WHERE r.status <> 'succeeded' AND c.gateway <> 'manual'",
    "e-mails": "SELECT count(*) FROM students_sentemail"
    " WHERE status IN ('waiting', 'sending', 'failed')",
    "bulk jobs": "SELECT count(*) FROM elearning_bulkjob WHERE status = 'running'",
    "holds past their time": "SELECT count(*) FROM lectures_enrollment"
    " WHERE status = 'requested' AND pay_by < now() - interval '1 second'",
    "offers past their time": "SELECT count(*) FROM lectures_waitinglistentry"
    " WHERE status = 'offered' AND offered_until < now() - interval '1 second'",
    "enrollments in withdrawn courses": "SELECT count(*) FROM lectures_enrollment e"
    " JOIN courses_course c ON c.id = e.course_id"
    " WHERE c.status = 'withdrawn' AND e.status IN ('requested', 'approved')",
}

MOVE_THE_CLOCK = (
    "UPDATE events_delivery SET due_at = now() WHERE status = 'pending'"
    " AND due_at > now() AND NOT due_at BETWEEN now() + interval '24 s'"
    " AND now() + interval '31 s'",
    "UPDATE payments_refund SET due_at = now() WHERE status <> 'succeeded'"
    " AND due_at > now() AND NOT due_at BETWEEN now() + interval '10 s'"
    " AND now() + interval '17 s'",
    "UPDATE students_sentemail SET leased_until = now() WHERE status = 'sending'"
    " AND NOT leased_until BETWEEN now() + interval '24 s' AND now() + interval '31 s'",
    "UPDATE elearning_bulkjob SET leased_until = now() WHERE status = 'running'"
    " AND NOT leased_until BETWEEN now() + interval '29 s' AND now() + interval '36 s'",
)
"""To the end of back-offs, and of leases that are some seconds old; a fresh lease stands."""

KEPT = {
    "enrolled": "SELECT id FROM lectures_enrollment WHERE id = ANY(%(rows)s)",
    "paid": "SELECT p.id FROM payments_payment p WHERE id = ANY(%(rows)s) AND p.paid_at IS NOT NULL"
    " AND EXISTS (SELECT FROM payments_charge c"
    " WHERE c.payment_id = p.id AND c.status = 'captured')",
    "cancelled": "SELECT id FROM lectures_enrollment WHERE id = ANY(%(rows)s)"
    " AND status = 'cancelled'",
    "completed": "SELECT id FROM lectures_enrollment e WHERE id = ANY(%(rows)s)"
    " AND status = 'completed' AND EXISTS (SELECT FROM certification_certificate"
    " WHERE lecture_id = e.id)",
    "reviewed": "SELECT enrollment_id AS id FROM lectures_review"
    " WHERE enrollment_id = ANY(%(rows)s)",
    "waiting": "SELECT id FROM lectures_waitinglistentry WHERE id = ANY(%(rows)s)",
    "left": "SELECT id FROM lectures_waitinglistentry WHERE id = ANY(%(rows)s) AND status = 'left'",
    "removed": "SELECT id FROM students_user WHERE id = ANY(%(rows)s) AND removed_at IS NOT NULL"
    " AND name = ''",
    "withdrawn": "SELECT id FROM courses_course WHERE id = ANY(%(rows)s) AND status = 'withdrawn'",
}
"""By what was promised: the rows of which it is still true."""

REFUNDED = """
    SELECT e.id, coalesce(sum(r.amount_minor), 0)::bigint AS refund_minor
    FROM lectures_enrollment e
    LEFT JOIN payments_payment p ON p.reference = 'lecture-' || e.id
    LEFT JOIN payments_refund r ON r.payment_id = p.id AND r.purpose = 'cancellation'
    WHERE e.id = ANY(%(rows)s) GROUP BY e.id
"""

PAYMENT_OF = {
    "charge": "SELECT payment_id FROM payments_charge WHERE id = %(row)s",
    "key": "SELECT payment_id FROM payments_charge WHERE idempotency_key = %(row)s"
    " UNION SELECT payment_id FROM payments_refund WHERE idempotency_key = %(row)s"
    " UNION SELECT c.payment_id FROM payments_sandboxtransaction t JOIN payments_charge c"
    " ON c.gateway_reference = t.charge_reference WHERE t.idempotency_key = %(row)s"
    " AND t.charge_reference <> ''",
}


@dataclass
class Judgement:
    """Each of ``violations`` says what is broken, the rows, the operations and the fault."""

    drain_seconds: float
    keys: int = 0
    violations: list[str] = field(default_factory=list)


def drain(system: UnderTest) -> float:
    """Let the periodic tasks of the system finish everything that is owed."""
    began_at = time.monotonic()
    while owed := {what: n for what, sql in OWED.items() if (n := system.number(sql))}:
        if time.monotonic() - began_at > DRAIN_SECONDS:
            raise TimeoutError(f"Not drained within {DRAIN_SECONDS} s: {owed}")
        for statement in MOVE_THE_CLOCK:
            system.sql(statement)
        time.sleep(1)
    return time.monotonic() - began_at


def judge(system: UnderTest, load: Load) -> Judgement:
    """Drain, then compare: invariants, the gateway's books, and every promise."""
    judgement = Judgement(0.0)
    judgement.violations += load.failures
    judgement.violations += [f"No fault excuses this answer: {it}" for it in load.journal.outrages]
    try:
        judgement.drain_seconds = drain(system)
    except TimeoutError as error:
        judgement.violations.append(str(error))
    found = json.loads(system.system.manage("judge"))
    judgement.keys = found["keys"]
    for name, rows in found["broken"].items():
        judgement.violations.append(_describe(system, load.journal, name, rows))
    judgement.violations += _broken_promises(system, load.journal)
    return judgement


def _broken_promises(system: UnderTest, journal: Journal) -> list[str]:
    broken = []
    for what, sql in KEPT.items():
        promised = {one.row: one for one in journal.promises if one.what == what}
        kept = {row["id"] for row in system.sql(sql, rows=list(promised))}
        broken += [_accuse(journal, promised[row]) for row in promised if row not in kept]
    cancelled = {one.row: one for one in journal.promises if one.what == "cancelled"}
    for row in system.sql(REFUNDED, rows=list(cancelled)):
        promise = cancelled[row["id"]]
        if row["refund_minor"] != promise.amount_minor:
            broken.append(f"{_accuse(journal, promise)}: refunded {row['refund_minor']}")
    return broken


def _accuse(journal: Journal, promise: Promise) -> str:
    deed = next(one for one in journal.deeds if one.number == promise.number)
    near = journal.damage_near(deed.began_at)
    return f"Promised and not kept, {promise}:\n    {deed}\n    near {near}"


def _describe(system: UnderTest, journal: Journal, name: str, rows: list[dict[str, Any]]) -> str:
    lines = [f"{name} is broken by {len(rows)} rows:"]
    for row in rows[:SHOWN]:
        lines.append(f"  {row}")
        deeds = _deeds_of(system, journal, row)
        lines += [f"    {deed}" for deed in deeds[-SHOWN:]]
        if deeds:
            lines.append(f"    near {journal.damage_near(deeds[-1].began_at)}")
    return "\n".join(lines)


def _deeds_of(system: UnderTest, journal: Journal, row: dict[str, Any]) -> list[Deed]:
    """Return the operations that touched what the row is about, oldest first."""
    found: list[Deed] = []
    names = {"enrollment": "lecture", "payment": "payment", "course": "course", "entry": "entry"}
    for column, name in names.items():
        if row.get(column) is not None:
            found += journal.deeds_about(name, row[column])
    for column, sql in PAYMENT_OF.items():
        for payment in system.sql(sql, row=row[column]) if row.get(column) is not None else []:
            found += journal.deeds_about("payment", payment["payment_id"])
    return sorted({id(deed): deed for deed in found}.values(), key=lambda deed: deed.began_at)
