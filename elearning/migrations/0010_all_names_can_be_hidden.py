"""Whose account is gone can be hidden in the audit log: in Latin letters and of certificates too."""

from django.db import migrations

from apps.acting import HIDDEN

PERSON = """
CREATE OR REPLACE FUNCTION elearning_without_person(told jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
AS $$
    SELECT told || coalesce(
        (SELECT jsonb_object_agg(key, '%s') FROM jsonb_each(told) WHERE key IN (%s)), '{}'
    );
$$;
"""
APPEND_ONLY = """
CREATE OR REPLACE FUNCTION elearning_auditentry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD."table" IN (%s)
            AND NEW.before IS NOT DISTINCT FROM elearning_without_person(OLD.before)
            AND NEW.after IS NOT DISTINCT FROM elearning_without_person(OLD.after)
            AND to_jsonb(NEW) - 'before' - 'after' = to_jsonb(OLD) - 'before' - 'after'
        THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'elearning_auditentry is append-only' USING ERRCODE = 'restrict_violation';
END $$;
"""
WAS_PERSON, WAS_TABLES = "'name', 'email'", "'students_user', 'account_emailaddress'"
IS_PERSON = f"{WAS_PERSON}, 'latin_name', 'student_name', 'student_latin_name'"
IS_TABLES = f"{WAS_TABLES}, 'certification_certificate'"


class Migration(migrations.Migration):
    dependencies = [("elearning", "0009_bulk_jobs_and_saved_views")]
    operations = [
        migrations.RunSQL(PERSON % (HIDDEN, IS_PERSON), PERSON % (HIDDEN, WAS_PERSON)),
        migrations.RunSQL(APPEND_ONLY % IS_TABLES, APPEND_ONLY % WAS_TABLES),
    ]
