"""What is always true of the school, each as a sentence and the SQL of the rows that break it.

Composed here because each looks into several contexts. Reads only, in one snapshot.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.students.services import find_history_differences
from elearning.models import InvariantReport

DELIVERY_LIMIT_SECONDS = 600
CHARGE_LIMIT_SECONDS = 300
OFFER_LIMIT_SECONDS = 300
REFUND_LIMIT_SECONDS = 24 * 3600
SHOWN_ROWS = 20
KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Finding:
    """How one invariant stands: the first rows that break it, and how many there are."""

    name: str
    sentence: str | Promise
    broken: int
    rows: list[dict[str, Any]]

    @property
    def holds(self) -> bool:
        return self.broken == 0


@dataclass(frozen=True)
class Invariant:
    name: str
    sentence: str | Promise
    find_rows: Callable[[], list[dict[str, Any]]]

    def check(self) -> Finding:
        rows = self.find_rows()
        return Finding(self.name, self.sentence, len(rows), rows[:SHOWN_ROWS])


def check_invariants() -> list[Finding]:
    """Check all of them, each in a snapshot of its own."""
    return [invariant.check() for invariant in INVARIANTS]


def report_invariants() -> InvariantReport:
    """Check all of them and keep the report; old reports are forgotten."""
    broken = {finding.name: finding.rows for finding in check_invariants() if not finding.holds}
    now = timezone.now()
    InvariantReport.objects.filter(checked_at__lt=now - KEPT).delete()
    return InvariantReport.objects.create(
        checked_at=now, broken=json.loads(json.dumps(broken, default=str))
    )


def _in_sql(name: str, sentence: str | Promise, sql: str, **parameters: Any) -> Invariant:
    def find_rows() -> list[dict[str, Any]]:
        with snapshot() as cursor:
            cursor.execute(sql, parameters)
            columns = [column.name for column in cursor.description]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    return Invariant(name, sentence, find_rows)


@contextmanager
def snapshot() -> Iterator[Any]:
    """Open a read-only view of one moment, without the requests' time limit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        yield cursor


def _history_differences() -> list[dict[str, Any]]:
    return [
        {"table": row.table, "key": row.key, "stored": row.stored, "rebuilt": row.rebuilt}
        for row in find_history_differences()
    ]


INVARIANTS = [
    _in_sql(
        "approved_is_settled",
        _("Approved or completed enrollments are settled at exactly their price."),
        """
        SELECT e.id AS enrollment, e.status, e.price_minor, p.id AS payment, p.status AS paid
        FROM lectures_enrollment e
        LEFT JOIN payments_payment p ON p.reference = 'lecture-' || e.id
        WHERE e.status IN ('approved', 'completed') AND e.price_minor > 0
          AND (p.id IS NULL OR p.amount_minor <> e.price_minor
               OR p.status NOT IN ('approved', 'partially_refunded', 'refunded'))
        """,
    ),
    _in_sql(
        "settled_is_approved",
        _("Settled payments belong to enrollments that were approved."),
        """
        SELECT p.id AS payment, p.status, e.id AS enrollment, e.status AS enrolled
        FROM payments_payment p
        LEFT JOIN lectures_enrollment e ON p.reference = 'lecture-' || e.id
        WHERE p.status IN ('approved', 'partially_refunded', 'refunded')
          AND (e.id IS NULL OR e.status IN ('requested', 'expired') OR e.paid_at IS NULL)
        """,
    ),
    _in_sql(
        "seats_are_counted",
        _("The seats taken of a course are its live enrollments and its offers, never too many."),
        """
        SELECT c.id AS course, c.capacity, c.seats_taken, e.live, w.offered
        FROM courses_course c
        CROSS JOIN LATERAL (
            SELECT count(*) AS live FROM lectures_enrollment
            WHERE course_id = c.id AND status IN ('requested', 'approved', 'completed')) e
        CROSS JOIN LATERAL (
            SELECT count(*) AS offered FROM lectures_waitinglistentry
            WHERE course_id = c.id AND status = 'offered') w
        WHERE c.seats_taken <> e.live + w.offered OR c.seats_taken > c.capacity
        """,
    ),
    _in_sql(
        "seats_are_offered_in_order",
        _("Nobody is offered a seat before somebody who has waited longer for it."),
        """
        SELECT later.id AS offered, sooner.id AS waiting, later.course_id AS course
        FROM lectures_waitinglistentry sooner
        JOIN lectures_waitinglistentry later
          ON later.course_id = sooner.course_id AND later.id > sooner.id
        WHERE sooner.status = 'waiting' AND later.offered_at IS NOT NULL
        """,
    ),
    _in_sql(
        "offers_end_on_time",
        _("No seat stays offered for longer than was said."),
        """
        SELECT id AS entry, course_id AS course, offered_until FROM lectures_waitinglistentry
        WHERE status = 'offered' AND offered_until < now() - %(seconds)s * interval '1 second'
        """,
        seconds=OFFER_LIMIT_SECONDS,
    ),
    _in_sql(
        "ledger_balances",
        _("The ledger of every payment sums to zero."),
        """
        SELECT payment_id AS payment, sum(amount_minor) AS sum_minor
        FROM payments_ledgerentry GROUP BY payment_id HAVING sum(amount_minor) <> 0
        """,
    ),
    _in_sql(
        "ledger_equals_the_gateway",
        _("The ledger's money at the gateway is what the gateway's own books say."),
        """
        WITH ours AS (
            SELECT c.idempotency_key AS key, l.amount_minor
            FROM payments_ledgerentry l JOIN payments_charge c ON c.id = l.charge_id
            WHERE l.account = 'gateway' AND c.gateway = 'sandbox'
            UNION ALL
            SELECT r.idempotency_key, l.amount_minor
            FROM payments_ledgerentry l
            JOIN payments_refund r ON r.id = l.refund_id
            JOIN payments_charge c ON c.id = r.charge_id
            WHERE l.account = 'gateway' AND c.gateway = 'sandbox'
        ), theirs AS (
            SELECT idempotency_key AS key,
                   CASE kind WHEN 'refund' THEN -amount_minor ELSE amount_minor END AS amount_minor
            FROM payments_sandboxtransaction
            WHERE decline_code = '' AND created_at < now() - %(seconds)s * interval '1 second'
        )
        SELECT key, ours.amount_minor AS ours_minor, theirs.amount_minor AS theirs_minor
        FROM ours FULL JOIN theirs USING (key)
        WHERE ours.amount_minor IS DISTINCT FROM theirs.amount_minor
          AND NOT (theirs.amount_minor IS NULL AND EXISTS (
              SELECT FROM payments_sandboxtransaction s WHERE s.idempotency_key = key
              AND s.decline_code = ''))
        """,
        seconds=CHARGE_LIMIT_SECONDS,
    ),
    _in_sql(
        "one_capture_is_kept",
        _("At most one capture of a payment is kept; every other is given back."),
        """
        SELECT c.payment_id AS payment, c.id AS charge
        FROM payments_charge c
        LEFT JOIN payments_refund r ON r.charge_id = c.id AND r.purpose = 'surplus'
        WHERE c.status = 'surplus' AND (r.id IS NULL OR r.amount_minor <> c.amount_minor)
        UNION ALL
        SELECT payment_id, max(id) FROM payments_charge
        WHERE status = 'captured' GROUP BY payment_id HAVING count(*) > 1
        """,
    ),
    _in_sql(
        "cancelled_is_refunded",
        _("Every cancellation has the refund that was promised."),
        """
        SELECT e.id AS enrollment, (l.payload ->> 'refund_minor')::bigint AS promised_minor,
               r.amount_minor AS refund_minor
        FROM lectures_enrollment e
        LEFT JOIN events_loggedevent l ON l.name = 'lectures.enrollment_cancelled.v1'
          AND (l.payload ->> 'enrollment_id')::bigint = e.id
        LEFT JOIN payments_payment p ON p.reference = 'lecture-' || e.id
        LEFT JOIN payments_refund r ON r.payment_id = p.id AND r.purpose = 'cancellation'
        WHERE e.status = 'cancelled' AND (l.id IS NULL
          OR (l.payload ->> 'refund_minor')::bigint <> coalesce(r.amount_minor, 0))
        """,
    ),
    _in_sql(
        "refunds_are_made",
        _("No refund that a gateway makes stays unmade for longer than a day."),
        """
        SELECT r.id AS refund, r.payment_id AS payment, r.status, r.attempts, r.last_error
        FROM payments_refund r JOIN payments_charge c ON c.id = r.charge_id
        WHERE r.status <> 'succeeded' AND c.gateway <> 'manual'
          AND r.requested_at < now() - %(seconds)s * interval '1 second'
        """,
        seconds=REFUND_LIMIT_SECONDS,
    ),
    _in_sql(
        "no_charge_stays_unknown",
        _("No charge stays without an answer for longer than its limit."),
        """
        SELECT id AS charge, payment_id AS payment, called_at FROM payments_charge
        WHERE status = 'processing' AND called_at < now() - %(seconds)s * interval '1 second'
        """,
        seconds=CHARGE_LIMIT_SECONDS,
    ),
    _in_sql(
        "completed_is_certified",
        _("Every completed enrollment, and no other, has one certificate, or it is under way."),
        """
        SELECT e.id AS enrollment, e.status, count(c.id) AS originals
        FROM lectures_enrollment e
        LEFT JOIN certification_certificate c ON c.lecture_id = e.id AND c.replaces_id IS NULL
        GROUP BY e.id HAVING count(c.id) > 1
          OR (count(c.id) = 1 AND e.status <> 'completed')
          OR (count(c.id) = 0 AND e.status = 'completed' AND NOT EXISTS (
            SELECT FROM events_delivery d JOIN events_loggedevent l ON l.id = d.event_id
            WHERE d.status = 'pending' AND d.queue = 'certification'
              AND (l.payload ->> 'enrollment_id')::bigint = e.id))
        """,
    ),
    _in_sql(
        "deliveries_are_on_time",
        _("No delivery is older than its limit or has been put aside."),
        """
        SELECT id AS delivery, subscriber, status, attempts, created_at FROM events_delivery
        WHERE status = 'dead' OR (status = 'pending'
          AND created_at < now() - %(seconds)s * interval '1 second')
        """,
        seconds=DELIVERY_LIMIT_SECONDS,
    ),
    Invariant(
        "history_equals_the_log",
        _("The history equals what a rebuild from the log gives."),
        _history_differences,
    ),
]
