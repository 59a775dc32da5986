"""What a page of the desk said is what happens, or nothing: for every page that asks to confirm."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from apps.courses.models import Course
from apps.events.models import Delivery
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments.models import Payment, Refund
from elearning.bulk.models import BulkItem, BulkJob
from elearning.bulk.services import run_next_job
from tests.forms import agreed_on
from tests.security.test_audit_log import BUTTONS, school

__all__ = ["school"]

REGISTERED = {model._meta.label_lower.replace(".", "_"): model for model in admin.site._registry}


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def paid(alice, make_course, enroll, pay):
    """Alice has paid 60,000 won for a course that starts tomorrow for six days."""
    tomorrow = timezone.now() + timedelta(days=1)
    course_id = make_course(
        price_minor=60_000, starts_at=tomorrow, ends_at=tomorrow + timedelta(days=6)
    )
    enrollment_id = enroll(alice, course_id)
    pay(enrollment_id, alice)
    return enrollment_id


def button_of(model, name, pk):
    return reverse(f"admin:{model}_{name}", args=[pk])


def test_cancellation_refunds_what_was_said_or_nothing_when_the_refund_falls(
    desk, alice, make_course, enroll, pay
):
    course_id = make_course(price_minor=60_000)
    enrollment_id = enroll(alice, course_id)
    pay(enrollment_id, alice)
    address = button_of("lectures_enrollment", "cancel_enrollment", enrollment_id)
    agreed = agreed_on(desk, address)  # all of it
    lesson_id = Course.objects.get().lessons.first().pk
    lectures.complete_lesson(enrollment_id=enrollment_id, student_id=alice.pk, lesson_id=lesson_id)

    answer = desk.post(address, agreed)

    assert answer.status_code == 409
    assert "₩40,000" in answer.text
    assert "nothing was done" in answer.text
    assert Enrollment.objects.get().status == "approved"
    assert desk.post(address, agreed_on(desk, address)).status_code == 302
    assert Refund.objects.get().amount_minor == 40_000


WITHDRAWALS = ["courses_course_withdraw_course", "courses_course_delete"]


@pytest.mark.parametrize("page", WITHDRAWALS)
def test_withdrawal_agreed_for_one_enrollment_does_not_refund_two(
    desk, paid, bob, enroll, pay, page
):
    course_id = Course.objects.get().pk
    address = reverse(f"admin:{page}", args=[course_id])
    agreed = agreed_on(desk, address)
    pay(enroll(bob, course_id), bob)

    answer = desk.post(address, {"post": "yes", **agreed})

    assert answer.status_code == 409
    assert "2 enrollments are cancelled" in answer.text
    assert Course.objects.get().status == "open"
    desk.post(address, {"post": "yes", **agreed_on(desk, address)})
    assert Course.objects.get().status == "withdrawn"


@pytest.mark.parametrize(("model", "button", "key", "answers", "_table"), BUTTONS)
def test_button_does_nothing_when_its_facts_do_not_hold(
    desk, school, model, button, key, answers, _table
):
    """The table is that of the audit log; that it holds every button, the next test says."""
    if button == "confirm_transfer":
        address = button_of("payments_payment", "mark_as_paid", school["payment"])
        desk.post(address, agreed_on(desk, address))
        lectures.cancel_enrollment(enrollment_id=school["requested"], student_id=None)
        pk, answers = Refund.objects.get().pk, {"transfer_reference": "2026-1"}
    else:
        pk = school[key]
    rows = REGISTERED[model]._default_manager.filter(pk=pk)
    before = rows.values().get()

    for agreed in ({}, {"agreed": "0" * 32}):
        answer = desk.post(button_of(model, button, pk), {**answers, **agreed})
        assert answer.status_code == 409

    assert rows.values().get() == before


def test_every_button_is_in_the_table():
    offered = {
        (name, button)
        for name, model in REGISTERED.items()
        for button in getattr(admin.site._registry[model], "actions_detail", [])
    }

    assert offered == {(model, button) for model, button, *_more in BUTTONS}


def test_group_is_deleted_with_what_its_page_listed_only(desk, alice):
    group = Group.objects.create(name="Editors")
    address = reverse("admin:auth_group_delete", args=[group.pk])
    agreed = agreed_on(desk, address)
    alice.groups.add(group)

    assert desk.post(address, {"post": "yes", **agreed}).status_code == 409
    assert Group.objects.exists()
    desk.post(address, {"post": "yes", **agreed_on(desk, address)})
    assert not Group.objects.exists()


def draft(desk, action, ids, model="lectures_enrollment"):
    chosen = {"action": action, "_selected_action": ids}
    desk.post(reverse(f"admin:{model}_changelist"), chosen)
    job = BulkJob.objects.latest("pk")
    return job, reverse("admin:elearning_bulkjob_change", args=[job.pk])


def start(desk, job, agreed):
    return desk.post(reverse("admin:elearning_bulkjob_start", args=[job.pk]), agreed, follow=True)


def test_bulk_job_is_not_started_when_its_sums_have_changed(desk, alice, make_course, enroll, pay):
    enrollment_id = enroll(alice, make_course(refund_policy="full"))
    job, page = draft(desk, "cancel_enrollments", [enrollment_id])
    agreed = agreed_on(desk, page)
    pay(enrollment_id, alice)

    for stale in (agreed, {}):
        answer = start(desk, job, stale)
        assert "nothing was done" in answer.text
        assert "₩50,000 is refunded" in answer.text
        assert BulkJob.objects.get().status == "draft"
    start(desk, job, agreed_on(desk, page))
    assert BulkJob.objects.get().status == "running"


def test_bulk_item_is_refused_when_its_facts_change_after_the_start(
    desk, alice, bob, make_course, enroll, pay
):
    course_id = make_course(refund_policy="none")
    ids = [enroll(student, course_id) for student in (alice, bob)]
    job, page = draft(desk, "cancel_enrollments", ids)
    start(desk, job, agreed_on(desk, page))
    pay(ids[0], alice)

    while run_next_job():
        pass

    assert list(BulkItem.objects.order_by("position").values_list("status", flat=True)) == [
        "refused",
        "done",
    ]
    assert Enrollment.objects.get(pk=ids[0]).status == "approved"


@pytest.mark.parametrize(
    ("action", "model"),
    [
        ("complete_enrollments", "lectures_enrollment"),
        ("approve_payments", "payments_payment"),
        ("withdraw_courses", "courses_course"),
        ("close_courses", "courses_course"),
        ("open_courses", "courses_course"),
        ("retry_deliveries", "events_delivery"),
    ],
)
def test_every_bulk_action_holds_each_item_to_what_was_agreed(
    desk, alice, make_course, enroll, action, model
):
    enroll(alice, make_course(opened=True))
    ids = {
        "lectures_enrollment": Enrollment, "payments_payment": Payment,
        "courses_course": Course, "events_delivery": Delivery,
    }[model].objects.values_list("pk", flat=True)[:1]  # fmt: skip
    job, page = draft(desk, action, list(ids), model)

    start(desk, job, agreed_on(desk, page))

    assert all("agreed" in item.facts for item in BulkItem.objects.all())


def test_completion_agreed_for_an_unpaid_row_is_refused(desk, alice, make_course, enroll, pay):
    """The page said that the row does not allow it: paid meanwhile, it is looked at again."""
    enrollment_id = enroll(alice, make_course())
    job, page = draft(desk, "complete_enrollments", [enrollment_id])
    start(desk, job, agreed_on(desk, page))
    pay(enrollment_id, alice)

    while run_next_job():
        pass

    assert BulkItem.objects.get().status == "refused"
    assert Enrollment.objects.get().status == "approved"
