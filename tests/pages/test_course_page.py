"""The page of one course, and the enrollment that starts there."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.courses import services as courses
from apps.courses.models import Course
from apps.lectures import services as lectures
from tests.conftest import make_user

pytestmark = pytest.mark.django_db


def page_of(course_id):
    return reverse("courses:course", args=[Course.objects.get(pk=course_id).slug])


# --- what it shows --------------------------------------------------------------------------------


def test_course_page_shows_the_offer(client, make_course):
    course_id = make_course(
        summary="Joins and windows",
        description="**Bold** <script>x</script>",
        capacity=10,
        starts_at=datetime(2030, 3, 1, 0, 30, tzinfo=UTC),
        ends_at=datetime(2030, 4, 1, tzinfo=UTC),
        enrollment_closes_at=datetime(2030, 2, 1, 15, 30, tzinfo=UTC),
        completion_threshold_percent=80,
    )

    text = client.get(page_of(course_id)).text

    assert "<strong>Bold</strong>" in text
    assert "<script>x" not in text
    for part in (
        "Introduction to SQL",
        "Joins and windows",
        "₩50,000",
        "10 of 10 left",
        "1 March 2030 to 1 April 2030",
        "2 February 2030, 00:30 (KST)",  # the school's zone: 15:30 UTC is past its midnight
        "Complete 80% of the lessons",
        "Lesson 3",
        "Free preview",
        "Nobody has reviewed",
    ):
        assert part in text, part


def test_course_page_speaks_korean(client, make_course):
    course_id = make_course(starts_at=datetime(2030, 3, 1, tzinfo=UTC))

    response = client.get(page_of(course_id), headers={"accept-language": "ko"})

    assert 'lang="ko"' in response.text
    assert "2030년 3월 1일" in response.text


def test_address_may_be_hangul(client, make_course):
    course_id = make_course(title="데이터 분석 입문")

    assert page_of(course_id) == "/courses/" + "%EB%8D%B0%EC%9D%B4%ED%84%B0-%EB%B6%84%EC%84%9D-" + (
        "%EC%9E%85%EB%AC%B8/"
    )
    assert client.get("/courses/데이터-분석-입문/").status_code == 200


def test_course_page_shows_reviews_and_their_average(
    client, make_course, alice, bob, enroll, pay, learn
):
    course_id = make_course()
    for student, rating in ((alice, 5), (bob, 4)):
        enrollment_id = enroll(student, course_id)
        pay(enrollment_id, student)
        learn(enrollment_id, student)
        lectures.write_review(
            enrollment_id=enrollment_id, student_id=student.pk, rating=rating, text="<b>Good</b>"
        )

    text = client.get(page_of(course_id)).text

    assert "Rated 4.5 of 5 by 2 students" in text
    assert "Alice K." in text
    assert "Alice Kim" not in text
    assert "&lt;b&gt;Good&lt;/b&gt;" in text


@pytest.mark.parametrize("slug", ["nothing", "x" * 3000, "🙂", "..", "%3Cscript%3E", "a' OR 1=1"])
def test_unknown_address_is_404(client, slug):
    assert client.get(f"/courses/{slug}/").status_code == 404


def test_draft_and_withdrawn_course_are_seen_by_staff_only(client, make_course, alice, carol):
    draft = make_course(title="Draft", opened=False)
    gone = make_course(title="Gone")
    courses.withdraw_course(course_id=gone)

    client.force_login(alice)
    assert {client.get(page_of(course)).status_code for course in (draft, gone)} == {404}
    client.force_login(carol)
    assert "Only staff can see this page" in client.get(page_of(draft)).text
    assert client.get(page_of(gone)).status_code == 200


@pytest.mark.parametrize("reviews", [0, 5])
def test_course_page_costs_three_queries(
    client, make_course, enroll, learn, django_assert_num_queries, reviews
):
    course_id = make_course(price_minor=0, lessons=2 + reviews)
    for number in range(reviews):
        student = make_user(f"s{number}@example.com", "S")
        enrollment_id = enroll(student, course_id)
        learn(enrollment_id, student)
        lectures.write_review(enrollment_id=enrollment_id, student_id=student.pk, rating=4, text="")
    address = page_of(course_id)

    with django_assert_num_queries(3):
        client.get(address)


def test_course_page_of_an_enrolled_student_costs_eight_queries(
    client, make_course, alice, enroll, django_assert_num_queries
):
    course_id = make_course()
    enroll(alice, course_id)
    client.force_login(alice)
    address = page_of(course_id)

    with django_assert_num_queries(8):  # session, user, then 3 for the offer and 3 for her place
        client.get(address)


# --- what one can do there ------------------------------------------------------------------------


def test_visitor_is_asked_to_log_in_and_comes_back(client, make_course):
    address = page_of(make_course(title="한글"))

    text = client.get(address).text

    assert f'href="/accounts/login/?next={address}"' in text
    assert 'action="/lectures/"' not in text


def test_student_can_enroll(client, make_course, alice):
    client.force_login(alice)

    assert 'action="/lectures/"' in client.get(page_of(make_course())).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"capacity": 1}, "Every seat is taken"),
        ({"enrollment_opens_at": timezone.now() + timedelta(days=2)}, "as soon as"),
        ({"enrollment_closes_at": timezone.now() - timedelta(days=2)}, "no more enrollments"),
    ],
)
def test_unavailable_course_says_why(client, make_course, alice, bob, enroll, fields, words):
    course_id = make_course(**fields)
    if "capacity" in fields:
        enroll(bob, course_id)
    client.force_login(alice)

    text = client.get(page_of(course_id)).text

    assert words in text
    assert 'action="/lectures/"' not in text


def test_closed_course_still_has_its_page(client, make_course):
    course_id = make_course()
    courses.close_course(course_id=course_id)

    assert "no more enrollments" in client.get(page_of(course_id)).text


def test_enrolled_student_goes_on_to_the_payment_and_then_to_the_classroom(
    client, make_course, alice, enroll, pay
):
    course_id = make_course(capacity=1)  # full, but she has her seat
    enrollment_id = enroll(alice, course_id)
    client.force_login(alice)

    assert reverse("lectures:checkout", args=[enrollment_id]) in client.get(page_of(course_id)).text
    pay(enrollment_id, alice)
    text = client.get(page_of(course_id)).text

    assert f'href="{reverse("lectures:classroom", args=[enrollment_id])}"' in text
    assert "You are enrolled" in text
