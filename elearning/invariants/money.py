"""What is always true of money: each a sentence, and the SQL of the rows that break it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from foundation.invariants.services import in_sql

CHARGE_LIMIT_SECONDS = 300
REFUND_LIMIT_SECONDS = 24 * 3600

MONEY = [
    in_sql(
        "ledger_balances",
        _("The ledger of every payment sums to zero."),
        """
        SELECT payment_id AS payment, sum(amount_minor) AS sum_minor
        FROM payments_ledgerentry GROUP BY payment_id HAVING sum(amount_minor) <> 0
        """,
    ),
    in_sql(
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
    in_sql(
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
    in_sql(
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
    in_sql(
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
    in_sql(
        "no_charge_stays_unknown",
        _("No charge stays without an answer for longer than its limit."),
        """
        SELECT id AS charge, payment_id AS payment, called_at FROM payments_charge
        WHERE status = 'processing' AND called_at < now() - %(seconds)s * interval '1 second'
        """,
        seconds=CHARGE_LIMIT_SECONDS,
    ),
    in_sql(
        "approved_is_captured",
        _("Every settled payment has one capture of exactly its amount."),
        """
        SELECT p.id AS payment, p.status, p.amount_minor, sum(c.amount_minor) AS captured_minor
        FROM payments_payment p
        LEFT JOIN payments_charge c ON c.payment_id = p.id AND c.status = 'captured'
        WHERE p.status IN ('approved', 'partially_refunded', 'refunded')
        GROUP BY p.id HAVING sum(c.amount_minor) IS DISTINCT FROM p.amount_minor
        """,
    ),
    in_sql(
        "refunded_equals_the_ledger",
        _("What a payment says was refunded is what the ledger says."),
        """
        SELECT p.id AS payment, p.refunded_minor, coalesce(l.refunded_minor, 0) AS ledger_minor
        FROM payments_payment p
        LEFT JOIN (
            SELECT l.payment_id, -sum(l.amount_minor) AS refunded_minor
            FROM payments_ledgerentry l
            JOIN payments_refund r ON r.id = l.refund_id
            JOIN payments_charge c ON c.id = r.charge_id AND c.status = 'captured'
            WHERE l.account = 'gateway' GROUP BY l.payment_id
        ) l ON l.payment_id = p.id
        WHERE p.refunded_minor <> coalesce(l.refunded_minor, 0)
        """,
    ),
]
