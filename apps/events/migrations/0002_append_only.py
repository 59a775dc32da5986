"""Make the table append-only in the database itself, whoever writes to it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION events_loggedevent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events_loggedevent is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER events_loggedevent_append_only BEFORE UPDATE OR DELETE ON events_loggedevent
    FOR EACH ROW EXECUTE FUNCTION events_loggedevent_is_append_only();
"""
BACKWARD = """
DROP TRIGGER events_loggedevent_append_only ON events_loggedevent;
DROP FUNCTION events_loggedevent_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
