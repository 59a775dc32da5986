"""Uploads are what their bytes say, and are sent so that they can do nothing in the site's name."""

import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from apps import uploads
from apps.courses.admin.forms import CourseForm, refuse_no_cover
from apps.courses.models import Course
from apps.serving import address_of
from apps.uploads import drawn_anew, refuse_unlike_its_name

SCRIPT = b"<script>alert(1)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def picture(kind="PNG", size=(8, 8), **options):
    drawn = io.BytesIO()
    Image.new("RGB", size, "navy").save(drawn, kind, **options)
    return drawn.getvalue()


def upload(name, content):
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7\n"),
        ("자료 🎓.PDF", b"%PDF-1.7\n"),
        ("a.png", picture()),
        ("a.jpg", picture("JPEG")),
        ("a.webp", picture("WEBP")),
        ("a.docx", b"PK\x03\x04...."),
        ("a.hwp", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."),
        ("a.csv", "이름,점수\n김수려,100\n".encode()),
        ("a.csv", "이름,점수\n김수려,100\n".encode("cp949")),
        ("a.md", ("가" * 400_000).encode()),
        ("a.mp4", b"\x00\x00\x00\x18ftypmp42"),
        ("empty.txt", b""),
    ],
)
def test_file_that_is_what_its_name_says_is_taken(name, content):
    refuse_unlike_its_name(upload(name, content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", SCRIPT),
        ("page.xhtml", SCRIPT),
        ("drawing.svg", SVG),
        ("data.xml", SVG),
        ("program.exe", b"MZ\x90\x00"),
        ("notes", b"notes"),
        ("a.pdf", SCRIPT),
        ("a.pdf", b"MZ\x90\x00%PDF-1.7"),
        ("a.png", SVG),
        ("a.png", picture("JPEG")),
        ("a.jpg", b"GIF89a" + SCRIPT),
        ("a.docx", b"%PDF-1.7"),
        ("a.txt", b"MZ\x90\x00"),
        ("a.csv", b"\xff\xfe\xff\xff\x81"),
        ("photo\u202efdp.exe", b"%PDF-1.7"),
        ("a.pdf.html", b"%PDF-1.7"),
    ],
)
def test_file_that_is_not_what_its_name_says_is_refused(name, content):
    with pytest.raises(ValidationError, match=r"Choose a file|content of this file"):
        refuse_unlike_its_name(upload(name, content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_cover_keeps_its_pixels_only(kind):
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    polyglot = picture(kind, size=(40, 30), exif=exif) + SCRIPT + b"PK\x03\x04"

    clean = drawn_anew(upload("cover.png", polyglot)).read()

    assert SCRIPT not in clean
    assert b"taken at home" not in clean
    with Image.open(io.BytesIO(clean)) as opened:
        assert (opened.format, opened.size) == (kind, (40, 30))


@pytest.mark.parametrize(
    "content", [SVG, SCRIPT, b"", picture()[:40], picture("TIFF"), picture("GIF")]
)
def test_cover_that_is_no_picture_of_the_web_is_refused(db, content):
    form = CourseForm.base_fields.get("cover") or Course._meta.get_field("cover").formfield()

    def check():
        cover = form.clean(upload("cover.png", content))
        refuse_no_cover(cover)
        drawn_anew(cover)

    with pytest.raises(ValidationError):
        check()


def test_decompression_bomb_is_refused_before_it_is_decoded(db):
    bomb = picture(size=(7000, 7000))
    assert len(bomb) < 300_000

    cover = Course._meta.get_field("cover").formfield().clean(upload("cover.png", bomb))
    with pytest.raises(ValidationError, match="40 megapixels"):
        refuse_no_cover(cover)


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.txt", "..\\..\\boot.txt", "a\r\nSet-Cookie: x=1.txt", "가나다 🎓.txt",
     "photo\u202etxt.exe.txt", 'quote".txt', "<script>.txt", "a\x00b.txt", "x" * 150 + ".txt"],
)  # fmt: skip
def test_odd_names_stay_in_their_folder_and_their_header(
    client, make_course, settings, tmp_path, name
):
    settings.MEDIA_ROOT = tmp_path
    lesson = Course.objects.get(pk=make_course()).lessons.first()
    lesson.file.save(upload(name, b"notes").name, ContentFile(b"notes"))
    lesson.file.close()

    assert (tmp_path / lesson.file.name).resolve().is_relative_to(tmp_path / "lessons")
    answer = client.get(address_of(lesson.file.name))
    assert b"".join(answer) == b"notes"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert not set(disposition) & set("\r\n\x00\u202e<")
    assert "Set-Cookie" not in answer.headers


def test_file_of_a_lesson_is_a_download_that_can_do_nothing(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "page.html").write_bytes(SCRIPT)

    answer = client.get(address_of("page.html"))

    assert b"".join(answer) == SCRIPT
    assert answer.headers["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox;")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-site"


def test_address_of_a_file_is_good_for_minutes_and_cannot_be_made_up(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "notes.txt").write_bytes(b"notes")
    address = address_of("notes.txt")
    forged = address.replace("/files/", "/files/x", 1)

    assert client.get(forged).status_code == 404
    assert client.get(address_of("../settings.py")).status_code in {400, 404}
    assert b"".join(client.get(address)) == b"notes"
    settings.FILES_LINK_SECONDS = -1
    assert client.get(address).status_code == 404


def test_cover_is_a_download_outside_the_pages(client, make_course, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    course = Course.objects.get(pk=make_course())
    course.cover.save("cover.png", ContentFile(picture()))
    course.cover.close()

    address = client.get("/courses/").context["cards"][0].cover_url
    answer = client.get(address)

    assert address.startswith("/files/")
    assert b"".join(answer) == picture()
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox;")


def test_host_of_its_own_serves_files_and_nothing_else(client, settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path
    settings.FILES_ORIGIN = "https://files.example.com"
    settings.ALLOWED_HOSTS = ["testserver", "files.example.com"]
    (tmp_path / "notes.txt").write_bytes(b"notes")
    address = address_of("notes.txt")
    assert address.startswith("https://files.example.com/files/")
    path = address.removeprefix(settings.FILES_ORIGIN)

    assert b"".join(client.get(path, headers={"host": "files.example.com"})) == b"notes"
    assert client.get(path).status_code == 404
    for page in ("/", "/admin/", reverse("account_login"), "/api/v1/courses/"):
        assert client.get(page, headers={"host": "files.example.com"}).status_code == 404
    assert (
        "img-src 'self' https://files.example.com data:"
        in client.get("/courses/").headers["Content-Security-Policy"]
    )


def test_page_on_uploads_says_what_is_taken():
    page = Path("docs/uploads.md").read_text(encoding="utf-8")

    assert {f"`{kind}`" for kind in {*uploads.SIGNATURES, *uploads.TEXTS, ".mp4"}} <= set(
        re.findall(r"`\.\w+`", page)
    )
    for name in ("COVER_MAX_BYTES", "LESSON_FILE_MAX_BYTES"):
        assert f"{getattr(settings, name) // 2**20} MiB (`{name}`)" in page
