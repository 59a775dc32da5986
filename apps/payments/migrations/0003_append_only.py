"""Make the table append-only in the database itself, whoever writes to it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION payments_ledgerentry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'payments_ledgerentry is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER payments_ledgerentry_append_only BEFORE UPDATE OR DELETE ON payments_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION payments_ledgerentry_is_append_only();
"""
BACKWARD = """
DROP TRIGGER payments_ledgerentry_append_only ON payments_ledgerentry;
DROP FUNCTION payments_ledgerentry_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
