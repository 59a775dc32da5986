from django.db import migrations

from foundation.text.search import index_for_search


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_guards"), ("text", "0001_search_key")]
    operations = [index_for_search("payments_payment", "reference", "description")]
