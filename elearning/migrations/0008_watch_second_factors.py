"""Record whose second factor staff reset; of the secrets only that they changed."""

from django.db import migrations

from apps.acting import watch


class Migration(migrations.Migration):
    dependencies = [
        ("elearning", "0007_names_can_be_hidden"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [watch("mfa_authenticator", hidden=["data"])]
