"""What a course holds beside its fields: covers, files, videos; and a title that can be printed."""

import io
import unicodedata
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from rest_framework.test import APIClient

from apps.courses import services as courses
from apps.courses.models import Course, Lesson
from apps.refusals import InvalidInput
from tests.desk.test_course_form import ADD, desk, form_data

__all__ = ["desk"]
INPUTS = Path(__file__).parent / "inputs"


# --- Covers ---------------------------------------------------------------------------------------


@pytest.fixture
def saved_cover(desk, settings, tmp_path):
    """Return the cover that is stored after a browser has sent this picture with the form."""
    settings.MEDIA_ROOT = tmp_path

    def save(content, name="IMG_0001.jpg", kind="image/jpeg"):
        answer = desk.post(ADD, form_data(cover=SimpleUploadedFile(name, content, kind)))
        assert answer.status_code == 302, answer.context["errors"]
        return Image.open(io.BytesIO((tmp_path / Course.objects.get().cover.name).read_bytes()))

    return save


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_form_draws_a_cover_anew_without_position_and_what_is_appended(saved_cover, tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8825)[1] = "N"  # of the position
    sent = encoded(Image.new("RGB", (8, 8), "navy"), "JPEG", exif=exif) + b"<script>x</script>"

    cover = saved_cover(sent)

    stored = (tmp_path / Course.objects.get().cover.name).read_bytes()
    assert not cover.getexif()
    assert b"script" not in stored
    assert b"Maker" not in stored


def test_form_stands_a_cover_upright(saved_cover):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees

    assert saved_cover(encoded(Image.new("RGB", (40, 10)), "JPEG", exif=exif)).size == (10, 40)


def test_form_takes_the_first_picture_of_a_phone(saved_cover):
    first, second = Image.new("RGB", (8, 8), "red"), Image.new("RGB", (4, 4), "blue")

    cover = saved_cover(encoded(first, "MPO", save_all=True, append_images=[second]))

    assert (cover.format, cover.size, getattr(cover, "n_frames", 1)) == ("JPEG", (8, 8), 1)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB"])
def test_form_keeps_the_transparency_of_a_cover(saved_cover, kind, mode):
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 0)).convert(mode)
    more = {"transparency": 0 if mode == "P" else (255, 0, 0)} if mode in {"P", "RGB"} else {}
    if mode == "P":
        image.putpalette([255, 0, 0] * 256)
        image.paste(0, (0, 0, 8, 8))
    if kind == "WEBP":
        image, more = image.convert("RGBA"), {"lossless": True}
        image.putalpha(0)

    cover = saved_cover(encoded(image, kind, **more), f"cover.{kind.lower()}", f"image/{kind}")

    assert cover.convert("RGBA").getpixel((4, 4))[3] == 0


@pytest.mark.parametrize("alpha", [None, 128])
def test_form_converts_the_colors_of_a_cover_to_srgb(saved_cover, alpha):
    with Image.open(INPUTS / "display-p3.jpg") as wide:
        profile = wide.info["icc_profile"]
    image = Image.new("RGB", (8, 8), (202, 30, 30))
    if alpha is not None:
        image.putalpha(alpha)

    cover = saved_cover(encoded(image, "PNG", icc_profile=profile), "cover.png", "image/png")

    assert "icc_profile" not in cover.info
    red, green, blue = cover.convert("RGB").getpixel((4, 4))
    assert (red > 215, green < 10, blue < 20) == (True, True, True)  # the same red, in sRGB
    if alpha is not None:
        assert cover.getpixel((4, 4))[3] == alpha


def test_form_takes_the_files_of_phones(saved_cover):
    cover = saved_cover((INPUTS / "phone-mpo.jpg").read_bytes())

    assert (cover.format, cover.size) == ("JPEG", (320, 180))


@pytest.mark.parametrize("profile", [b"broken", b""])
def test_form_takes_a_cover_with_a_broken_profile(saved_cover, profile):
    sent = encoded(Image.new("RGB", (8, 8), "navy"), "JPEG", icc_profile=profile)

    assert saved_cover(sent).size == (8, 8)


def test_form_takes_a_cover_of_a_printer(saved_cover):
    assert saved_cover(encoded(Image.new("CMYK", (8, 8)), "JPEG")).mode == "RGB"


# --- Files of lessons -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["가" * 90 + ".pdf", "가" * 251 + ".pdf", unicodedata.normalize("NFD", "한글 강의") + ".pdf",
     "a" * 251 + ".pdf", "🎓" * 100 + ".pdf"],
)  # fmt: skip
def test_lesson_file_of_a_long_name_is_stored_and_downloaded_under_its_name(
    desk, settings, tmp_path, name
):
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile(name, b"%PDF-1.4 x", "application/pdf")

    answer = desk.post(ADD, form_data([{"file": file}]))

    assert answer.status_code == 302
    lesson = Lesson.objects.get()
    stored = lesson.file.name.rsplit("/", 1)[-1]
    assert len(stored.encode()) <= 120
    assert stored.endswith(".pdf")
    assert unicodedata.is_normalized("NFC", stored)
    assert lesson.download_name == unicodedata.normalize("NFC", name)
    url = reverse("admin:courses_course_media", args=[lesson.file.name])
    download = desk.get(desk.get(url).url)
    assert b"".join(download) == b"%PDF-1.4 x"
    assert quote(lesson.download_name) in download.headers["Content-Disposition"]


def test_file_from_before_is_downloaded_under_its_stored_name(
    desk, settings, tmp_path, make_course
):
    settings.MEDIA_ROOT = tmp_path
    make_course()
    lesson = Lesson.objects.first()
    lesson.file.save("notes.txt", ContentFile(b"notes"))
    Lesson.objects.filter(pk=lesson.pk).update(file_name="")

    assert Lesson.objects.get(pk=lesson.pk).download_name == "notes.txt"


# --- Videos ---------------------------------------------------------------------------------------

YOUTUBE = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"
VIMEO = "https://player.vimeo.com/video/76979871"
VIDEOS = [
    ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", YOUTUBE),
    ("http://youtube.com/watch?v=dQw4w9WgXcQ&feature=share&pp=x", YOUTUBE),
    ("https://m.youtube.com/watch?v=dQw4w9WgXcQ&t=1m30s", YOUTUBE + "?start=90"),
    ("https://youtu.be/dQw4w9WgXcQ?si=abc&t=42", YOUTUBE + "?start=42"),
    ("youtu.be/dQw4w9WgXcQ", YOUTUBE),
    ("https://www.youtube.com/shorts/dQw4w9WgXcQ", YOUTUBE),
    ("https://www.youtube.com/live/dQw4w9WgXcQ?feature=share", YOUTUBE),
    ("https://www.youtube.com/embed/dQw4w9WgXcQ?start=5", YOUTUBE + "?start=5"),
    ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL123&index=2", YOUTUBE + "?list=PL123"),
    ("https://www.youtube.com/playlist?list=PL123",
     "https://www.youtube-nocookie.com/embed/videoseries?list=PL123"),
    (YOUTUBE, YOUTUBE),
    ("https://vimeo.com/76979871", VIMEO),
    ("https://vimeo.com/76979871/abcdef1234?share=copy", VIMEO + "?h=abcdef1234"),
    ("https://vimeo.com/channels/staffpicks/76979871", VIMEO),
    ("https://vimeo.com/76979871#t=30s", VIMEO + "#t=30s"),
    ("https://player.vimeo.com/video/76979871?h=abcdef1234&badge=0", VIMEO + "?h=abcdef1234"),
    (VIMEO, VIMEO),
    ("https://media.school.example/embed/7", "https://media.school.example/embed/7"),
]  # fmt: skip
NO_VIDEOS = [
    "https://www.youtube.com/@channel", "https://www.youtube.com/watch?v=short",
    "https://youtu.be/", "https://vimeo.com/", "https://vimeo.com/about",
    "https://example.com/video/1", "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
    "https://user@youtu.be/dQw4w9WgXcQ", "http://media.school.example/embed/7",
]  # fmt: skip


@pytest.mark.parametrize(("address", "embedded"), VIDEOS)
def test_service_makes_an_address_of_a_video_embeddable(settings, make_course, address, embedded):
    settings.VIDEO_HOSTS = ["media.school.example"]
    fields = {"title": "Video", "video_url": address}
    lesson_id = courses.add_lesson(course_id=make_course(lessons=0), fields=fields)

    assert Lesson.objects.get(pk=lesson_id).video_url == embedded


@pytest.mark.parametrize("address", NO_VIDEOS)
def test_service_refuses_what_cannot_be_embedded(settings, make_course, address):
    settings.VIDEO_HOSTS = ["media.school.example"]

    with pytest.raises(InvalidInput) as refusal:
        courses.add_lesson(
            course_id=make_course(lessons=0), fields={"title": "V", "video_url": address}
        )
    assert refusal.value.field == "video_url"
    assert len(str(refusal.value)) > 20


def test_form_makes_an_address_of_a_video_embeddable_or_refuses_it_in_words(desk):
    answer = desk.post(ADD, form_data([{"video_url": "https://example.com/video/1"}]))
    assert "Videos can be shown from: YouTube, Vimeo." in answer.text

    desk.post(ADD, form_data([{"video_url": VIDEOS[0][0]}]))
    assert Lesson.objects.get().video_url == YOUTUBE


def test_stored_address_of_another_host_does_not_keep_a_lesson_from_being_saved(make_course):
    make_course()
    lesson = Lesson.objects.first()
    Lesson.objects.filter(pk=lesson.pk).update(video_url="https://old.example/embed/1")

    lesson = Lesson.objects.get(pk=lesson.pk)
    lesson.full_clean()
    lesson.video_url = "https://old.example/embed/2"
    with pytest.raises(ValidationError):
        lesson.full_clean()


def test_migration_makes_stored_addresses_embeddable(make_course):
    make_course()
    first, second, third = Lesson.objects.order_by("position")
    before = {first: VIDEOS[0][0], second: "https://old.example/embed/1", third: VIDEOS[12][0]}
    for lesson, address in before.items():
        Lesson.objects.filter(pk=lesson.pk).update(video_url=address)
    migration = import_module("apps.courses.migrations.0006_video_urls_and_file_names")

    migration.make_embeddable(apps, None)

    after = [Lesson.objects.get(pk=lesson.pk).video_url for lesson in before]
    assert after == [YOUTUBE, "https://old.example/embed/1", VIDEOS[12][1]]


# --- Titles on certificates -----------------------------------------------------------------------

THAI = "ภาษาไทยเบื้องต้น"


def test_form_refuses_a_title_that_certificates_cannot_show(desk):
    answer = desk.post(ADD, form_data(title=THAI))

    assert "The fonts of certificates lack" in answer.text
    assert not Course.objects.exists()


def test_api_refuses_a_title_that_certificates_cannot_show(carol, make_course):
    course_id = make_course()
    api = APIClient()
    api.force_authenticate(carol)

    for answer in (
        api.post("/api/v1/courses/", {"title": THAI}),
        api.patch(f"/api/v1/courses/{course_id}/", {"title": THAI}),
    ):
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "title"


def test_course_with_such_a_title_from_before_can_still_be_changed(make_course):
    course_id = make_course()
    Course.objects.filter(pk=course_id).update(title=THAI)

    courses.change_course(course_id=course_id, fields={"summary": "New"})

    assert Course.objects.get().summary == "New"


@pytest.mark.parametrize(
    "title", ["파이썬 🎓 입문", "日本語", "Français & Español", "Русский", "Ελληνικά"]
)
def test_title_that_certificates_can_show_is_taken(make_course, title):
    assert make_course(title=title)
