from django.db import migrations
from django.utils.translation import gettext_lazy as _

from foundation import email_addresses

ADDRESSES = "ALTER TABLE account_emailaddress ADD CONSTRAINT account_email_is_normalized"


class Migration(migrations.Migration):
    """Hold both tables to the normal form, so that equality is all that comparing takes."""

    dependencies = [("students", "0013_normalize_email_addresses")]

    operations = [
        migrations.RemoveConstraint("user", "user_email_is_unique_whatever_its_case"),
        migrations.AlterField(
            "user",
            "email",
            email_addresses.NormalizedEmailField(
                _("e-mail address"),
                error_messages={"unique": _("This address is taken.")},
                max_length=254,
                unique=True,
            ),
        ),
        migrations.AddConstraint(
            "user",
            email_addresses.email_is_normalized("email", name="user_email_is_normalized"),
        ),
        migrations.RunSQL(
            rf"{ADDRESSES} CHECK (email ~ '{email_addresses.NORMALIZED}')",
            "ALTER TABLE account_emailaddress DROP CONSTRAINT account_email_is_normalized",
        ),
    ]
