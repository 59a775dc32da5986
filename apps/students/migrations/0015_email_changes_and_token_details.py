import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import foundation.email_addresses


def describe_tokens(apps, schema_editor):
    """Give each token that is there an id, and a place for its name and its last use."""
    detail = apps.get_model("students", "TokenDetail")
    digests = apps.get_model("knox", "AuthToken").objects.values_list("pk", flat=True)
    detail.objects.bulk_create(detail(token_id=digest) for digest in digests.order_by("created"))


class Migration(migrations.Migration):
    dependencies = [
        ("knox", "0009_extend_authtoken_field"),
        ("students", "0014_email_is_normalized"),
    ]

    operations = [
        migrations.CreateModel(
            name="EmailChange",
            fields=[
                ("id", models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    )),
                ("old_email", foundation.email_addresses.NormalizedEmailField(max_length=254)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("undo_until", models.DateTimeField()),
                ("undo_digest", models.CharField(blank=True, db_index=True, max_length=64)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("undone_at", None)),
                        fields=["old_email"],
                        name="email_change_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TokenDetail",
            fields=[
                ("id", models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    )),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="name")),
                ("last_used_at", models.DateTimeField(null=True, verbose_name="last used at")),
                (
                    "token",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="detail",
                        to="knox.authtoken",
                    ),
                ),
            ],
        ),
        migrations.RunPython(describe_tokens, migrations.RunPython.noop),
    ]
