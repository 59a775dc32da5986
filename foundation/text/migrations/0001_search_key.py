"""How a text is compared in a search: the same on both sides, whatever it was typed with.

Koreans write one phrase with and without spaces, so that none counts beside a Hangul syllable.
"""

from django.db import migrations, models

SEARCH_KEY = r"""
CREATE FUNCTION search_key(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(
        lower(normalize($1, NFKC)),
        '[\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff]|(?<=[가-힣])\s+|\s+(?=[가-힣])', '', 'g'
    )
$$;

-- The arguments of the trigger: the columns by which the row is found.
CREATE FUNCTION text_index_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM text_searchtext WHERE "table" = TG_TABLE_NAME AND row_id = OLD.id;
    ELSE
        INSERT INTO text_searchtext ("table", row_id, key)
        SELECT TG_TABLE_NAME, NEW.id, coalesce(string_agg(search_key(held.text), E'\n'), '')
        FROM (SELECT to_jsonb(NEW) ->> name AS text FROM unnest(TG_ARGV) AS name) AS held
        ON CONFLICT ("table", row_id) DO UPDATE SET key = excluded.key
            WHERE text_searchtext.key IS DISTINCT FROM excluded.key;
    END IF;
    RETURN NULL;
END $$;
"""
FORGET = "DROP FUNCTION text_index_row(); DROP FUNCTION search_key(text)"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                ("pk", models.CompositePrimaryKey(
                    "table", "row_id", blank=True, editable=False, primary_key=True,
                    serialize=False)),
                ("table", models.CharField(max_length=63)),
                ("row_id", models.BigIntegerField()),
                ("key", models.TextField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunSQL(SEARCH_KEY, FORGET),
    ]
