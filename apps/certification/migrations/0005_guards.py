"""Legal transitions and frozen columns, held by the database whoever writes to it (0024)."""

from django.db import migrations

from foundation.guards.operations import freeze, guard_state


class Migration(migrations.Migration):
    dependencies = [
        ("certification", "0004_certificate_student_latin_name"),
        ("guards", "0001_refusals"),
    ]
    operations = [
        guard_state(
            "certification_certificate",
            begins_as=["issued"],
            transitions=[
                ("issued", "revoked"),
            ],
        ),
        freeze(
            "certification_certificate",
            ["code", "lecture_id", "student_id", "student_name", "course_title", "completed_at", "issued_at", "replaces_id"],
            once_set=["revoked_at"],
        ),
    ]
