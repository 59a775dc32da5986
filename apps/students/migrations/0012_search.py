from django.db import migrations

from foundation.text.search import index_for_search


class Migration(migrations.Migration):
    dependencies = [("students", "0011_staff_setup_link"), ("text", "0001_search_key")]
    operations = [index_for_search("students_user", "email", "name", "latin_name")]
