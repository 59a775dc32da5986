"""Legal transitions and frozen columns, held by the database whoever writes to it (0024)."""

from django.db import migrations

from foundation.guards.operations import freeze, guard_state

FORWARD = """
CREATE FUNCTION payments_ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount_minor) FROM payments_ledgerentry WHERE payment_id = NEW.payment_id) <> 0
    THEN
        RAISE EXCEPTION 'the ledger of payment % does not sum to zero', NEW.payment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_ledger_balances AFTER INSERT ON payments_ledgerentry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION payments_ledger_balances();

CREATE FUNCTION payments_payment_is_captured() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM payments_charge WHERE payment_id = NEW.id AND status = 'captured'
        AND amount_minor = NEW.amount_minor AND currency = NEW.currency)
    THEN
        RAISE EXCEPTION 'payment % is settled without a capture of its amount', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_payment_is_captured
    AFTER INSERT OR UPDATE OF status ON payments_payment DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status IN ('approved', 'partially_refunded', 'refunded'))
    EXECUTE FUNCTION payments_payment_is_captured();

CREATE FUNCTION payments_charge_is_booked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM payments_ledgerentry WHERE charge_id = NEW.id AND account = 'gateway'
        AND amount_minor = NEW.amount_minor AND payment_id = NEW.payment_id)
    THEN
        RAISE EXCEPTION 'charge % is captured and not in the ledger', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_charge_is_booked
    AFTER INSERT OR UPDATE OF status ON payments_charge DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status IN ('captured', 'surplus'))
    EXECUTE FUNCTION payments_charge_is_booked();

CREATE FUNCTION payments_refund_is_booked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM payments_ledgerentry WHERE refund_id = NEW.id AND account = 'gateway'
        AND amount_minor = -NEW.amount_minor AND payment_id = NEW.payment_id)
    THEN
        RAISE EXCEPTION 'refund % has succeeded and is not in the ledger', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_refund_is_booked
    AFTER INSERT OR UPDATE OF status ON payments_refund DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.status = 'succeeded')
    EXECUTE FUNCTION payments_refund_is_booked();
"""
BACKWARD = """
DROP TRIGGER payments_refund_is_booked ON payments_refund;
DROP FUNCTION payments_refund_is_booked();
DROP TRIGGER payments_charge_is_booked ON payments_charge;
DROP FUNCTION payments_charge_is_booked();
DROP TRIGGER payments_payment_is_captured ON payments_payment;
DROP FUNCTION payments_payment_is_captured();
DROP TRIGGER payments_ledger_balances ON payments_ledgerentry;
DROP FUNCTION payments_ledger_balances();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0005_refund_names_its_payment"),
        ("guards", "0001_refusals"),
    ]
    operations = [
        guard_state(
            "payments_payment",
            begins_as=["pending"],
            transitions=[
                ("approved", "partially_refunded"),
                ("approved", "refunded"),
                ("declined", "cancelled"),
                ("declined", "processing"),
                ("deferred", "cancelled"),
                ("deferred", "processing"),
                ("partially_refunded", "refunded"),
                ("pending", "cancelled"),
                ("pending", "processing"),
                ("processing", "approved"),
                ("processing", "declined"),
                ("processing", "deferred"),
            ],
        ),
        freeze(
            "payments_payment",
            ["reference", "payer_id", "amount_minor", "currency", "created_at"],
            once_set=["paid_at", "cancel_requested_at"],
            rising=["refunded_minor"],
        ),
        guard_state(
            "payments_charge",
            begins_as=["captured", "processing"],
            transitions=[
                ("abandoned", "surplus"),
                ("declined", "surplus"),
                ("processing", "abandoned"),
                ("processing", "captured"),
                ("processing", "declined"),
                ("processing", "surplus"),
            ],
        ),
        freeze(
            "payments_charge",
            ["payment_id", "gateway", "idempotency_key", "amount_minor", "currency", "created_at"],
        ),
        guard_state(
            "payments_refund",
            begins_as=["requested"],
            transitions=[
                ("failing", "succeeded"),
                ("requested", "failing"),
                ("requested", "succeeded"),
            ],
        ),
        freeze(
            "payments_refund",
            ["payment_id", "charge_id", "purpose", "amount_minor", "currency", "idempotency_key", "requested_at"],
            once_set=["succeeded_at"],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
