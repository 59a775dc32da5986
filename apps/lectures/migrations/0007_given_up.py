from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lectures", "0006_guards")]

    operations = [
        migrations.AddField(
            model_name="enrollment",
            name="given_up_at",
            field=models.DateTimeField(null=True, verbose_name="given up unpaid at"),
        ),
    ]
