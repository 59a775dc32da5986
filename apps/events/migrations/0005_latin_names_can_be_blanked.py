"""Of a student who is gone, the name in Latin letters can be blanked in the log as well."""

from django.db import migrations

ALLOW = """
CREATE OR REPLACE FUNCTION events_loggedevent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.payload = OLD.payload || coalesce(
                (SELECT jsonb_object_agg(key, '') FROM jsonb_each(OLD.payload) WHERE key IN (%s)), '{}')
            AND NEW.payload <> OLD.payload
            AND to_jsonb(NEW) - 'payload' = to_jsonb(OLD) - 'payload'
        THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'events_loggedevent is append-only' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0004_names_can_be_blanked")]
    operations = [
        migrations.RunSQL(
            ALLOW % "'student_name', 'student_latin_name'", ALLOW % "'student_name'"
        )
    ]
