"""Bulk jobs: confirmed with counts and sums, done item by item, resumable, read afterwards."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.courses import services as courses
from apps.courses.models import Course
from apps.events.models import Delivery
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments.models import Payment, Refund
from elearning.bulk import forgetting, services
from elearning.bulk.models import BulkItem, BulkJob
from elearning.models import AuditEntry
from foundation.desk import lists
from tests.conftest import make_user
from tests.forms import agreed_on

LISTS = {
    "cancel_enrollments": "lectures_enrollment",
    "complete_enrollments": "lectures_enrollment",
    "approve_payments": "payments_payment",
    "open_courses": "courses_course",
    "close_courses": "courses_course",
    "withdraw_courses": "courses_course",
    "retry_deliveries": "events_delivery",
}


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def crowd(make_course, enroll, pay):
    """Seven enrollments of a course: five paid, one not, one cancelled already."""
    course_id = make_course(price_minor=50_000, refund_policy="full")
    students = [make_user(f"s{n}@example.com", f"학생 {n}") for n in range(7)]
    ids = [enroll(student, course_id) for student in students]
    for enrollment_id, student in zip(ids[:5], students, strict=False):
        pay(enrollment_id, student)
    lectures.cancel_enrollment(enrollment_id=ids[6], student_id=students[6].pk)
    return ids


def choose(client, action, ids, *, follow=True, **more):
    url = reverse(f"admin:{LISTS[action]}_changelist")
    chosen = {"action": action, "_selected_action": ids}
    return client.post(url, chosen | more, follow=follow)


def press(client, button, job=None):
    job = job or BulkJob.objects.get()
    agreed = agreed_on(client, reverse("admin:elearning_bulkjob_change", args=[job.pk]))
    address = reverse(f"admin:elearning_bulkjob_{button}", args=[job.pk])
    return client.post(address, agreed, follow=True)


def run_all():
    while services.run_next_job():
        pass


def messages_of(job=None):
    items = BulkItem.objects.order_by("position")
    return list(items.values_list("status", "message"))


def statuses():
    return sorted(Enrollment.objects.values_list("status", flat=True))


def test_chosen_rows_become_a_draft_that_says_the_consequences_and_changes_nothing(desk, crowd):
    page = choose(desk, "cancel_enrollments", crowd)

    assert [str(warning) for warning in page.context["warnings"]] == [
        "6 enrollments are cancelled, and their seats become free.",
        "₩250,000 is refunded, as the agreed policies say.",
        "1 chosen row does not allow it: it is listed as refused, and nothing changes in it.",
    ]
    run_all()
    assert statuses() == ["approved"] * 5 + ["cancelled", "requested"]


def test_started_job_does_every_item_by_its_service_and_says_why_it_refused(desk, crowd):
    choose(desk, "cancel_enrollments", crowd)
    press(desk, "start")
    assert statuses().count("cancelled") == 1  # the worker does it, not the request
    run_all()

    assert statuses() == ["cancelled"] * 7
    assert messages_of() == [("done", "Cancelled. Refund: ₩50,000.")] * 5 + [
        ("done", "Cancelled. Nothing is refunded."),
        ("refused", "This enrollment has been cancelled already."),
    ]
    assert Refund.objects.count() == 5
    page = desk.get(reverse("admin:elearning_bulkjob_change", args=[BulkJob.objects.get().pk]))
    assert "This enrollment has been cancelled already." in page.content.decode()
    assert 'hx-trigger="every' not in page.content.decode()


def test_every_item_is_in_the_audit_log_under_its_starter(desk, carol, crowd):
    choose(desk, "cancel_enrollments", crowd[:2])
    press(desk, "start")
    run_all()

    entries = AuditEntry.objects.filter(table="lectures_enrollment", who_id=carol.pk)
    assert set(entries.values_list("row_id", "what")) == {
        (str(pk), "Cancel the chosen enrollments") for pk in crowd[:2]
    }


@pytest.mark.django_db(transaction=True)
def test_job_goes_on_where_a_killed_worker_left_it(desk, crowd, monkeypatch):
    choose(desk, "cancel_enrollments", crowd[:5])
    press(desk, "start")

    def die(point):
        raise KeyboardInterrupt  # nothing in the worker catches it

    with monkeypatch.context() as patched:
        patched.setattr(services, "reach", die)
        with pytest.raises(KeyboardInterrupt):
            services.run_next_job()
    assert statuses().count("cancelled") == 2  # done, and not yet noted as done
    assert not BulkItem.objects.filter(status="done").exists()
    BulkJob.objects.update(leased_until=None)
    run_all()

    assert [status for status, _message in messages_of()] == ["done"] * 5
    assert Refund.objects.count() == 5
    assert BulkJob.objects.get().status == "finished"


def test_lease_keeps_other_workers_off_until_it_runs_out(desk, crowd):
    choose(desk, "cancel_enrollments", crowd[:1])
    press(desk, "start")
    BulkJob.objects.update(leased_until=timezone.now() + timedelta(seconds=30))

    assert not services.run_next_job()
    BulkJob.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert services.run_next_job()


def test_long_job_is_cut_into_stretches(desk, crowd, settings):
    settings.BULK_BUDGET_SECONDS = 0
    choose(desk, "cancel_enrollments", crowd)
    press(desk, "start")
    services.run_next_job()

    assert BulkJob.objects.get().status == "running"
    settings.BULK_BUDGET_SECONDS = 10
    run_all()
    assert BulkJob.objects.get().status == "finished"


def test_item_that_breaks_is_tried_three_times_and_stops_nobody_else(desk, crowd, monkeypatch):
    choose(desk, "cancel_enrollments", crowd[:3])
    press(desk, "start")
    broken = lectures.cancel_enrollment

    def cancel(*, enrollment_id, student_id, agreed):
        if enrollment_id == crowd[0]:
            raise ValueError("our mistake")
        return broken(enrollment_id=enrollment_id, student_id=student_id, agreed=agreed)

    monkeypatch.setattr(lectures, "cancel_enrollment", cancel)
    run_all()

    [first, *others] = messages_of()
    assert first[0] == "failed"
    assert "our mistake" not in first[1]
    assert [status for status, _message in others] == ["done", "done"]


def test_stopped_job_leaves_the_rest_alone(desk, crowd, settings):
    choose(desk, "cancel_enrollments", crowd[:5])
    press(desk, "start")
    press(desk, "stop")
    run_all()

    assert statuses().count("cancelled") == 1
    assert BulkJob.objects.get().status == "stopped"
    again = press(desk, "start")
    assert "the state has changed" in again.content.decode()


def test_draft_is_discarded_without_a_trace(desk, crowd):
    choose(desk, "cancel_enrollments", crowd)
    press(desk, "discard")

    assert not BulkJob.objects.exists()
    assert statuses().count("cancelled") == 1


def test_progress_is_polled_while_the_job_runs(desk, crowd):
    choose(desk, "cancel_enrollments", crowd)
    page = press(desk, "start").content.decode()
    url = reverse("admin:elearning_bulkjob_progress", args=[BulkJob.objects.get().pk])

    assert f'hx-get="{url}" hx-trigger="every 1s"' in page
    assert "0 / 7" in desk.get(url).content.decode()
    run_all()
    after = desk.get(url).content.decode()
    assert "7 / 7" in after
    assert 'hx-trigger="every' not in after


def test_outcomes_are_a_safe_csv_file(desk, alice, make_course, enroll):
    courses.withdraw_course(course_id=make_course(title="=1+1"))
    choose(desk, "withdraw_courses", [Course.objects.get().pk])
    press(desk, "start")
    run_all()
    url = reverse("admin:elearning_bulkjob_outcomes", args=[BulkJob.objects.get().pk])
    text = b"".join(desk.get(url).streaming_content).decode()

    [_header, row] = csv.reader(io.StringIO(text))
    assert row[1:3] == ["'=1+1", "Refused"]


def test_payments_that_came_by_bank_transfer_are_approved(desk, crowd):
    ids = list(Payment.objects.order_by("pk").values_list("pk", flat=True))
    page = choose(desk, "approve_payments", ids)

    warnings = [str(warning) for warning in page.context["warnings"]]
    assert warnings[0].startswith("1 payment is booked as paid")
    assert "₩50,000 has arrived" in warnings[1]
    press(desk, "start")
    run_all()
    assert Enrollment.objects.get(pk=crowd[5]).status == "approved"
    assert [status for status, _message in messages_of()].count("done") == 1


def test_courses_are_closed_opened_and_withdrawn(desk, make_course, deliver_all, alice, enroll):
    ids = [make_course(title=f"Course {n}") for n in range(3)]
    enroll(alice, ids[0])
    for action, status in (
        ("close_courses", "closed"),
        ("open_courses", "open"),
        ("withdraw_courses", "withdrawn"),
    ):
        choose(desk, action, ids)
        press(desk, "start", BulkJob.objects.latest("pk"))
        run_all()
        assert set(Course.objects.values_list("status", flat=True)) == {status}
    deliver_all()
    assert Enrollment.objects.get().status == "cancelled"


def test_dead_deliveries_are_sent_again(desk, crowd):
    delivery = Delivery.objects.first()
    delivery.put_aside(error="boom")
    delivery.save()
    others = list(Delivery.objects.exclude(pk=delivery.pk).values_list("pk", flat=True)[:2])
    page = choose(desk, "retry_deliveries", [delivery.pk, *others])
    assert str(page.context["warnings"][0]).startswith("1 delivery is tried again")
    press(desk, "start")
    run_all()

    assert Delivery.objects.get(pk=delivery.pk).status == "pending"
    assert sorted(status for status, _message in messages_of()) == ["done", "refused", "refused"]


def test_completing_is_refused_where_nothing_is_paid(desk, crowd):
    choose(desk, "complete_enrollments", crowd)
    press(desk, "start")
    run_all()

    assert statuses() == ["cancelled"] + ["completed"] * 5 + ["requested"]


def test_rows_across_all_pages_are_taken(desk, crowd):
    choose(desk, "cancel_enrollments", crowd[:1], select_across="1")

    assert BulkItem.objects.count() == 7


@pytest.fixture
def limit(monkeypatch):
    """Let the actions in the list of enrollments take three rows at most."""
    model = "lectures.enrollment"
    actions = [replace(action, max_rows=3) for action in lists.list_actions(model)]
    monkeypatch.setitem(lists._list_actions, model, actions)


def test_more_than_the_limit_is_refused_before_anything_is_read(desk, crowd, limit):
    with CaptureQueriesContext(connection) as queries:
        page = choose(desk, "cancel_enrollments", crowd[:1], select_across="1", follow=False)

    counted = [query["sql"] for query in queries if "LIMIT 4" in query["sql"]]
    assert len(counted) == 1
    assert counted[0].startswith("SELECT COUNT(*)")
    read = [query for query in queries if '"lectures_enrollment"."price_minor"' in query["sql"]]
    assert len(read) == 1  # the page of the list, not what was chosen
    assert "at most 3 rows at once" in desk.get(page.url).text
    assert not BulkJob.objects.exists()


def test_list_says_how_many_rows_an_action_takes_instead_of_offering_all(desk, crowd, limit):
    address = reverse("admin:lectures_enrollment_changelist")
    all_rows = desk.get(address).text
    few_rows = desk.get(address, {"status__exact": "requested"}).text

    assert "An action takes at most 3 rows at once. Filter the list" in all_rows
    assert "Filter the list" not in few_rows


@pytest.mark.parametrize("action", LISTS)
def test_action_is_offered_to_those_with_its_right_only(client, staff_with, action):
    app_label, model = LISTS[action].split("_")
    client.force_login(staff_with(f"{app_label}.view_{model}"))
    choose(client, action, [1])

    assert not BulkJob.objects.exists()
    assert action not in client.get(f"/admin/{app_label}/{model}/").content.decode()


def test_starter_who_lost_the_right_is_stopped_by_the_worker(client, staff_with, crowd):
    dave = staff_with("lectures.view_enrollment", "lectures.change_enrollment")
    client.force_login(dave)
    choose(client, "cancel_enrollments", crowd)
    press(client, "start")
    dave.user_permissions.clear()
    run_all()

    assert statuses().count("cancelled") == 1
    assert {status for status, _message in messages_of()} == {"refused"}


def test_job_belongs_to_its_starter(client, carol, staff_with, crowd, mallory):
    client.force_login(carol)
    choose(client, "cancel_enrollments", crowd)
    job = BulkJob.objects.get()
    urls = [reverse("admin:elearning_bulkjob_change", args=[job.pk])]
    urls += [
        reverse(f"admin:elearning_bulkjob_{page}", args=[job.pk])
        for page in ("progress", "outcomes")
    ]

    client.force_login(staff_with("lectures.change_enrollment"))
    assert {client.get(url).status_code for url in urls} <= {302, 403, 404}
    for button in ("start", "stop", "discard"):
        assert press(client, button, job).status_code in {403, 404}
    client.force_login(mallory)
    assert {client.get(url).status_code for url in urls} == {302}
    assert BulkJob.objects.get().status == "draft"


def test_old_drafts_and_jobs_are_forgotten_with_the_names_in_them(desk, crowd):
    choose(desk, "cancel_enrollments", crowd)
    BulkJob.objects.update(created_at=timezone.now() - timedelta(days=2))
    choose(desk, "cancel_enrollments", crowd)
    forgetting.forget_old_jobs()

    assert BulkJob.objects.count() == 1
