"""Texts stored before there was a gate are composed, and lose what nobody can see (decision 0026).

The log of events, the history made of it, certificates and payments stay as they were: they tell
what was.
"""

from django.db import migrations

from foundation.text.purification import Column, purify_column

SLUG = Column("courses_course", "slug", 220, "'course-' || id", ())
COLUMNS = [
    Column("students_user", "name", 150, "split_part(email, '@', 1)"),
    Column("students_user", "latin_name", 150),
    Column("courses_course", "title", 200, "'Course ' || id"),
    Column("courses_course", "summary", 300),
    Column("courses_course", "description", 20_000, multiline=True),
    Column("courses_course", "category", 60),
    SLUG,
    Column("courses_lesson", "title", 200, "'Lesson ' || id"),
    Column("courses_lesson", "content", 100_000, multiline=True),
    Column("lectures_review", "text", None, multiline=True),
    Column("certification_certificate", "student_latin_name", 150),
    Column("auth_group", "name", 150, "'Group ' || id", ()),
    Column("elearning_savedview", "name", 60, "'View ' || id", ("owner_id", "model")),
]


def purify(apps, schema_editor):
    former = apps.get_model("courses", "FormerAddress")
    with schema_editor.connection.cursor() as cursor:
        for column in COLUMNS:
            changed = purify_column(cursor, column)
            if column is SLUG:
                former.objects.bulk_create(
                    former(slug=was, course_id=course_id)
                    for course_id, (was, _is) in changed.items()
                )


class Migration(migrations.Migration):
    dependencies = [
        ("elearning", "0012_guards"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("certification", "0006_search"),
        ("courses", "0005_former_address"),
        ("lectures", "0006_guards"),
        ("students", "0012_search"),
    ]
    operations = [migrations.RunPython(purify, migrations.RunPython.noop)]
