"""The preview of what stands in the course's form: the page of students, and nothing is written."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.courses import services as courses
from apps.courses.models import Course, Lesson
from apps.events.models import LoggedEvent
from elearning.models import AuditEntry
from tests.desk.test_course_form import ADD, change_url, form_data, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


def unsaved_url(course_id=None):
    if course_id is None:
        return reverse("admin:courses_course_unsaved_new")
    return reverse("admin:courses_course_unsaved", args=[course_id])


def written():
    """Return all that a saved form would change."""
    return (
        list(Course.objects.order_by("pk").values()),
        list(Lesson.objects.order_by("pk").values()),
        LoggedEvent.objects.count(),
        AuditEntry.objects.count(),
    )


def test_form_of_a_course_offers_its_preview_behind_a_button_that_saves(desk, make_course):
    for url, preview in ((change_url(pk := make_course()), unsaved_url(pk)), (ADD, unsaved_url())):
        page = desk.get(url).content.decode()
        assert f'formaction="{preview}"' in page
        assert page.index('name="_save"') < page.index(preview)


def test_edited_course_is_shown_as_it_would_be_and_stays_as_it_is(desk, make_course):
    pk = make_course(description="Old", capacity=20, lessons=2)
    first, second = Lesson.objects.order_by("position")
    lessons = [
        {"id": first.pk, "course": pk, "title": "Was first", "position": "2"},
        {"id": second.pk, "course": pk, "title": "Is first", "position": "1", "is_preview": "on"},
        {"course": pk, "title": "Brand new", "position": ""},
    ]
    before = written()

    answer = desk.post(
        unsaved_url(pk),
        form_data(lessons, initial=2, title="New <title>", description="**Bold**", price_minor="7"),
    )

    page = answer.context["student_page"]
    for part in ("New &lt;title&gt;", "<strong>Bold</strong>", "₩7", "3 lessons"):
        assert part in page, part
    assert page.index("Is first") < page.index("Was first") < page.index("Brand new")
    assert "Carol" not in page
    assert written() == before


def test_new_course_is_shown_before_it_exists(desk):
    answer = desk.post(unsaved_url(), form_data([{"title": "One"}], width="phone"))

    assert "Introduction to SQL" in answer.context["student_page"]
    assert "desk-frame-phone" in answer.content.decode()
    assert answer["X-Frame-Options"] == "DENY"
    assert not Course.objects.exists()


def test_cover_just_chosen_is_shown_and_stored_nowhere(desk, make_course, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cover = SimpleUploadedFile("x.png", picture(), "image/png")

    answer = desk.post(unsaved_url(make_course()), form_data() | {"cover": cover})

    assert 'src="data:image/*;base64,' in answer.context["student_page"]
    assert list(tmp_path.rglob("*.*")) == []


def test_lesson_marked_for_deletion_is_left_out(desk, make_course):
    pk = make_course(lessons=1)
    lesson = Lesson.objects.get()
    row = {"id": lesson.pk, "course": pk, "title": "Goes away", "DELETE": "on", "position": "1"}

    page = desk.post(unsaved_url(pk), form_data([row], initial=1)).context["student_page"]

    assert "Goes away" not in page
    assert Lesson.objects.exists()


def test_form_that_cannot_be_saved_says_what_to_mend(desk, make_course):
    answer = desk.post(
        unsaved_url(make_course()),
        form_data([{"title": "Odd", "duration_minutes": "-1"}], title="", capacity="-3"),
    )

    errors = "\n".join(answer.context["errors"])
    assert answer.status_code == 400
    for part in ("Title: ", "Seats: ", "Odd · Minutes: "):
        assert part in errors, part


def test_preview_needs_the_right_to_change(client, staff_with, alice, make_course):
    pk = make_course()
    client.force_login(staff_with("courses.view_course"))
    for url in (unsaved_url(pk), unsaved_url()):
        assert client.post(url, form_data()).status_code == 403
    assert "formaction" not in client.get(change_url(pk)).content.decode()
    client.force_login(alice)
    assert client.post(unsaved_url(pk), form_data()).status_code == 302


def test_withdrawn_or_missing_course_has_no_preview(desk, make_course):
    pk = make_course()
    courses.withdraw_course(course_id=pk)

    assert desk.post(unsaved_url(pk), form_data()).status_code == 403
    assert desk.post(unsaved_url(999), form_data()).status_code in (302, 404)
    assert desk.get(unsaved_url(pk)).status_code == 405
