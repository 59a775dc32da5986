"""Keep the name of an upload, and make addresses of videos ones that a page can embed."""

from django.core.exceptions import ValidationError
from django.db import migrations, models

import foundation.video_urls


def make_embeddable(apps, schema_editor):
    """Leave what is of an unknown host or names no video: its author is told at the next change."""
    lessons = apps.get_model("courses", "Lesson").objects.exclude(video_url="")
    for pk, address in lessons.values_list("pk", "video_url").iterator():
        try:
            embeddable = foundation.video_urls.embeddable_url(address)
        except ValidationError:
            continue
        if embeddable != address:
            lessons.filter(pk=pk).update(video_url=embeddable)


class Migration(migrations.Migration):
    dependencies = [("courses", "0005_former_address")]
    operations = [
        migrations.AddField(
            model_name="lesson",
            name="file_name",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=255
            ),
        ),
        migrations.AlterField(
            model_name="lesson",
            name="video_url",
            field=foundation.video_urls.VideoURLField(
                blank=True,
                help_text="Of YouTube or Vimeo, as you copy it there.",
                max_length=500,
                verbose_name="video address",
            ),
        ),
        migrations.RunPython(make_embeddable, migrations.RunPython.noop),
    ]
