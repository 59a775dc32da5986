from django.db import migrations

from apps.acting import watch


class Migration(migrations.Migration):
    dependencies = [
        ("elearning", "0013_texts_pass_the_gate"),
        ("batches", "0001_initial"),
    ]

    operations = [watch("batches_batchfailure", operations="UPDATE")]
