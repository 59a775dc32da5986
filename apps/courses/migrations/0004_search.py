from django.db import migrations

from foundation.text.search import index_for_search


class Migration(migrations.Migration):
    dependencies = [("courses", "0003_guards"), ("text", "0001_search_key")]
    operations = [
        index_for_search("courses_course", "title", "summary", "description", "category", "slug"),
    ]
