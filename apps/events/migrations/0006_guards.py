"""Legal transitions and frozen columns, held by the database whoever writes to it (0024)."""

from django.db import migrations

from foundation.guards.operations import freeze, guard_state


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0005_latin_names_can_be_blanked"),
        ("guards", "0001_refusals"),
    ]
    operations = [
        guard_state(
            "events_delivery",
            begins_as=["pending"],
            transitions=[
                ("dead", "pending"),
                ("pending", "dead"),
                ("pending", "delivered"),
            ],
        ),
        freeze(
            "events_delivery",
            ["event_id", "subscriber", "queue"],
        ),
    ]
