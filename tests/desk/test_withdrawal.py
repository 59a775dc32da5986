"""Deleting a course withdraws it, from its page and from the list, after saying what follows."""

import pytest
from django.urls import reverse

from apps.certification.models import Certificate
from apps.courses import services as courses
from apps.courses.models import Course
from apps.lectures.models import Enrollment
from apps.payments.models import Payment
from elearning.bulk.models import BulkJob
from elearning.bulk.services import run_next_job
from tests.forms import agreed_on, confirm

CHANGELIST = "/admin/courses/course/"


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def busy_course(alice, bob, mallory, make_course, enroll, pay, learn, deliver_all):
    """Alice completed, Bob is learning, Mallory has not paid."""
    course_id = make_course(price_minor=50_000)
    ids = [enroll(student, course_id) for student in (alice, bob, mallory)]
    pay(ids[0], alice)
    learn(ids[0], alice)
    pay(ids[1], bob)
    deliver_all()
    return course_id


def delete_url(course_id):
    return reverse("admin:courses_course_delete", args=[course_id])


def warnings_of(page):
    assert page.status_code == 200
    return [str(warning) for warning in page.context["warnings"]][1:]


EXPECTED = [
    "2 enrollments are cancelled (requested: 1, learning: 1).",
    "₩50,000 is refunded in full.",
    "1 completed enrollment stays as it is (certificates: 1).",
]


def test_delete_page_says_what_will_happen_and_changes_nothing(desk, busy_course):
    assert warnings_of(desk.get(delete_url(busy_course))) == EXPECTED
    button = reverse("admin:courses_course_withdraw_course", args=[busy_course])
    assert warnings_of(desk.get(button)) == EXPECTED
    assert Course.objects.get().status == "open"


def test_delete_page_withdraws(desk, busy_course, deliver_all):
    answer = confirm(desk, delete_url(busy_course), {"post": "yes"}, follow=True)
    deliver_all()

    assert "is withdrawn" in answer.content.decode()
    assert Course.objects.get().status == "withdrawn"
    assert sorted(Enrollment.objects.values_list("status", flat=True)) == [
        "cancelled",
        "cancelled",
        "completed",
    ]
    assert sorted(Payment.objects.values_list("status", flat=True)) == [
        "approved",
        "cancelled",
        "refunded",
    ]
    assert Certificate.objects.get().status == "issued"


def test_list_action_sums_up_by_currency_and_withdraws_all_but_the_withdrawn(
    desk, busy_course, alice, make_course, enroll, pay, deliver_all
):
    dollars = make_course(title="In dollars", price_minor=1_250, currency="USD")
    pay(enroll(alice, dollars), alice)
    gone = make_course(title="Gone")
    courses.withdraw_course(course_id=gone)
    chosen = [busy_course, dollars, gone]

    page = desk.post(
        CHANGELIST, {"action": "withdraw_courses", "_selected_action": chosen}, follow=True
    )
    assert {
        "2 courses are withdrawn.",
        "3 enrollments are cancelled (requested: 1, learning: 2).",
        "₩50,000 is refunded in full.",
        "$12.50 is refunded in full.",
        "1 completed enrollment stays as it is (certificates: 1).",
    } < {str(warning) for warning in page.context["warnings"]}
    assert Course.objects.filter(status="withdrawn").count() == 1

    job = BulkJob.objects.get()
    agreed = agreed_on(desk, reverse("admin:elearning_bulkjob_change", args=[job.pk]))
    desk.post(reverse("admin:elearning_bulkjob_start", args=[job.pk]), agreed)
    while run_next_job():
        pass
    deliver_all()

    assert [item.status for item in job.items.order_by("position")] == ["done", "done", "refused"]
    assert set(Course.objects.values_list("status", flat=True)) == {"withdrawn"}
    assert Enrollment.objects.filter(status="cancelled").count() == 3


def test_course_that_nobody_paid_for_refunds_nothing(desk, make_course):
    assert warnings_of(desk.get(delete_url(make_course(opened=False)))) == [
        "0 enrollments are cancelled (requested: 0, learning: 0).",
        "Nothing is refunded.",
        "0 completed enrollments stay as they are (certificates: 0).",
    ]


def test_withdrawn_course_is_not_withdrawn_again(desk, make_course):
    course_id = make_course()
    courses.withdraw_course(course_id=course_id)
    withdrawn_at = Course.objects.get().withdrawn_at

    for method in (desk.get, desk.post):
        answer = method(delete_url(course_id), follow=True)
        assert "has been withdrawn already" in answer.content.decode()
    assert Course.objects.get().withdrawn_at == withdrawn_at


def test_course_row_is_never_deleted(desk, make_course):
    course_id = make_course(opened=False, lessons=0)
    confirm(desk, delete_url(course_id), {"post": "yes"})

    assert Course.objects.get().status == "withdrawn"


def test_withdrawing_needs_the_right_to_delete(client, staff_with, make_course):
    course_id = make_course()
    client.force_login(staff_with("courses.view_course", "courses.change_course"))

    assert client.post(delete_url(course_id), {"post": "yes"}).status_code == 403
    client.post(
        CHANGELIST,
        {"action": "withdraw_courses", "_selected_action": [course_id], "post": "yes"},
    )
    assert Course.objects.get().status == "open"


def test_list_and_page_count_seats_and_enrollments(desk, busy_course):
    for url in (CHANGELIST, reverse("admin:courses_course_change", args=[busy_course])):
        assert "Requested 1 · Learning 1 · Completed 1" in desk.get(url).content.decode()


def test_list_costs_as_many_queries_for_many_courses(
    desk, busy_course, make_course, django_assert_max_num_queries
):
    for number in range(20):
        make_course(title=f"Course {number}")

    with django_assert_max_num_queries(12):
        desk.get(CHANGELIST)
