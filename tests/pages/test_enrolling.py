"""Enroll from the page of a course."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.courses import services as courses
from apps.courses.models import Course
from apps.lectures.models import Enrollment
from apps.payments.models import Payment
from tests.forms import agreed_on

pytestmark = pytest.mark.django_db


def page_of(course_id):
    return reverse("courses:course", args=[Course.objects.get(pk=course_id).slug])


def post_enroll(client, course_id, **more):
    return client.post("/lectures/", {"course": course_id}, **more)


def test_enrolling_leads_to_the_checkout(client, make_course, alice):
    client.force_login(alice)

    response = post_enroll(client, make_course())

    enrollment = Enrollment.objects.get()
    assert response.status_code == 302
    assert response.url == reverse("lectures:checkout", args=[enrollment.pk])
    assert enrollment.student_id == alice.pk


def test_enrolling_in_a_free_course_leads_to_the_classroom(client, make_course, alice):
    client.force_login(alice)

    response = post_enroll(client, make_course(price_minor=0), follow=True)

    assert response.redirect_chain[-1][0] == reverse(
        "lectures:classroom", args=[Enrollment.objects.get().pk]
    )
    assert "You are enrolled. Enjoy the course!" in response.text


@pytest.mark.parametrize("others", [0, 5])
def test_enrolling_costs_the_same_in_a_big_school(
    client, make_course, alice, bob, enroll, django_assert_num_queries, others, settings
):
    settings.OPEN_HOLDS_PER_STUDENT = others + 1
    for number in range(others):
        course_id = make_course(title=f"Course {number}", lessons=10)
        for student in (alice, bob):
            enroll(student, course_id)
    course_id = make_course(capacity=3)
    client.force_login(alice)

    with django_assert_num_queries(16):  # two of them begin and end the transaction
        post_enroll(client, course_id)


def test_visitor_who_enrolls_logs_in_and_comes_back_to_the_course(client, make_course):
    course_id = make_course()

    response = post_enroll(client, course_id)

    assert response.url == f"{reverse('account_login')}?next={page_of(course_id)}"
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"capacity": 1}, "Every seat of this course is taken"),
        ({"enrollment_opens_at": timezone.now() + timedelta(days=2)}, "has not opened yet"),
        ({"enrollment_closes_at": timezone.now() - timedelta(days=2)}, "is closed"),
    ],
)
def test_refusal_is_a_409_page_that_says_why_and_leads_to_the_course(
    client, make_course, alice, bob, enroll, fields, words
):
    course_id = make_course(**fields)
    if "capacity" in fields:
        enroll(bob, course_id)
    client.force_login(alice)

    response = post_enroll(client, course_id)

    assert response.status_code == 409
    assert words in response.text
    assert ">409<" not in response.text
    assert f'href="{page_of(course_id)}"' in response.text
    assert not Enrollment.objects.filter(student=alice).exists()


def test_withdrawn_course_leads_to_the_catalogue_with_the_reason(client, make_course, alice):
    course_id = make_course()
    courses.withdraw_course(course_id=course_id)
    client.force_login(alice)

    response = post_enroll(client, course_id)

    assert response.status_code == 409
    assert "takes no enrollments" in response.text
    assert 'href="/courses/"' in response.text


def test_second_enrollment_leads_to_the_checkout_of_the_first(client, make_course, alice):
    course_id = make_course()
    client.force_login(alice)
    post_enroll(client, course_id)

    response = post_enroll(client, course_id, follow=True)

    checkout = reverse("lectures:checkout", args=[Enrollment.objects.get().pk])
    assert response.redirect_chain == [(checkout, 302)]
    assert "You are enrolled in this course already" in response.text
    assert "Continue to the payment" in client.get(page_of(course_id)).text
    assert Enrollment.objects.count() == 1


@pytest.mark.parametrize("value", ["", "0", "-1", "1.5", "9" * 30, "abc", "\x00", "🙂"])
def test_enrolling_in_nothing_is_404(client, alice, value):
    client.force_login(alice)

    assert post_enroll(client, value).status_code == 404


def test_looking_at_the_collection_shows_the_history(client, alice):
    client.force_login(alice)

    assert client.get("/lectures/").url == reverse("students:history")
    assert client.put("/lectures/").status_code == 405


def test_enrolling_needs_the_csrf_token(make_course, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    assert post_enroll(client, make_course()).status_code == 403
    assert not Enrollment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_make_one_enrollment(make_course, alice):
    course_id = make_course(capacity=5)

    def tab(_number):
        try:
            client = Client()
            client.force_login(alice)
            return post_enroll(client, course_id).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(tab, range(6)))

    assert statuses == [302] * 6
    assert Enrollment.objects.count() == Payment.objects.count() == 1
    assert Course.objects.get().seats_taken == 1


def test_second_enrollment_leads_to_the_classroom_once_paid(client, make_course, alice):
    course_id = make_course(price_minor=0)
    client.force_login(alice)
    post_enroll(client, course_id)

    response = post_enroll(client, course_id, follow=True)

    classroom = reverse("lectures:classroom", args=[Enrollment.objects.get().pk])
    assert response.redirect_chain == [(classroom, 302)]


def test_price_that_changed_since_the_page_was_opened_is_shown_first(client, make_course, alice):
    course_id = make_course(price_minor=50_000)
    client.force_login(alice)
    agreed = agreed_on(client, page_of(course_id))
    courses.change_course(course_id=course_id, fields={"price_minor": 60_000})

    response = client.post(reverse("lectures:enroll"), {"course": course_id, **agreed}, follow=True)

    assert response.redirect_chain == [(page_of(course_id), 302)]
    assert "nothing was done" in response.text
    assert "₩60,000" in response.text
    assert not Enrollment.objects.exists()
    again = {"course": course_id, **agreed_on(client, page_of(course_id))}
    client.post(reverse("lectures:enroll"), again)
    assert Enrollment.objects.get().price_minor == 60_000


def test_pages_with_a_live_button_are_not_kept_by_the_browser(client, make_course, alice, enroll):
    course_id = make_course()
    enrollment_id = enroll(alice, course_id)
    client.force_login(alice)

    for page in (
        page_of(course_id),
        reverse("lectures:checkout", args=[enrollment_id]),
        reverse("lectures:payment", args=[enrollment_id]),
        reverse("lectures:cancellation", args=[enrollment_id]),
        "/accounts/data/removal/",
    ):
        assert "no-store" in client.get(page).headers["Cache-Control"], page
