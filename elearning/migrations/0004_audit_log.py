"""Record what staff change, in the database itself; and let nobody change the record.

Who acts is in a setting of the transaction (see ``apps.acting``); without it nothing is recorded.
"""

from django.db import migrations

from apps.acting import HIDDEN, SETTING, watch

RECORD = f"""
CREATE FUNCTION elearning_audit(
    operation text, table_name text, row_id text, before jsonb, after jsonb
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO elearning_auditentry (
        at, call, who_id, who, origin, what, address, request_id,
        operation, "table", row_id, before, after
    )
    SELECT clock_timestamp(), (acting->>'id')::uuid, (acting->>'who_id')::bigint, acting->>'who',
        acting->>'origin', acting->>'what', acting->>'address', acting->>'request_id',
        operation, table_name, row_id, before, after
    FROM (SELECT current_setting('{SETTING}')::jsonb AS acting) AS told;
$$;

-- The arguments of the trigger: the column of the key, then the columns whose values stay hidden.
CREATE FUNCTION elearning_record_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb; after jsonb; row_id text; hidden text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(key, was.value), jsonb_object_agg(key, becomes.value)
        INTO before, after
        FROM jsonb_each(to_jsonb(OLD)) AS was JOIN jsonb_each(to_jsonb(NEW)) AS becomes USING (key)
        WHERE was.value IS DISTINCT FROM becomes.value;
        IF before IS NULL THEN RETURN NULL; END IF;
    ELSIF TG_OP = 'INSERT' THEN after := to_jsonb(NEW);
    ELSE before := to_jsonb(OLD);
    END IF;
    FOR place IN 1 .. TG_NARGS - 1 LOOP
        hidden := TG_ARGV[place];
        IF before ? hidden THEN before := before || jsonb_build_object(hidden, '{HIDDEN}'); END IF;
        IF after ? hidden THEN after := after || jsonb_build_object(hidden, '{HIDDEN}'); END IF;
        IF hidden = TG_ARGV[0] THEN row_id := '{HIDDEN}'; END IF;
    END LOOP;
    row_id := coalesce(row_id, to_jsonb(coalesce(NEW, OLD)) ->> TG_ARGV[0]);
    PERFORM elearning_audit(lower(TG_OP), TG_TABLE_NAME, row_id, before, after);
    RETURN NULL;
END $$;

CREATE FUNCTION elearning_auditentry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'elearning_auditentry is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER elearning_auditentry_append_only BEFORE UPDATE OR DELETE ON elearning_auditentry
    FOR EACH ROW EXECUTE FUNCTION elearning_auditentry_is_append_only();
CREATE TRIGGER elearning_auditentry_is_kept BEFORE TRUNCATE ON elearning_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION elearning_auditentry_is_append_only();
"""
FORGET = """
DROP TRIGGER elearning_auditentry_is_kept ON elearning_auditentry;
DROP TRIGGER elearning_auditentry_append_only ON elearning_auditentry;
DROP FUNCTION elearning_auditentry_is_append_only();
DROP FUNCTION elearning_record_change();
DROP FUNCTION elearning_audit(text, text, text, jsonb, jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("elearning", "0003_audit_entry"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("certification", "0003_initial"),
        ("courses", "0001_initial"),
        ("events", "0002_append_only"),
        ("knox", "0009_extend_authtoken_field"),
        ("lectures", "0003_waiting_list"),
        ("payments", "0003_append_only"),
        ("students", "0002_waiting_place"),
    ]
    operations = [
        migrations.RunSQL(RECORD, FORGET),
        watch("account_emailaddress"),
        watch("auth_group"),
        watch("auth_group_permissions"),
        watch("certification_certificate"),
        watch("courses_course"),
        watch("courses_lesson"),
        watch("events_delivery", operations="UPDATE OR DELETE"),
        watch("knox_authtoken", pk="digest", hidden=["digest", "token_key"]),
        watch("lectures_enrollment"),
        watch("lectures_lessonprogress"),
        watch("lectures_review"),
        watch("lectures_waitinglistentry"),
        watch("payments_charge", hidden=["idempotency_key"]),
        watch("payments_ledgerentry"),
        watch("payments_payment"),
        watch("payments_refund", hidden=["idempotency_key"]),
        watch("payments_sandboxswitch"),
        watch("students_user", hidden=["password"]),
        watch("students_user_groups"),
        watch("students_user_user_permissions"),
    ]
