"""The history tells the number of a payment; of earlier ones the event says it."""

from django.db import migrations, models

FILL = """
UPDATE students_historyentry entry SET payment_number = event.payload->>'number'
FROM events_loggedevent event
WHERE event.name = 'payments.payment_numbered.v1'
AND (event.payload->>'payment_id')::bigint = entry.payment_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0015_email_changes_and_token_details"),
        ("payments", "0008_payment_number"),
    ]
    operations = [
        migrations.AddField(
            "historyentry",
            "payment_number",
            models.CharField(blank=True, default="", max_length=11),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
