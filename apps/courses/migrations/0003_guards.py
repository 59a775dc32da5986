"""Legal transitions and frozen columns, held by the database whoever writes to it (0024)."""

from django.db import migrations

from foundation.guards.operations import freeze, guard_state


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0002_course_claim_id"),
        ("guards", "0001_refusals"),
    ]
    operations = [
        guard_state(
            "courses_course",
            begins_as=["draft"],
            transitions=[
                ("closed", "open"),
                ("closed", "withdrawn"),
                ("draft", "open"),
                ("draft", "withdrawn"),
                ("open", "closed"),
                ("open", "withdrawn"),
            ],
        ),
        freeze(
            "courses_course",
            [],
            once_set=["withdrawn_at"],
        ),
    ]
