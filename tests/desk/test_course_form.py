"""A course is registered and changed through the form, as staff do it; no field forges a state."""

import io

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from apps.courses import services as courses
from apps.courses.models import Course, Lesson

ADD = "/admin/courses/course/add/"


def change_url(course_id):
    return reverse("admin:courses_course_change", args=[course_id])


def form_data(lessons=(), initial=0, **fields):
    """What a browser posts for a course with these lessons."""
    offer = {
        "title": "Introduction to SQL",
        "summary": "From SELECT to JOIN",
        "category": "Data",
        "language": "en",
        "description": "# What you learn",
        "price_minor": "50000",
        "currency": "KRW",
        "refund_policy": "tuition_law",
        "capacity": "20",
        "completion_threshold_percent": "80",
        "starts_at_0": "2030-03-01",
        "starts_at_1": "09:00",
        "ends_at_0": "2030-06-01",
        "ends_at_1": "18:00",
        "lessons-TOTAL_FORMS": str(len(lessons)),
        "lessons-INITIAL_FORMS": str(initial),
        "lessons-MIN_NUM_FORMS": "0",
        "lessons-MAX_NUM_FORMS": "1000",
    }
    for place, lesson in enumerate(lessons):
        row = {"title": f"Lesson {place}", "content": "Text", "duration_minutes": "10"} | lesson
        offer |= {f"lessons-{place}-{name}": value for name, value in row.items()}
    return {name: value for name, value in (offer | fields).items() if value is not None}


def picture(format_name="PNG", size=(40, 30)):
    buffer = io.BytesIO()
    Image.new("RGB", size, "navy").save(buffer, format_name)
    return buffer.getvalue()


def errors_of(answer):
    assert answer.status_code == 200, "the form is shown again"
    return answer.context["errors"]


@pytest.fixture
def desk(client, carol, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(carol)
    return client


def test_course_is_registered_with_lessons_cover_and_file(desk):
    lessons = [
        {"title": "Joins", "position": "2"},
        {"title": "Select", "position": "1", "is_preview": "on"},
        {"title": "The end", "file": SimpleUploadedFile("notes.pdf", b"%PDF-1.7")},
    ]
    cover = SimpleUploadedFile("../../Bild.JPG", picture("JPEG"))
    answer = desk.post(ADD, form_data(lessons, cover=cover))

    course = Course.objects.get()
    assert answer.status_code == 302
    assert (course.status, course.price_minor, course.capacity) == ("draft", 50_000, 20)
    assert course.slug == "introduction-to-sql"
    assert course.cover.name.startswith("covers/")
    assert course.cover.name.endswith(".jpg")
    assert list(course.lessons.values_list("title", "position", "is_preview")) == [
        ("Select", 1, True),
        ("Joins", 2, False),
        ("The end", 3, False),
    ]
    file = desk.get(course.lessons.get(title="The end").file.url, follow=True)
    assert file.headers["Content-Disposition"] == 'attachment; filename="notes.pdf"'
    assert b"".join(file.streaming_content) == b"%PDF-1.7"
    shown = desk.get(course.cover.url, follow=True)
    assert shown.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(shown.streaming_content)


def test_lessons_are_moved_by_number(desk, make_course):
    course_id = make_course(lessons=4)
    ids = list(Lesson.objects.values_list("pk", flat=True))
    names = dict(zip(ids, "abcd", strict=True))

    def order_after(*positions):
        rows = [
            {"id": str(pk), "course": str(course_id), "title": names[pk], "position": position}
            for pk, position in zip(ids, positions, strict=True)
        ]
        answer = desk.post(change_url(course_id), form_data(rows, initial=4))
        assert answer.status_code == 302
        titles = "".join(Lesson.objects.values_list("title", flat=True))
        for place, pk in enumerate(ids, start=1):
            Lesson.objects.filter(pk=pk).update(position=place)
        return titles

    assert order_after("1", "2", "3", "4") == "abcd"
    assert order_after("1", "2", "3", "2") == "adbc"
    assert order_after("3", "2", "3", "4") == "bcad"
    assert order_after("3", "0", "1", "2") == "bcda", "as dragging numbers them"
    assert order_after("", "2", "3", "4") == "bcda"


def test_lesson_that_somebody_opened_is_not_deleted(desk, alice, make_course, enroll, pay, learn):
    course_id = make_course(lessons=1)
    enrollment_id = enroll(alice, course_id)
    pay(enrollment_id, alice)
    learn(enrollment_id, alice)
    lesson = Lesson.objects.get()
    row = {"id": str(lesson.pk), "course": str(course_id), "position": "1", "DELETE": "on"}

    answer = desk.post(change_url(course_id), form_data([row], initial=1))

    assert errors_of(answer)
    assert Lesson.objects.filter(pk=lesson.pk).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "긴" * 10_000),
        ("title", "null\x00byte"),
        ("price_minor", "-1"),
        ("price_minor", "1.5"),
        ("price_minor", str(10**30)),
        ("price_minor", "9" * 5000),
        ("price_minor", "NaN"),
        ("currency", "XXX"),
        ("capacity", "0"),
        ("capacity", "-5"),
        ("capacity", str(10**30)),
        ("completion_threshold_percent", "0"),
        ("completion_threshold_percent", "101"),
        ("completion_threshold_percent", str(10**30)),
        ("refund_policy", "whatever"),
        ("language", "tlh"),
        ("starts_at_0", "2030-02-30"),
        ("starts_at_0", "0001-01-01"),
        ("ends_at_0", "9999-12-31"),
        ("ends_at_0", "2029-01-01"),
        ("slug", "a b/../c"),
        ("lessons-0-title", ""),
        ("lessons-0-position", str(10**30)),
        ("lessons-0-position", "-1"),
        ("lessons-0-duration_minutes", str(10**30)),
        ("lessons-0-video_url", "http://example.com/v"),
        ("lessons-0-video_url", "javascript:alert(1)"),
        ("lessons-TOTAL_FORMS", "x"),
        ("lessons-TOTAL_FORMS", str(10**30)),
    ],
)
def test_bad_input_is_an_error_and_changes_nothing(desk, field, value):
    answer = desk.post(ADD, form_data([{"title": "One"}], **{field: value}))

    assert errors_of(answer)
    assert not Course.objects.exists()


@pytest.mark.parametrize(
    "cover",
    [
        SimpleUploadedFile("cover.png", b"<svg onload=alert(1)>", "image/png"),
        SimpleUploadedFile("cover.gif", picture("GIF"), "image/gif"),
        SimpleUploadedFile("cover.html", picture("PNG"), "image/png"),
        SimpleUploadedFile("cover.png", b"", "image/png"),
        SimpleUploadedFile("cover.png", picture(size=(9000, 9000)), "image/png"),
        SimpleUploadedFile("cover.png", picture() + b"\0" * settings.COVER_MAX_BYTES),
    ],
    ids=["svg", "gif", "html", "empty", "pixels", "bytes"],
)
def test_cover_that_is_no_proper_picture_is_refused(desk, cover):
    cover.seek(0)
    answer = desk.post(ADD, form_data(cover=cover))

    assert "cover" in answer.context["adminform"].form.errors
    assert not Course.objects.exists()


def test_lesson_file_above_the_limit_is_refused(desk, settings):
    settings.LESSON_FILE_MAX_BYTES = 10
    file = SimpleUploadedFile("notes.pdf", b"%PDF-1.7\n" + b"x" * 11)

    assert errors_of(desk.post(ADD, form_data([{"file": file}])))
    assert not Course.objects.exists()


def test_title_of_markup_hangul_and_emoji_is_kept_and_shown_escaped(desk):
    title = "<script>alert(1)</script> 가나다 🎓"
    desk.post(ADD, form_data(title=title))
    course = Course.objects.get()

    for url in ("/admin/courses/course/", change_url(course.pk)):
        page = desk.get(url).content.decode()
        assert "<script>alert(1)" not in page
        assert "가나다 🎓" in page
    assert course.title == title


FORGED = {
    "status": "open",
    "state": "open",
    "seats_taken": "0",
    "seats": "0",
    "rating_sum": "500",
    "rating_count": "100",
    "rating": "5",
    "withdrawn_at_0": "2030-01-01",
    "withdrawn_at_1": "00:00",
    "id": "1",
    "_saveasnew": "1",
}


def test_no_posted_field_forges_a_state_of_a_new_course(desk):
    desk.post(ADD, form_data(**FORGED))

    course = Course.objects.get()
    assert (course.status, course.seats_taken, course.rating_count) == ("draft", 0, 0)
    assert course.withdrawn_at is None


def test_no_posted_field_forges_a_state_of_a_course(desk, alice, make_course, enroll):
    course_id = make_course(capacity=3)
    enroll(alice, course_id)
    courses.close_course(course_id=course_id)

    forged = {name: value for name, value in FORGED.items() if name != "_saveasnew"}
    answer = desk.post(change_url(course_id), form_data(title="New title", **forged))

    course = Course.objects.get()
    assert answer.status_code == 302
    assert course.title == "New title"
    assert (course.status, course.seats_taken, course.rating_count) == ("closed", 1, 0)


def test_list_edits_nothing(desk, make_course):
    course_id = make_course(opened=False)
    forged = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(course_id)}
    desk.post("/admin/courses/course/", forged | {"form-0-status": "open", "_save": "Save"})

    assert Course.objects.get().status == "draft"


def test_course_is_locked_while_it_is_saved(desk, make_course):
    """Else a seat taken between reading and saving the row would be written over."""
    course_id = make_course()

    with CaptureQueriesContext(connection) as queries:
        desk.post(change_url(course_id), form_data())

    statements = [query["sql"] for query in queries]
    locked = next(n for n, sql in enumerate(statements) if "FOR NO KEY UPDATE" in sql)
    saved = next(n for n, sql in enumerate(statements) if sql.startswith("UPDATE"))
    assert locked < saved


def test_fewer_seats_than_taken_are_refused(desk, alice, bob, make_course, enroll):
    course_id = make_course(capacity=3)
    enroll(alice, course_id)
    enroll(bob, course_id)

    answer = desk.post(change_url(course_id), form_data(capacity="1"))

    assert "capacity" in answer.context["adminform"].form.errors
    assert Course.objects.get().capacity == 3


def test_withdrawn_course_cannot_be_changed(desk, make_course):
    course_id = make_course(title="Gone")
    courses.withdraw_course(course_id=course_id)

    assert desk.post(change_url(course_id), form_data(title="Back")).status_code == 403
    assert Course.objects.get().title == "Gone"
    page = desk.get(change_url(course_id))
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert b'name="lessons-0-title"' not in page.content


def test_preview_renders_safe_html_for_staff_only(client, carol, alice):
    url = reverse("admin:courses_course_preview")
    text = "# Title\n\n<script>alert(1)</script> [x](javascript:alert(1)) **가**"

    client.force_login(alice)
    assert client.post(url, {"text": text}).status_code == 302
    client.force_login(carol)
    html = client.post(url, {"text": text}).content.decode()

    assert "<h2>Title</h2>" in html
    assert "<strong>가</strong>" in html
    assert "<script" not in html
    assert "javascript:" not in html.replace("[x](javascript:", "")
    assert client.get(url).status_code == 405
    assert client.post(url, {"text": "x" * 100_001}).status_code == 400


def test_files_are_for_staff_and_only_those_of_courses(client, carol, alice, make_course):
    client.force_login(carol)
    for name in ("covers/none.png", "../settings.py", "x" * 5000):
        assert client.get(f"{settings.MEDIA_URL}{name}").status_code == 404
    client.force_login(alice)
    assert client.get(f"{settings.MEDIA_URL}covers/x.png").status_code == 302
