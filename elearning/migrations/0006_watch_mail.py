from django.db import migrations

from apps.acting import watch


class Migration(migrations.Migration):

    dependencies = [
        ('elearning', '0005_watch_lockouts'),
        ('students', '0005_mail'),
    ]

    operations = [watch('students_sentemail')]
