"""The classroom, a lesson, its completion, its file, the review."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from apps.courses.models import Course, Lesson
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment, LessonProgress, Review

pytestmark = pytest.mark.django_db


def page(name, *ids):
    return reverse(f"lectures:{name}", args=ids)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def learning(client, make_course, alice, enroll, pay):
    """Alice, logged in, has paid and may learn."""
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course(completion_threshold_percent=60))
    pay(enrollment_id, alice)
    return enrollment_id


@pytest.fixture
def lessons(learning):
    return list(Lesson.objects.order_by("position"))


# --- classroom ------------------------------------------------------------------------------------


def test_classroom_shows_outline_progress_and_threshold_in_words(client, learning, lessons):
    text = client.get(page("classroom", learning)).text

    for part in (
        "Introduction to SQL",
        "0 of 3 lessons are completed. Complete 2 of them (60%)",
        "Start learning",
        'value="0"',
        "Not opened yet",
        page("lesson", learning, lessons[0].pk),
        page("lesson", learning, lessons[2].pk),
        page("cancellation", learning),
    ):
        assert part in text, part


def test_classroom_marks_opened_and_completed_lessons(client, learning, lessons):
    client.get(page("lesson", learning, lessons[1].pk))
    client.post(page("lesson_completion", learning, lessons[0].pk))

    text = client.get(page("classroom", learning)).text

    assert text.count("Completed ") == 1
    assert text.count("Opened ") == 1
    assert "1 of 3 lessons are completed" in text
    assert "Continue learning" in text


def test_classroom_costs_eight_queries(client, learning, django_assert_num_queries):
    with django_assert_num_queries(8):  # session, user, detail 3, outline 2, review
        client.get(page("classroom", learning))


def test_unpaid_classroom_leads_to_the_checkout(client, make_course, alice, enroll):
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course())

    response = client.get(page("classroom", enrollment_id), follow=True)

    assert response.redirect_chain == [(page("checkout", enrollment_id), 302)]
    assert "open once the course is paid" in response.text


def test_classroom_explains_a_cancelled_enrollment(client, learning, alice):
    lectures.cancel_enrollment(enrollment_id=learning, student_id=alice.pk)

    text = client.get(page("classroom", learning)).text

    assert "was cancelled on" in text
    assert "lessons/" not in text


def test_classroom_explains_an_expired_enrollment(client, make_course, alice, enroll, settings):
    settings.ENROLLMENT_HOLD_SECONDS = 0
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course())
    lectures.expire_enrollments()

    assert "was not paid in time" in client.get(page("classroom", enrollment_id)).text


def test_classroom_of_a_course_without_lessons(client, make_course, alice, enroll):
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course(lessons=0, price_minor=0))

    assert "This course has no lessons yet." in client.get(page("classroom", enrollment_id)).text


def test_completed_classroom_says_that_the_certificate_comes_and_then_links_it(
    client, learning, alice, learn, deliver_all
):
    learn(learning, alice)

    before = client.get(page("classroom", learning)).text
    deliver_all()
    after = client.get(page("classroom", learning)).text

    assert "is being issued" in before
    assert "See the certificate" in after
    assert "/verify/" in after
    assert page("review", learning) in after


# --- lesson ---------------------------------------------------------------------------------------


def test_lesson_is_sanitized_markdown(client, learning, lessons):
    hostile = "# Big\n\n<script>alert(1)</script> [x](javascript:alert(1)) **bold**"
    Lesson.objects.filter(pk=lessons[0].pk).update(content=hostile)

    text = client.get(page("lesson", learning, lessons[0].pk)).text

    assert "<h2>Big</h2>" in text
    assert "<strong>bold</strong>" in text
    assert "<script>alert" not in text
    assert 'href="javascript' not in text


def test_lesson_shows_video_in_a_sandbox_that_the_policy_allows(client, learning, lessons):
    Lesson.objects.filter(pk=lessons[0].pk).update(video_url="https://video.example/embed/1")

    response = client.get(page("lesson", learning, lessons[0].pk))

    assert 'src="https://video.example/embed/1"' in response.text
    assert 'sandbox="allow-scripts allow-same-origin allow-presentation"' in response.text
    assert 'title="Video of the lesson Lesson 1"' in response.text
    assert "frame-src https:" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["http://video.example/1", "javascript:alert(1)", "data:x"])
def test_lesson_frames_nothing_but_https(client, learning, lessons, address):
    Lesson.objects.filter(pk=lessons[0].pk).update(video_url=address)

    assert "<iframe" not in client.get(page("lesson", learning, lessons[0].pk)).text


def test_lesson_leads_back_and_forth(client, learning, lessons):
    first, middle, last = (
        client.get(page("lesson", learning, lesson.pk)).text for lesson in lessons
    )

    assert 'rel="prev"' not in first
    assert 'rel="prev"' in middle
    assert 'rel="next"' in middle
    assert 'rel="next"' not in last
    assert "Lesson 2 of 3" in middle


def test_opening_a_lesson_notes_the_first_time_only(client, learning, lessons):
    client.get(page("lesson", learning, lessons[0].pk))
    first = LessonProgress.objects.get().opened_at
    client.get(page("lesson", learning, lessons[0].pk))

    assert LessonProgress.objects.get().opened_at == first


def test_unpaid_lesson_is_refused_with_the_remedy(client, make_course, alice, enroll):
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course())
    lesson = Lesson.objects.first()

    response = client.get(page("lesson", enrollment_id, lesson.pk), follow=True)

    assert "Lessons open once the enrollment is paid and approved." in response.text
    assert not LessonProgress.objects.exists()


# --- completion -----------------------------------------------------------------------------------


def test_completing_leads_on_and_ends_in_the_classroom(client, learning, lessons):
    first = client.post(page("lesson_completion", learning, lessons[0].pk), follow=True)
    second = client.post(page("lesson_completion", learning, lessons[1].pk), follow=True)

    assert first.redirect_chain[0][0] == page("lesson", learning, lessons[1].pk)
    assert second.redirect_chain[0][0] == page("classroom", learning)
    assert "Congratulations!" in second.text
    assert Enrollment.objects.get().status == "completed"


def test_completing_twice_changes_nothing(client, learning, lessons):
    for _time in range(2):
        client.post(page("lesson_completion", learning, lessons[0].pk))

    assert Enrollment.objects.get().progress_percent == 33
    assert LessonProgress.objects.count() == 1


def test_lessons_after_completion_can_still_be_completed(client, learning, lessons):
    for lesson in lessons:
        client.post(page("lesson_completion", learning, lesson.pk))

    enrollment = Enrollment.objects.get()
    assert (enrollment.status, enrollment.progress_percent) == ("completed", 100)


def test_reading_never_completes(client, learning, lessons):
    response = client.get(page("lesson_completion", learning, lessons[0].pk))

    assert response.url == page("lesson", learning, lessons[0].pk)
    assert not LessonProgress.objects.filter(completed_at__isnull=False).exists()


# --- file -----------------------------------------------------------------------------------------


@pytest.fixture
def filed(lessons):
    lesson = lessons[0]
    lesson.file.save("강의 자료 1.html", ContentFile(b"<script>alert(1)</script>"))
    return lesson


def test_file_is_a_download_under_its_own_name(client, learning, filed):
    response = client.get(page("lesson_file", learning, filed.pk), follow=True)

    [(address, _status)] = response.redirect_chain
    assert address.startswith("/files/")
    disposition = response.headers["Content-Disposition"]
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert disposition.startswith("attachment; filename*=utf-8''%EA%B0%95%EC%9D%98")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert "default-src 'none'; sandbox" in response.headers["Content-Security-Policy"]
    assert "no-store" in response.headers["Cache-Control"]


def test_lesson_links_its_file(client, learning, filed):
    text = client.get(page("lesson", learning, filed.pk)).text

    assert page("lesson_file", learning, filed.pk) in text


def test_file_is_not_for_others(client, learning, filed, mallory, bob, enroll):
    address = page("lesson_file", learning, filed.pk)
    unpaid = enroll(bob, Course.objects.get().pk)

    client.logout()
    assert client.get(address).url.startswith(reverse("account_login"))
    client.force_login(mallory)
    assert client.get(address).status_code == 404
    client.force_login(bob)
    assert client.get(page("lesson_file", unpaid, filed.pk)).status_code == 404


def test_file_that_is_not_there_is_404(client, learning, lessons, filed):
    filed.file.storage.delete(filed.file.name)

    assert client.get(page("lesson_file", learning, filed.pk)).status_code == 404
    assert client.get(page("lesson_file", learning, lessons[1].pk)).status_code == 404


# --- review ---------------------------------------------------------------------------------------


@pytest.fixture
def completed(learning, alice, learn):
    learn(learning, alice)
    return learning


def test_review_is_written_once_and_edited(client, completed):
    client.post(page("review", completed), {"rating": "5", "text": "Wonderful.\r\nThanks"})
    client.post(page("review", completed), {"rating": "3", "text": "Good."})

    review = Review.objects.get()
    course = Course.objects.get()
    assert (review.rating, review.text) == (3, "Good.")
    assert review.edited_at is not None
    assert (course.rating_sum, course.rating_count) == (3, 1)
    form = client.get(page("review", completed)).text
    assert "Edit your review" in form
    assert "Good." in form


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "Choose from 1 to 5 stars."),
        ({"rating": "0", "text": ""}, "Choose from 1 to 5 stars."),
        ({"rating": "6"}, "Choose from 1 to 5 stars."),
        ({"rating": "4.5"}, "Choose from 1 to 5 stars."),
        ({"rating": "5", "text": "x" * 2001}, "Write at most 2,000 characters."),
        ({"rating": "5", "text": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_bad_review_names_the_field_and_writes_nothing(client, completed, fields, error):
    response = client.post(page("review", completed), fields)

    assert response.status_code == 400
    assert error in response.text
    assert not Review.objects.exists()


def test_review_counts_a_line_break_once(client, completed):
    client.post(page("review", completed), {"rating": "5", "text": "x" * 1999 + "\r\n"})

    assert Review.objects.exists()


def test_review_waits_for_completion(client, learning):
    response = client.post(page("review", learning), {"rating": "5"})

    assert response.status_code == 409
    assert "Only those who completed the course" in response.text
    assert not Review.objects.exists()


# --- others ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["classroom", "review"])
def test_enrollment_of_another_is_404(client, learning, mallory, name):
    client.force_login(mallory)

    assert client.get(page(name, learning)).status_code == 404
    assert client.get(page(name, 10**30)).status_code == 404


def test_lesson_of_another_is_404(client, learning, lessons, mallory, make_course):
    make_course(title="Other")
    foreign = Lesson.objects.get(course__title="Other", position=1)
    assert client.get(page("lesson", learning, foreign.pk)).status_code == 404
    assert client.post(page("lesson_completion", learning, foreign.pk)).status_code == 404

    client.force_login(mallory)
    assert client.get(page("lesson", learning, lessons[0].pk)).status_code == 404
    assert client.post(page("lesson_completion", learning, lessons[0].pk)).status_code == 404
    assert not LessonProgress.objects.exists()


def test_visitor_is_asked_to_log_in(client, learning, lessons):
    client.logout()

    for address in (page("classroom", learning), page("lesson", learning, lessons[0].pk)):
        assert client.get(address).url.startswith(reverse("account_login"))
