"""The audit log stays append-only but for one thing: whose account is gone can be hidden in it."""

from django.db import migrations

from apps.acting import HIDDEN

FORWARD = f"""
CREATE FUNCTION elearning_without_person(told jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT told || coalesce(
        (SELECT jsonb_object_agg(key, '{HIDDEN}') FROM jsonb_each(told) WHERE key IN ('name', 'email')),
        '{{}}'
    );
$$;
CREATE OR REPLACE FUNCTION elearning_auditentry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD."table" IN ('students_user', 'account_emailaddress')
            AND NEW.before IS NOT DISTINCT FROM elearning_without_person(OLD.before)
            AND NEW.after IS NOT DISTINCT FROM elearning_without_person(OLD.after)
            AND to_jsonb(NEW) - 'before' - 'after' = to_jsonb(OLD) - 'before' - 'after'
        THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'elearning_auditentry is append-only' USING ERRCODE = 'restrict_violation';
END $$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION elearning_auditentry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'elearning_auditentry is append-only' USING ERRCODE = 'restrict_violation';
END $$;
DROP FUNCTION elearning_without_person(jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("elearning", "0006_watch_mail")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
