"""The desk under load: lists and files cost the same however many rows they hold."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.certification.models import Certificate
from apps.events.models import Delivery
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments import services as payments
from apps.payments.models import Payment, SandboxSwitch
from apps.students import services as students
from apps.students.models import SentEmail
from elearning.bulk.models import BulkJob
from elearning.demo.clock import clock_at
from foundation.batches.models import BatchFailure
from foundation.invariants.models import InvariantCheck
from tests.conftest import make_user

pytestmark = pytest.mark.django_db

LISTS = [model for model in admin.site._registry if model is not SandboxSwitch]


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def grow(make_course, enroll, pay, learn, deliver_all, desk):
    """Add rows to every list of the desk: each call a course with two students of its own."""
    numbers = count(1)

    def act():
        number = next(numbers)
        course_id = make_course(title=f"Course {number}", refund_policy="full", capacity=2)
        done, gone, waits = (
            make_user(f"{name}{number}@example.com", f"{name} {number}")
            for name in ("done", "gone", "waits")
        )
        first, second = enroll(done, course_id), enroll(gone, course_id)
        lectures.join_waiting_list(student_id=waits.pk, course_id=course_id)
        pay(first, done), pay(second, gone)
        learn(first, done)
        lectures.write_review(enrollment_id=first, student_id=done.pk, rating=4, text="Good")
        lectures.cancel_enrollment(enrollment_id=second, student_id=gone.pk)
        students.count_log_in(email=done.email, address=f"192.0.2.{number}")
        choose(desk, first)
        deliver_all()
        payments.retry_refunds()
        BatchFailure.objects.create(batch="a test", row=str(BatchFailure.objects.count()))
        InvariantCheck.objects.create(
            name=f"a test {InvariantCheck.objects.count()}", state="holds"
        )
        Group.objects.create(name=f"Group {number}")

    return act


def choose(desk, enrollment_id):
    address = reverse("admin:lectures_enrollment_changelist")
    chosen = {"action": "complete_enrollments", "_selected_action": [enrollment_id]}
    assert desk.post(address, chosen).status_code == 302


def measure(desk):
    """Return by list and by file how many statements it takes."""
    taken = {}
    for model in LISTS:
        names = (model._meta.app_label, model._meta.model_name)
        pages = {
            "list": reverse("admin:{}_{}_changelist".format(*names)),
            "file": reverse("desk_export_list", args=names),
        }
        for kind, address in pages.items():
            with CaptureQueriesContext(connection) as queries:
                answer = desk.get(address)
                assert answer.status_code == 200
                b"".join(answer) if answer.streaming else answer.content
            taken[f"{model._meta.label_lower} {kind}"] = len(queries)
    return taken


def test_no_list_and_no_file_takes_more_statements_for_more_rows(desk, grow):
    grow()
    measure(desk)  # what is read once per process
    few, rows = measure(desk), {model: model.objects.count() for model in LISTS}
    for _ in range(3):
        grow()
    many = measure(desk)

    still = [model for model in LISTS if model.objects.count() <= rows[model]]
    assert still == [], "a list that has not grown says nothing"
    assert {name: (few[name], many[name]) for name in few if many[name] > few[name]} == {}


# --- numbers and names ----------------------------------------------------------------------------


def found(desk, model, term):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return {row.pk for row in desk.get(address, {"q": term}).context["cl"].result_list}


def test_numbers_that_the_desk_shows_can_be_searched(desk, grow):
    grow()
    grow()
    enrollment, job = Enrollment.objects.first(), BulkJob.objects.first()

    assert enrollment.pk in found(desk, Enrollment, f"#{enrollment.pk}")
    assert enrollment.pk in found(desk, Enrollment, str(enrollment.pk))
    assert job.pk in found(desk, BulkJob, f"#{job.pk}")
    assert found(desk, Enrollment, "#999999") == set()
    assert found(desk, Enrollment, "9" * 30) == set()
    assert found(desk, Enrollment, "gone 1") == {Enrollment.objects.get(student__name="gone 1").pk}


@pytest.mark.parametrize(
    ("model", "page"),
    [
        (Enrollment, "admin:lectures_enrollment_cancel_enrollment"),
        (Enrollment, "admin:lectures_enrollment_complete_enrollment"),
        (Payment, "admin:payments_payment_mark_as_paid"),
    ],
)
def test_page_that_asks_names_the_student_and_the_course(
    desk, alice, make_course, enroll, pay, model, page
):
    enrollment_id = enroll(alice, make_course(title="Pottery"))
    if model is Enrollment:
        pay(enrollment_id, alice)

    text = desk.get(reverse(page, args=[model.objects.get().pk])).text.split("</title>")[1]

    assert "Alice Kim" in text
    assert "Pottery" in text


@pytest.mark.parametrize(
    ("model", "page"),
    [
        (Certificate, "admin:certification_certificate_reissue"),
        (Certificate, "admin:certification_certificate_revoke"),
        (SentEmail, "admin:students_sentemail_send_again"),
        (Delivery, "admin:events_delivery_retry_delivery"),
    ],
)
def test_page_that_asks_about_what_follows_names_the_student_and_the_course(
    desk, alice, make_course, enroll, pay, learn, deliver_all, model, page
):
    lecture_id = enroll(alice, make_course(title="Pottery"))
    pay(lecture_id, alice)
    learn(lecture_id, alice)
    deliver_all()
    row = model.objects.order_by("-pk").first()
    if model is Delivery:
        row = put_aside(Delivery.objects.filter(event__name="lectures.enrollment_completed.v1")[0])

    text = desk.get(reverse(page, args=[row.pk])).text.split("</title>")[1]

    assert "Alice Kim" in text
    assert "Pottery" in text


def put_aside(delivery):
    """As after the last attempt, of a delivery that is in truth done."""
    copy = Delivery(event=delivery.event, subscriber="tests.again", queue=delivery.queue)
    copy.put_aside(error="It failed.")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        copy.save()
        cursor.execute("SET LOCAL session_replication_role = origin")
    return copy


def test_courses_are_found_in_the_filter_by_typing(desk, make_course):
    """The filter holds no course of its own: it asks for those whose title is typed."""
    for number in range(3):
        make_course(title=f"Course {number}")
    make_course(title="Pottery")
    page = desk.get(reverse("admin:lectures_enrollment_changelist")).text
    asked = {"app_label": "lectures", "model_name": "enrollment", "field_name": "course"}

    answer = desk.get(reverse("admin:autocomplete"), asked | {"term": "potte"}).json()

    assert "unfold-filter-autocomplete" in page
    assert "select2" in page
    assert "Course 1" not in page
    assert [course["text"] for course in answer["results"]] == ["Pottery"]


# --- cards ----------------------------------------------------------------------------------------


def test_each_card_leads_to_the_list_that_it_counts(
    desk, alice, bob, mallory, make_course, enroll, pay, learn
):
    now = datetime(2026, 3, 18, 3, tzinfo=UTC)
    old, new = make_course(title="Old"), make_course(title="New", refund_policy="full")
    with clock_at(now - timedelta(days=40)):
        long_ago = enroll(alice, old)
        pay(long_ago, alice)
        learn(long_ago, alice)
    with clock_at(now - timedelta(hours=2)):
        for student in (alice, bob):
            pay(enroll(student, new), student)
        learn(Enrollment.objects.get(student=alice, course_id=new).pk, alice)
        enroll(mallory, new)
        refunded = Enrollment.objects.get(student=bob)
        lectures.cancel_enrollment(enrollment_id=refunded.pk, student_id=bob.pk)
    with clock_at(now):
        page = desk.get("/admin/", {"period": "7"})
        counted = {
            card.label: (card.value, desk.get(card.url).context["cl"].result_count)
            for group in ("today", "standing", "cards")
            for card in page.context[group]
            if card.url and card.value.replace(",", "").isdecimal()
        }

    assert len(counted) >= 6
    assert counted["Completions"] == ("1", 1)
    assert counted["Refunds not yet made"] == ("1", 1)
    counted.pop("Seats taken")  # counts seats, of the courses that it leads to
    assert {label: pair for label, pair in counted.items() if pair[0] != str(pair[1])} == {}
