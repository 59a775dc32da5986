"""Only triggers and notes write the audit log: no role but the owner inserts a row into it.

The functions run as the owner of the tables, with a fixed search_path. Nobody else may call the one
that writes, nor attach the trigger function to a table of their own, which would be the same.
"""

from django.db import migrations

from apps.acting import SETTING

SEARCH_PATH = "pg_catalog, public, pg_temp"
ONLY_TRIGGERS = f"""
ALTER FUNCTION elearning_record_change() SECURITY DEFINER SET search_path = {SEARCH_PATH};
ALTER FUNCTION elearning_audit(text, text, text, jsonb, jsonb) SET search_path = {SEARCH_PATH};
REVOKE EXECUTE ON FUNCTION elearning_record_change() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION elearning_audit(text, text, text, jsonb, jsonb) FROM PUBLIC;

CREATE FUNCTION elearning_note(about text, about_id text, facts jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {SEARCH_PATH} AS $$
BEGIN
    IF coalesce(current_setting('{SETTING}', true), '') = '' THEN
        RAISE EXCEPTION 'no actor is set' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM elearning_audit('note', about, about_id, NULL, facts);
END $$;
"""
AS_BEFORE = """
DROP FUNCTION elearning_note(text, text, jsonb);
GRANT EXECUTE ON FUNCTION elearning_audit(text, text, text, jsonb, jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION elearning_record_change() TO PUBLIC;
ALTER FUNCTION elearning_audit(text, text, text, jsonb, jsonb) RESET search_path;
ALTER FUNCTION elearning_record_change() SECURITY INVOKER RESET search_path;
"""


class Migration(migrations.Migration):
    dependencies = [("elearning", "0010_all_names_can_be_hidden")]
    operations = [migrations.RunSQL(ONLY_TRIGGERS, AS_BEFORE)]
