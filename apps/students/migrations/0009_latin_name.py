import apps.students.models.user
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('students', '0008_one_mail_to_nobody'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='user',
            name='user_removed_is_nobody',
        ),
        migrations.AddField(
            model_name='user',
            name='latin_name',
            field=apps.students.models.user.LatinNameField(blank=True, db_default='', default='', help_text='As in the passport, such as HONG GILDONG.', max_length=150, verbose_name='name in Latin letters'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('removed_at__isnull', True), models.Q(('is_active', False), ('latin_name', ''), ('name', '')), _connector='OR'), name='user_removed_is_nobody'),
        ),
    ]
