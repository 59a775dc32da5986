

import django.db.models.deletion
import django.utils.timezone
import foundation.text.search
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('courses', '0004_search'),
    ]

    operations = [
        migrations.CreateModel(
            name='FormerAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(allow_unicode=True, editable=False, max_length=220, unique=True)),
                ('left_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='course',
            index=models.Index(foundation.text.search.SearchKey('slug'), name='course_address_as_typed'),
        ),
        migrations.AddField(
            model_name='formeraddress',
            name='course',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_addresses', to='courses.course'),
        ),
        migrations.AddIndex(
            model_name='formeraddress',
            index=models.Index(foundation.text.search.SearchKey('slug'), name='former_address_as_typed'),
        ),
    ]
