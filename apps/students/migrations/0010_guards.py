"""Legal transitions and frozen columns, held by the database whoever writes to it (0024)."""

from django.db import migrations

from foundation.guards.operations import freeze, guard_state


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0009_latin_name"),
        ("guards", "0001_refusals"),
    ]
    operations = [
        guard_state(
            "students_sentemail",
            begins_as=["waiting"],
            transitions=[
                ("failed", "sending"),
                ("failed", "waiting"),
                ("refused", "waiting"),
                ("sending", "failed"),
                ("sending", "refused"),
                ("sending", "sent"),
                ("sent", "waiting"),
                ("waiting", "sending"),
            ],
        ),
        freeze(
            "students_sentemail",
            ["kind", "reason"],
        ),
    ]
