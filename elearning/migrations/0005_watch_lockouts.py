"""Record which lockouts staff lift."""

from django.db import migrations

from apps.acting import watch


class Migration(migrations.Migration):
    dependencies = [("elearning", "0004_audit_log"), ("students", "0004_trycount")]

    operations = [watch("students_trycount", hidden=["account"])]
