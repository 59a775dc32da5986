from django.db import migrations

from foundation.text.search import index_for_search


class Migration(migrations.Migration):
    dependencies = [("certification", "0005_guards"), ("text", "0001_search_key")]
    operations = [index_for_search("certification_certificate", "code", "student_name", "student_latin_name", "course_title")]
