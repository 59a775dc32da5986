"""What staff do is recorded by the database, whatever the way, and nobody can change the record."""

import re
from datetime import timedelta
from getpass import getuser

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from apps import acting
from apps.certification.models import Certificate
from apps.courses.models import Course, Lesson
from apps.events.models import Delivery
from apps.lectures.models import Enrollment
from apps.payments.models import Payment, Refund
from apps.refusals import TooManyTries
from apps.students import services
from apps.students.models import SentEmail, TryCount, User
from elearning import command_line
from elearning.bulk import services as bulk
from elearning.bulk.models import BulkJob
from elearning.models import AuditEntry
from foundation.batches.models import BatchFailure
from tests.conftest import PASSWORD, make_user
from tests.forms import agreed_on, confirm

UNWATCHED = {
    "courses_formeraddress": "follows from the course's slug, which is watched",
    "text_searchtext": "written by triggers, of columns that are watched",
    "account_emailconfirmation": "keys of links in e-mails; staff make none",
    "auth_permission": "made by migrations",
    "django_admin_log": "Django's own log of the desk; this one is what counts",
    "django_content_type": "made by migrations",
    "django_session": "log-ins, of which the log-in keeps its own record",
    "elearning_auditentry": "the log itself",
    "elearning_bulkitem": "what each did is recorded in the rows it changed, its job is watched",
    "elearning_idempotentrequest": "sealed answers, for 24 hours",
    "elearning_importedfile": "the file of a draft, of which the job is watched",
    "elearning_savedview": "bookmarks of staff, which change nothing",
    "invariants_invariantcheck": "written by the system only",
    "events_loggedevent": "append-only, and itself a record",
    "lectures_reminder": "written by the system only",
    "payments_sandboxtransaction": "the pretended gateway's own books",
    "students_emailchange": "what an owner changed and may take back; the account is watched",
    "students_historyentry": "a read model, rebuilt from the log",
    "students_mailswitch": "which reminders a person wants; staff choose for nobody else",
    "students_parting": "the last e-mail of who removed the account; staff make none",
    "students_staffsetuplink": "made by a command, used up by its owner; the account is watched",
    "students_timelineentry": "a read model, rebuilt from the log",
    "students_tokendetail": "what its owner calls a token; the token itself is watched",
    "students_verifiedtoken": "how a token was got; the token itself is watched",
    "usersessions_usersession": "where people are logged in, which the log-in itself notes",
    "students_waitingplace": "a read model, rebuilt from the log",
}
SECRETS = re.compile(r"password|secret|token|digest|(^|_)key$|^data$|^salt$")


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def school(alice, bob, make_course, enroll, pay, learn, deliver_all):
    """One row of everything that staff press a button on, by what the cases call it."""
    course = make_course(opened=False)
    paid, requested = enroll(alice, make_course()), enroll(bob, make_course())
    pay(paid, alice)
    certified = enroll(bob, make_course(price_minor=0))
    learn(certified, bob)
    deliver_all()
    enroll(alice, make_course())
    dead = Delivery.objects.filter(status="pending")[0]
    dead.put_aside(error="Traceback")
    dead.save()
    return {
        "course": course,
        "open": Enrollment.objects.get(pk=paid).course_id,
        "paid": paid,
        "requested": requested,
        "payment": Payment.objects.get(reference=f"lecture-{requested}").pk,
        "certificate": Certificate.objects.get().pk,
        "delivery": dead.pk,
        "failure": BatchFailure.objects.create(batch="a test", row="1").pk,
        "lockout": locked_out(alice).pk,
        "alice": with_second_factor(alice).pk,
        "mail": SentEmail.objects.filter(status="sent")[0].pk,
    }


def with_second_factor(user):
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    return user


def locked_out(user):
    try:
        while True:
            services.count_code(email=user.email)
    except TooManyTries:
        return TryCount.objects.get(user=user)


def entries(table):
    return AuditEntry.objects.filter(table=table)


def triggered():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, encode(tgargs, 'escape') FROM pg_trigger"
            " WHERE tgfoid = 'elearning_record_change'::regproc"
        )
        return {table: set(args.split("\\000")) - {""} for table, args in cursor.fetchall()}


def models():
    return apps.get_models(include_auto_created=True)


def test_every_table_is_watched_or_says_why_not(db):
    watched = triggered()
    missing = {model._meta.db_table for model in models()} - set(watched) - set(UNWATCHED)

    assert not missing, (
        f"Nothing records what staff change in {sorted(missing)}. Add a migration of elearning with"
        " `operations = [watch(<table>, hidden=[<columns of passwords and keys>])]` from"
        " apps.acting, or name the table in UNWATCHED with the reason."
    )
    assert not set(watched) & set(UNWATCHED)


def test_no_secret_is_recorded(db):
    hidden = triggered()
    told = {
        f"{model._meta.db_table}.{field.column}"
        for model in models()
        for field in model._meta.local_fields
        if field.column
        and SECRETS.search(field.column)  # a composite key has none
        and model._meta.db_table in hidden
        and field.column not in hidden[model._meta.db_table]
    }

    assert not told, f"Name these in `hidden` of the table's watch(): {sorted(told)}"


# What is pressed, on what, the answers given, and a table that must show it with what it says.
BUTTONS = [
    ("courses_course", "open_course", "course", {}, "courses_course"),
    ("courses_course", "close_course", "open", {}, "courses_course"),
    ("courses_course", "withdraw_course", "open", {}, "courses_course"),
    ("lectures_enrollment", "complete_enrollment", "paid", {}, "lectures_enrollment"),
    ("lectures_enrollment", "cancel_enrollment", "paid", {}, "payments_refund"),
    ("payments_payment", "mark_as_paid", "payment", {}, "payments_payment"),
    ("payments_refund", "confirm_transfer", None, {}, "payments_refund"),
    ("certification_certificate", "revoke", "certificate", {"reason": "Mistake"},
     "certification_certificate"),
    ("certification_certificate", "reissue", "certificate",
     {"student_name": "김수려", "reason": "Name"}, "certification_certificate"),
    ("events_delivery", "retry_delivery", "delivery", {}, "events_delivery"),
    ("batches_batchfailure", "try_again", "failure", {}, "batches_batchfailure"),
    ("students_trycount", "lift", "lockout", {}, "students_trycount"),
    ("students_user", "send_password_link", "alice", {}, "students_user"),
    ("students_user", "reset_second_factor", "alice", {}, "students_user"),
    ("students_sentemail", "send_again", "mail", {}, "students_sentemail"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "button", "key", "answers", "table"), BUTTONS)
def test_button_is_recorded(desk, carol, school, model, button, key, answers, table):
    if button == "confirm_transfer":
        address = f"/admin/payments/payment/{school['payment']}/mark_as_paid/"
        confirm(desk, address)
        confirm(desk, f"/admin/lectures/enrollment/{school['requested']}/cancel_enrollment/")
        pk, answers = Refund.objects.get().pk, {"transfer_reference": "2026-1"}
    else:
        pk = school[key]
    before = entries(table).count()

    address = reverse(f"admin:{model}_{button}", args=[pk])
    confirm(desk, address, answers, headers={"X-Request-ID": "r-1"})

    new = list(entries(table)[: entries(table).count() - before])
    assert new, f"{button} left no trace"
    for entry in new:
        assert (entry.who_id, entry.who) == (carol.pk, str(carol))
        assert (entry.origin, entry.request_id) == ("desk", "r-1")
        assert "_" not in entry.what  # the words of the button, not the name of its address
        assert entry.before != entry.after


def test_every_button_of_the_desk_is_in_the_table(db):
    offered = {
        (f"{m._meta.app_label}_{m._meta.model_name}", name)
        for m, model_admin in admin.site._registry.items()
        for name in model_admin.actions_detail
        if isinstance(name, str)
    }

    missing = offered - {(model, button) for model, button, *_ in BUTTONS}
    assert not missing, f"Add to BUTTONS what these record: {sorted(missing)}"


LIST_ACTIONS = [
    ("courses_course", "open_courses", "course", "courses_course"),
    ("courses_course", "close_courses", "open", "courses_course"),
    ("courses_course", "withdraw_courses", "open", "courses_course"),
    ("lectures_enrollment", "cancel_enrollments", "requested", "lectures_enrollment"),
    ("lectures_enrollment", "complete_enrollments", "paid", "lectures_enrollment"),
    ("payments_payment", "approve_payments", "payment", "payments_payment"),
    ("events_delivery", "retry_deliveries", "delivery", "events_delivery"),
]


@pytest.mark.parametrize(("model", "action", "key", "table"), LIST_ACTIONS)
def test_list_action_is_recorded_under_who_started_it(
    desk, carol, school, model, action, key, table
):
    before = entries(table).count()
    desk.post(
        reverse(f"admin:{model}_changelist"), {"action": action, "_selected_action": [school[key]]}
    )
    job_id = BulkJob.objects.get().pk
    agreed = agreed_on(desk, reverse("admin:elearning_bulkjob_change", args=[job_id]))
    desk.post(reverse("admin:elearning_bulkjob_start", args=[job_id]), agreed)
    while bulk.run_next_job():
        pass

    new = list(entries(table)[: entries(table).count() - before])
    assert new, f"{action} left no trace"
    for entry in new:
        assert entry.who_id == carol.pk
        assert "_" not in entry.what


def test_every_list_action_of_the_desk_is_in_the_table(rf, carol):
    request = rf.get("/admin/")
    request.user = carol
    offered = {
        (f"{m._meta.app_label}_{m._meta.model_name}", name)
        for m, model_admin in admin.site._registry.items()
        for name in model_admin.get_actions(request)
        if name != "delete_selected" or model_admin.has_delete_permission(request)
    }
    reads = {("auth_group", "delete_selected")}  # below, with the other forms of groups

    missing = offered - {(model, action) for model, action, *_ in LIST_ACTIONS} - reads
    assert not missing, f"Add to LIST_ACTIONS what these record: {sorted(missing)}"


def test_form_of_a_course_records_the_columns_that_differ(desk, make_course):
    course_id = make_course(lessons=1)
    page = desk.get(f"/admin/courses/course/{course_id}/change/")
    form, formset = page.context["adminform"].form, page.context["inline_admin_formsets"][0].formset
    given = {
        bound.html_name: "" if bound.value() is None else bound.value()
        for part in (form, formset.management_form, *formset.forms)
        for bound in part
    }
    given = {name: value for name, value in given.items() if value is not False and value}

    answer = desk.post(page.request["PATH_INFO"], given | {"summary": "새 요약"})

    assert answer.status_code == 302
    [entry] = entries("courses_course")
    assert (entry.before, entry.after) == ({"summary": ""}, {"summary": "새 요약"})
    assert not entries("courses_lesson").exists()  # saved again, but nothing differs


def test_granted_permissions_are_recorded(desk, alice):
    group = Group.objects.create(name="Office")
    granted = Permission.objects.get(codename="change_payment")
    desk.post(
        f"/admin/students/user/{alice.pk}/change/",
        {"name": "Alice", "language": "en", "is_active": "on", "is_staff": "on",
         "groups": [group.pk], "emailaddress_set-TOTAL_FORMS": 0,
         "emailaddress_set-INITIAL_FORMS": 0},
    )  # fmt: skip
    desk.post(
        f"/admin/auth/group/{group.pk}/change/", {"name": "Office", "permissions": [granted.pk]}
    )

    assert entries("students_user").get().after == {"name": "Alice", "is_staff": True}
    assert entries("students_user_groups").get().after["group_id"] == group.pk
    assert entries("auth_group_permissions").get().after["permission_id"] == granted.pk


def test_command_is_recorded_under_the_account_of_the_system(db):
    call_command("sandbox_gateway", "slow", "100")

    entry = entries("payments_sandboxswitch").get()
    assert (entry.origin, entry.what, entry.who_id) == ("command", "sandbox_gateway", None)
    assert entry.who == getuser()
    assert entry.after["behaviour"] == "slow"


@pytest.mark.django_db(transaction=True)
def test_every_command_acts_under_the_account_of_the_system(monkeypatch):
    """Those of Django and of other packages too: it is the command line that tells who acts."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    given = ["--noinput", "--email", "dora@example.com", "--name", "Dora"]

    command_line.execute(["manage.py", "createsuperuser", *given])

    entry = entries("students_user").get()
    assert (entry.origin, entry.what, entry.who_id) == ("command", "createsuperuser", None)
    assert (entry.who, entry.address) == (getuser(), "manage.py createsuperuser")
    assert entry.after["is_superuser"] is True
    assert entry.after["password"] == acting.HIDDEN


@pytest.mark.django_db(transaction=True)
def test_command_may_choose_how_its_transaction_is_isolated(alice, capsys):
    command_line.execute(["manage.py", "rebuild_history", "--check"])

    assert "equals what the log gives" in capsys.readouterr().out


def test_transaction_that_is_isolated_is_recorded_too(transactional_db, make_course):
    course_id = make_course()
    with acting.command("example"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("UPDATE courses_course SET summary = 'new' WHERE id = %s", [course_id])

    assert entries("courses_course").get().what == "example"


@pytest.mark.django_db(transaction=True)
def test_reconciling_is_recorded(alice, make_course, enroll, pay, settings):
    settings.PAYMENT_MAX_ATTEMPTS = 1
    pay(enroll(alice, make_course()), alice, "tok_timeout_after_capture")
    assert not entries("payments_payment").exists()

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        command_line.execute(["manage.py", "reconcile"])

    settled = entries("payments_payment").filter(after__status="approved").get()
    assert (settled.what, settled.who, settled.origin) == ("reconcile", getuser(), "command")


def test_sandbox_switch_is_recorded(desk):
    desk.post("/admin/payments/sandboxswitch/", {"behaviour": "down"})

    assert entries("payments_sandboxswitch").get().after["behaviour"] == "down"


# method, address, body, and the table that must show it
CALLS = [
    ("post", "courses/", {"title": "New"}, "courses_course"),
    ("patch", "courses/{course}/", {"summary": "x"}, "courses_course"),
    ("delete", "courses/{course}/", None, "courses_course"),
    ("post", "lectures/", {"course": "{open}", "student": "{bob}"}, "lectures_enrollment"),
    ("patch", "lectures/{paid}/", {"status": "cancelled"}, "lectures_enrollment"),
    ("patch", "lectures/{paid}/", {"status": "completed"}, "lectures_enrollment"),
    ("patch", "payments/{payment}/", {"status": "approved"}, "payments_payment"),
]


@pytest.mark.parametrize("way", ["token", "session"])
@pytest.mark.parametrize(("method", "address", "body", "table"), CALLS)
def test_staff_call_of_the_api_is_recorded(
    client_of, carol, bob, school, way, method, address, body, table
):
    client = client_of(carol if way == "token" else None)
    if way == "session":
        client.force_login(carol)
    world = school | {"bob": bob.pk}
    body = {
        name: int(value.format(**world)) if value.startswith("{") else value
        for name, value in (body or {}).items()
    }

    answer = getattr(client, method)(
        "/api/v1/" + address.format(**world), body or None, HTTP_IDEMPOTENCY_KEY="key"
    )

    assert answer.status_code < 300, answer.content
    entry = entries(table)[0]
    assert (entry.who_id, entry.origin) == (carol.pk, "api")
    assert entry.address == f"{method.upper()} {answer.request['PATH_INFO']}"


def test_students_leave_no_entry(client, client_of, alice, make_course):
    course_id = make_course()
    client.force_login(alice)
    client.post("/lectures/", {"course": course_id})
    enrollment = Enrollment.objects.get()
    client.post(f"/lectures/{enrollment.pk}/payment/", {"token": "tok_approved"})
    client_of(alice).patch(f"/api/v1/lectures/{enrollment.pk}/", {"status": "cancelled"})

    assert Enrollment.objects.get().status == "cancelled"
    assert not AuditEntry.objects.exists()


def test_raw_sql_and_bulk_updates_are_recorded_too(carol, make_course):
    make_course()
    with acting.call(origin="desk", address="POST /x/"):
        acting.identify(carol)
        acting.doing("Clean up")
        Course.objects.update(summary="one")
        Lesson.objects.filter(position=3).delete()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE courses_course SET summary = 'two'")

    assert [e.after["summary"] for e in entries("courses_course")] == ["two", "one"]
    assert entries("courses_lesson").get().before["title"] == "Lesson 3"
    Course.objects.update(summary="three")
    assert entries("courses_course").count() == 2


def test_note_records_what_changes_no_row(carol, alice):
    with acting.call(origin="page", address="GET /x/"):
        acting.note("A student looks", by=alice)
    with acting.call(origin="desk", address="GET /x/"):
        acting.note("Export the payments", by=carol, table="payments_payment", rows=7)

    noted = AuditEntry.objects.get()
    assert (noted.operation, noted.what, noted.after) == (
        "note",
        "Export the payments",
        {"rows": 7},
    )


def change_and_fail():
    with transaction.atomic():
        Course.objects.update(summary="undone")
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_entry_and_change_are_committed_together_or_not_at_all(make_course):
    carol = make_user("carol@example.com", "Carol Park", is_staff=True)
    make_course()
    with acting.call(origin="desk", address="POST /x/"):
        acting.identify(carol)
        change_and_fail()
        assert not AuditEntry.objects.exists()
        with transaction.atomic():
            change_and_fail()
            Course.objects.update(summary="kept")
        Course.objects.update(summary="without a block")

    assert [e.after["summary"] for e in entries("courses_course")] == ["without a block", "kept"]


@pytest.mark.django_db(transaction=True)
def test_nobody_else_is_taken_for_the_actor_of_a_connection(make_course):
    carol = make_user("carol@example.com", "Carol Park", is_staff=True)
    make_course()
    with acting.call(origin="desk", address="POST /x/"):
        acting.identify(carol)
        Course.objects.update(summary="hers")
        connection.cursor().connection.execute("UPDATE courses_course SET summary = 'another''s'")

    assert [e.after["summary"] for e in entries("courses_course")] == ["hers"]


def test_change_that_cannot_be_recorded_is_not_made(desk, make_course):
    course_id = make_course(opened=False)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE elearning_auditentry ADD CHECK (operation = 'never')")
    desk.raise_request_exception = False

    answer = confirm(desk, f"/admin/courses/course/{course_id}/open_course/")

    assert answer.status_code == 500
    assert Course.objects.get().status == "draft"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE elearning_auditentry SET who = 'nobody'",
        "DELETE FROM elearning_auditentry",
        "TRUNCATE elearning_auditentry",
    ],
)
def test_database_keeps_the_log_as_it_is(carol, statement):
    with acting.call(origin="desk", address="POST /x/"):
        acting.identify(carol)
        acting.note("Something", by=carol)
    with connection.cursor() as cursor:  # the tests empty their database, so they switch it off
        cursor.execute(
            "ALTER TABLE elearning_auditentry ENABLE TRIGGER elearning_auditentry_is_kept"
        )
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement)

    assert AuditEntry.objects.get().who == str(carol)


def test_superuser_reads_the_log_and_can_do_no_more(desk, make_course):
    course_id = make_course(opened=False)
    confirm(desk, f"/admin/courses/course/{course_id}/open_course/")
    entry = AuditEntry.objects.get()
    base = "/admin/elearning/auditentry/"

    page = desk.get(f"{base}{entry.pk}/change/").content.decode()
    assert "<tr><th>Status</th><td>draft</td><td>open</td></tr>" in page
    assert f'href="/admin/courses/course/{course_id}/change/"' in page
    posted = {
        f"{base}add/": {"who": "x"},
        f"{base}{entry.pk}/change/": {"who": "x"},
        f"{base}{entry.pk}/delete/": {"post": "yes"},
    }
    assert [desk.post(address, given).status_code for address, given in posted.items()] == [403] * 3
    chosen = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    desk.post(base, chosen)
    assert AuditEntry.objects.get().who == entry.who
    assert not Permission.objects.filter(
        content_type__model="auditentry", codename__regex="^(add|change|delete)"
    ).exists()


def test_page_of_a_row_leads_to_its_entries(desk, make_course):
    course_id, other = make_course(opened=False), make_course(opened=False)
    for pk in (course_id, other):
        confirm(desk, f"/admin/courses/course/{pk}/open_course/")

    assert (
        f"/admin/courses/course/{course_id}/history/"
        in desk.get(f"/admin/courses/course/{course_id}/change/").content.decode()
    )
    shown = desk.get(f"/admin/courses/course/{course_id}/history/", follow=True)
    assert [entry.row_id for entry in shown.context["cl"].result_list] == [str(course_id)]


def test_log_is_filtered_by_who_what_object_and_time(desk, carol, make_course):
    confirm(desk, f"/admin/courses/course/{make_course(opened=False)}/open_course/")
    base = "/admin/elearning/auditentry/"

    def found(**query):
        return desk.get(base, query).context["cl"].result_count

    assert found(who=carol.pk) == found(kind="courses_course") == found(q="Open the course") == 1
    assert found(who=carol.pk + 1) == found(kind="auth_group") == found(q="Close") == 0
    assert found(at__gte="2020-01-01 00:00:00+00:00") == 1
    assert found(at__lt="2020-01-01 00:00:00+00:00") == found(who="x", operation="delete") == 0


def test_log_needs_its_own_right(client, staff_with):
    client.force_login(staff_with("courses.view_course"))

    assert client.get("/admin/elearning/auditentry/").status_code == 403


def test_student_made_staff_by_the_desk_is_recorded_and_named(desk, alice):
    desk.post(
        "/admin/students/user/add/",
        {"email": "dora@example.com", "name": "Dora", "language": "en"},
    )

    added = entries("students_user").get()
    assert added.after["email"] == "dora@example.com"
    assert added.after["password"] == acting.HIDDEN
    assert added.row_id == str(User.objects.get(email="dora@example.com").pk)
