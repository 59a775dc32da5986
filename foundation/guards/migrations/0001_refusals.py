"""The two functions that every guard calls; a guard's condition decides, so that what is legal
costs no call."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION guards_refuse_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        RAISE EXCEPTION '% does not begin as "%"', TG_TABLE_NAME, to_jsonb(NEW) ->> TG_ARGV[0]
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RAISE EXCEPTION '% %: no transition leads from "%" to "%"', TG_TABLE_NAME,
        to_jsonb(OLD) ->> 'id', to_jsonb(OLD) ->> TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[0]
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $$;
CREATE FUNCTION guards_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% %: these columns are frozen: %', TG_TABLE_NAME, to_jsonb(OLD) ->> 'id',
        (SELECT string_agg(was.key, ', ')
         FROM jsonb_each(to_jsonb(OLD)) AS was JOIN jsonb_each(to_jsonb(NEW)) AS becomes USING (key)
         WHERE was.value IS DISTINCT FROM becomes.value AND was.key = ANY(TG_ARGV))
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
END $$;
"""
BACKWARD = """
DROP FUNCTION guards_refuse_change();
DROP FUNCTION guards_refuse_state();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
