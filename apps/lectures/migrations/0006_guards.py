"""Legal transitions and frozen columns, held by the database whoever writes to it (0024)."""

from django.db import migrations

from foundation.guards.operations import freeze, guard_state

FORWARD = """
CREATE FUNCTION lectures_enrollment_is_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The row as it is at the commit: it may have been cancelled since.
    IF EXISTS (
        SELECT FROM lectures_enrollment e WHERE e.id = NEW.id
        AND e.status IN ('approved', 'completed') AND e.price_minor > 0
        AND NOT EXISTS (
            SELECT FROM payments_payment p WHERE p.reference = 'lecture-' || e.id
            AND p.amount_minor = e.price_minor AND p.currency = e.currency
            AND p.status IN ('approved', 'partially_refunded', 'refunded')))
    THEN
        RAISE EXCEPTION 'enrollment % is approved without a settled payment of its price', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER lectures_enrollment_is_settled
    AFTER INSERT OR UPDATE OF status ON lectures_enrollment DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status IN ('approved', 'completed') AND NEW.price_minor > 0)
    EXECUTE FUNCTION lectures_enrollment_is_settled();
"""
BACKWARD = """
DROP TRIGGER lectures_enrollment_is_settled ON lectures_enrollment;
DROP FUNCTION lectures_enrollment_is_settled();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("lectures", "0005_reminder"),
        ("guards", "0001_refusals"),
        ("payments", "0006_guards"),
    ]
    operations = [
        guard_state(
            "lectures_enrollment",
            begins_as=["requested"],
            transitions=[
                ("approved", "cancelled"),
                ("approved", "completed"),
                ("requested", "approved"),
                ("requested", "cancelled"),
                ("requested", "expired"),
            ],
        ),
        freeze(
            "lectures_enrollment",
            ["course_id", "student_id", "price_minor", "currency", "refund_policy", "requested_at"],
            once_set=["paid_at", "approved_at", "completed_at", "cancelled_at", "expired_at"],
        ),
        guard_state(
            "lectures_waitinglistentry",
            begins_as=["waiting"],
            transitions=[
                ("offered", "accepted"),
                ("offered", "lapsed"),
                ("offered", "left"),
                ("waiting", "lapsed"),
                ("waiting", "left"),
                ("waiting", "offered"),
            ],
        ),
        freeze(
            "lectures_waitinglistentry",
            ["course_id", "student_id", "joined_at"],
            once_set=["offered_at", "ended_at", "enrollment_id"],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
