"""Legal transitions and frozen columns, held by the database whoever writes to it (0024)."""

from django.db import migrations

from foundation.guards.operations import freeze, guard_state


class Migration(migrations.Migration):
    dependencies = [
        ("elearning", "0011_only_triggers_write_the_audit_log"),
        ("guards", "0001_refusals"),
    ]
    operations = [
        guard_state(
            "elearning_bulkjob",
            begins_as=["draft"],
            transitions=[
                ("draft", "running"),
                ("running", "finished"),
                ("running", "stopped"),
            ],
        ),
        freeze(
            "elearning_bulkjob",
            ["kind", "started_by_id"],
            once_set=["started_at", "ended_at"],
        ),
        guard_state(
            "elearning_bulkitem",
            begins_as=["pending", "refused"],
            transitions=[
                ("pending", "done"),
                ("pending", "failed"),
                ("pending", "refused"),
                ("pending", "unchanged"),
            ],
        ),
        freeze(
            "elearning_bulkitem",
            ["job_id", "position"],
        ),
    ]
