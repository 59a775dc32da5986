"""``PAYMENT_GATEWAY=none``: a school of free courses, legal in production."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from rest_framework.test import APIClient

from apps.courses import queries as courses_queries
from apps.courses import services as courses
from apps.courses.models import Course
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment, WaitingListEntry
from apps.lectures.services.refusals import PaidCoursesUnavailable
from apps.payments import services as payments
from apps.payments.gateways import _GATEWAYS
from apps.payments.models import Charge, Payment
from elearning.bulk.kinds import kind_named
from elearning.bulk.models import BulkItem
from elearning.bulk.services import NewItem, draft_job, run_next_job
from elearning.imports.checking import check_rows
from elearning.imports.reading import FileRow
from elearning.settings.business import PAYMENT_GATEWAYS
from tests.forms import start_job

pytestmark = pytest.mark.django_db
WHY = "takes no payments"


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def no_payments(settings):
    settings.PAYMENT_GATEWAY, settings.PAYMENTS_ENABLED = "none", False


@pytest.fixture
def priced(make_course, no_payments):
    return make_course(opened=False)


@pytest.fixture
def open_priced(make_course, settings):
    """A priced course that was opened while there was a gateway."""
    course_id = make_course(title="Advanced SQL")
    settings.PAYMENT_GATEWAY, settings.PAYMENTS_ENABLED = "none", False
    return course_id


@pytest.fixture
def staff_api(carol):
    client = APIClient()
    client.force_authenticate(carol)
    return client


def status(course_id):
    return Course.objects.get(pk=course_id).status


def test_gateways_of_the_setting_are_those_of_the_code():
    assert sorted(PAYMENT_GATEWAYS) == sorted({"none", *_GATEWAYS})


def test_service_refuses_to_open_a_priced_course(priced):
    with pytest.raises(courses.PaymentsDisabled, match=WHY):
        courses.open_course(course_id=priced)

    assert status(priced) == "draft"


@pytest.mark.parametrize(
    ("method", "body"), [("post", {"title": "SQL", "price_minor": 1, "status": "open"}),
                         ("patch", {"status": "open"})],
)  # fmt: skip
def test_api_refuses_to_open_a_priced_course(staff_api, priced, method, body):
    address = "/api/v1/courses/" + (f"{priced}/" if method == "patch" else "")

    answer = getattr(staff_api, method)(address, body)

    assert (answer.status_code, answer.json()["code"]) == (409, "payments_disabled")
    assert "Set the price to 0" in answer.json()["detail"]
    assert not Course.objects.filter(status="open").exists()


def test_desk_refuses_to_open_a_priced_course(client, carol, priced):
    client.force_login(carol)

    page = client.post(reverse("admin:courses_course_open_course", args=[priced]), follow=True)

    assert status(priced) == "draft"
    assert "PAYMENT_GATEWAY=none" in page.text


def test_bulk_action_refuses_to_open_a_priced_course(priced, carol):
    kind = kind_named("open_courses")
    job = draft_job(kind=kind, started_by_id=carol.pk, items=[NewItem("SQL", {"id": priced})])
    start_job(job)

    while run_next_job():
        pass

    item = BulkItem.objects.get(job_id=job)
    assert (item.status, status(priced)) == ("refused", "draft")
    assert WHY in item.message


def test_free_course_is_sold_as_ever(no_payments, make_course, enroll, alice):
    enrollment_id = enroll(alice, make_course(price_minor=0))

    assert Enrollment.objects.get(pk=enrollment_id).status == "approved"


def test_open_free_course_gets_no_price(staff_api, no_payments, make_course):
    course_id = make_course(price_minor=0)

    answer = staff_api.patch(f"/api/v1/courses/{course_id}/", {"price_minor": 5000})

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["price_minor"]
    assert WHY in answer.json()["errors"][0]["message"]
    assert Course.objects.get(pk=course_id).price_minor == 0


def test_open_priced_course_can_still_be_corrected(staff_api, open_priced):
    answer = staff_api.patch(f"/api/v1/courses/{open_priced}/", {"summary": "Corrected."})

    assert (answer.status_code, answer.json()["availability"]) == (200, "closed")


def test_open_priced_course_enrolls_nobody(client, alice, open_priced):
    with pytest.raises(PaidCoursesUnavailable):
        lectures.request_enrollment(student_id=alice.pk, course_id=open_priced)
    with pytest.raises(PaidCoursesUnavailable):
        lectures.join_waiting_list(student_id=alice.pk, course_id=open_priced)

    client.force_login(alice)
    page = client.get(reverse("courses:course", args=[Course.objects.get().slug])).text
    assert "does not take payments" in page
    assert reverse("lectures:enroll") not in page
    assert not Enrollment.objects.exists()
    assert [c.pk for c in courses_queries.catalogue(availability="open")] == []


def test_import_names_the_reason(open_priced):
    row = FileRow(number=2, values={
        "email": "new@example.com", "name": "New", "course": Course.objects.get().slug,
    })  # fmt: skip

    (item,) = check_rows([row], now=timezone.now())

    assert WHY in item.refusal


def test_waiting_list_rests_until_payments_are_taken_again(
    make_course, enroll, alice, bob, settings
):
    course_id = make_course(capacity=1)
    held = enroll(alice, course_id)
    entry = lectures.join_waiting_list(student_id=bob.pk, course_id=course_id)
    settings.PAYMENTS_ENABLED = False

    lectures.cancel_enrollment(enrollment_id=held, student_id=alice.pk)
    lectures.keep_waiting_lists()

    assert WaitingListEntry.objects.get(pk=entry).status == "waiting"
    settings.PAYMENTS_ENABLED = True
    lectures.keep_waiting_lists()
    assert WaitingListEntry.objects.get(pk=entry).status == "offered"


def test_payment_that_is_owed_is_not_charged(client, make_course, enroll, alice, settings):
    enrollment_id = enroll(alice, make_course())
    settings.PAYMENT_GATEWAY, settings.PAYMENTS_ENABLED = "none", False
    client.force_login(alice)
    payment = Payment.objects.get()

    with pytest.raises(payments.PaymentsDisabled):
        payments.charge_payment(payment_id=payment.pk, payer_id=alice.pk, token="tok_approved")
    page = client.get(f"/lectures/{enrollment_id}/checkout/").text

    assert "does not take payments" in page
    assert 'name="token"' not in page
    assert (Charge.objects.count(), Payment.objects.get().status) == (0, "pending")


def test_captures_of_a_former_gateway_are_still_reconciled(
    make_course, enroll, pay, alice, settings
):
    pay(enroll(alice, make_course()), alice)
    settings.PAYMENT_GATEWAY, settings.PAYMENTS_ENABLED = "none", False

    report = payments.reconcile(look_back=timedelta(days=1))

    assert (report.gateway_answered, report.unknown_keys, report.failed) == (True, [], [])


def test_demo_needs_the_sandbox(no_payments):
    from elearning.demo.world import DemoRefused, build_demo_school

    with pytest.raises(DemoRefused, match="sandbox"):
        build_demo_school()
    assert not Course.objects.exists()
