from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certification', '0003_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='certificate',
            name='student_latin_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=150, verbose_name="student's name in Latin letters"),
        ),
    ]
