"""What is always true of seats, learning and delivery, and the SQL of the rows that break it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from foundation.invariants.services import in_sql

DELIVERY_LIMIT_SECONDS = 600
OFFER_LIMIT_SECONDS = 300
HOLD_LIMIT_SECONDS = 600
FAILURE_LIMIT_SECONDS = 600

LEARNING = [
    in_sql(
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
    in_sql(
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
    in_sql(
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
    in_sql(
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
    in_sql(
        "offers_end_on_time",
        _("No seat stays offered for longer than was said."),
        """
        SELECT id AS entry, course_id AS course, offered_until FROM lectures_waitinglistentry
        WHERE status = 'offered' AND offered_until < now() - %(seconds)s * interval '1 second'
        """,
        seconds=OFFER_LIMIT_SECONDS,
    ),
    in_sql(
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
    in_sql(
        "deliveries_are_on_time",
        _("No delivery is older than its limit or has been put aside."),
        """
        SELECT id AS delivery, subscriber, status, attempts, created_at FROM events_delivery
        WHERE status = 'dead' OR (status = 'pending'
          AND created_at < now() - %(seconds)s * interval '1 second')
        """,
        seconds=DELIVERY_LIMIT_SECONDS,
    ),
    in_sql(
        "holds_end_on_time",
        _("No enrollment stays requested after its time to pay is over."),
        """
        SELECT id AS enrollment, pay_by FROM lectures_enrollment
        WHERE status = 'requested' AND pay_by < now() - %(seconds)s * interval '1 second'
        """,
        seconds=HOLD_LIMIT_SECONDS,
    ),
    in_sql(
        "progress_equals_the_lessons",
        _("The progress of every live enrollment is what its completed lessons have given."),
        """
        SELECT e.id AS enrollment, e.progress_percent, l.told_percent,
               coalesce(p.lessons, 0) AS lessons, coalesce(l.lessons, 0) AS told_lessons
        FROM lectures_enrollment e
        JOIN students_user u ON u.id = e.student_id AND u.removed_at IS NULL
        LEFT JOIN (
            SELECT (payload ->> 'enrollment_id')::bigint AS enrollment_id,
                   count(DISTINCT payload ->> 'lesson_id') AS lessons,
                   (array_agg((payload ->> 'progress_percent')::int ORDER BY id DESC))[1]
                       AS told_percent
            FROM events_loggedevent WHERE name = 'lectures.enrollment_progressed.v1' GROUP BY 1
        ) l ON l.enrollment_id = e.id
        LEFT JOIN (
            SELECT enrollment_id, count(*) AS lessons FROM lectures_lessonprogress
            WHERE completed_at IS NOT NULL GROUP BY 1
        ) p ON p.enrollment_id = e.id
        WHERE e.status IN ('approved', 'completed')
          AND (e.progress_percent <> coalesce(l.told_percent, 0)
               OR coalesce(p.lessons, 0) <> coalesce(l.lessons, 0))
        """,
    ),
    in_sql(
        "batches_process_every_row",
        _("No row of a batch keeps failing."),
        """
        SELECT batch, scope, "row", attempts, first_failed_at FROM batches_batchfailure
        WHERE resolved_at IS NULL
          AND first_failed_at < now() - %(seconds)s * interval '1 second'
        """,
        seconds=FAILURE_LIMIT_SECONDS,
    ),
]
