"""The log stays append-only but for one thing: the name of a student who is gone can be blanked."""

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION events_loggedevent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.payload ? 'student_name'
            AND NEW.payload = jsonb_set(OLD.payload, '{student_name}', '""')
            AND to_jsonb(NEW) - 'payload' = to_jsonb(OLD) - 'payload'
        THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'events_loggedevent is append-only' USING ERRCODE = 'restrict_violation';
END $$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION events_loggedevent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events_loggedevent is append-only' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0003_dashboard")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
