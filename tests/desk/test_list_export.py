"""Every list of the desk as CSV: what its filters leave, for those who may see it."""

import csv
import io
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from apps.courses.models import Course
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments.models import Payment, SandboxSwitch
from apps.students.models import TryCount, User
from elearning import list_export
from elearning.bulk.models import BulkItem, BulkJob
from elearning.imports.reading import read_rows
from elearning.models import AuditEntry
from elearning.saved_views.models import SavedView
from tests.conftest import make_user

pytestmark = pytest.mark.django_db

LISTS = [model._meta for model in admin.site._registry if model is not SandboxSwitch]
"""The sandbox is switched on a page that is none."""
ids = [opts.label_lower for opts in LISTS]


def address(opts):
    return reverse("desk_export_list", args=[opts.app_label, opts.model_name])


def rows_of(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


@pytest.mark.parametrize("opts", LISTS, ids=ids)
def test_every_list_offers_its_rows_as_csv(desk, opts, alice, make_course, enroll, pay):
    pay(enroll(alice, make_course()), alice)
    page = desk.get(reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"))

    answer = desk.get(address(opts))

    assert address(opts) in page.content.decode()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="{opts.model_name}-' in answer["Content-Disposition"]
    rows = rows_of(answer)
    assert len(rows) == opts.model.objects.count() or opts.model_name == "trycount"
    assert not any("</" in str(row) for row in rows)


def test_file_holds_what_the_filters_leave_in_the_order_of_the_list(desk, make_course):
    for title in ("Pottery", "Painting", "Physics"):
        make_course(title=title, opened=title != "Physics")

    answer = desk.get(
        address(Course._meta), {"status__exact": "open", "q": "P", "o": "1", "p": "1"}
    )

    rows = rows_of(answer)
    assert [row["title"] for row in rows] == ["Painting", "Pottery"]
    assert [(row["price_minor"], row["currency"], row["status"]) for row in rows] == (
        [("50000", "KRW", "open")] * 2
    )


def test_money_and_times_can_be_reckoned_with(desk, alice, make_course, enroll, pay):
    pay(enroll(alice, make_course(price_minor=8_950, currency="USD")), alice)

    [row] = rows_of(desk.get(address(Payment._meta)))

    assert (row["amount_minor"], row["refunded_minor"], row["currency"]) == ("8950", "0", "USD")
    assert row["payer"] == "alice@example.com"
    assert row["status"] == "approved"
    assert datetime.fromisoformat(row["pay_by"]).tzinfo is not None


def test_no_cell_is_taken_for_a_formula(desk):
    make_user("evil@example.com", '=HYPERLINK("http://evil")')
    rows = rows_of(desk.get(address(User._meta), {"q": "evil"}))

    assert [row["name"] for row in rows] == ['\'=HYPERLINK("http://evil")']


def test_columns_are_the_same_data_in_every_language(desk, carol):
    in_english = rows_of(desk.get(address(User._meta)))
    desk.cookies["django_language"] = "ko"

    [row] = rows_of(desk.get(address(User._meta)))

    assert [row] == in_english
    assert (row["email"], row["is_active"]) == ("carol@example.com", "true")
    assert datetime.fromisoformat(row["date_joined"]) == carol.date_joined.replace(microsecond=0)


def test_columns_are_chosen_and_kept_with_the_view(desk, carol):
    chosen = {"columns": ["name", "email"], "is_staff__exact": "1"}
    query = urlencode(chosen, doseq=True)
    desk.post(reverse("desk_save_view"), {
        "name": "Staff", "model": "students.user", "query": query,
    })  # fmt: skip
    page = desk.get(f"/admin/students/user/?{SavedView.objects.get().query}")
    [row] = rows_of(desk.get(address(User._meta), chosen))

    assert page.status_code == 200
    assert "columns=email&amp;columns=name" in page.content.decode()
    assert list(row) == ["email", "name"]


@pytest.mark.parametrize(
    "name",
    ["<Kim>", "'=1+1", "=1+1", "''@x", " -Kim", '"Kim", Ha', "＝1", "O'Brien & Söhne", "+82"],
)
def test_export_of_people_is_imported_without_a_change(desk, name):
    user = make_user("kim@example.com", name, latin_name="KIM", language="ko")
    content = b"".join(desk.get(address(User._meta), {"q": "kim@"}).streaming_content)

    [row] = read_rows(content)

    assert row.values["email"] == user.email
    assert row.values["name"] == name.strip()
    assert (row.values["latin_name"], row.values["language"]) == ("KIM", "ko")
    desk.post(reverse("desk_import"), {"file": SimpleUploadedFile("s.csv", content)})
    assert BulkItem.objects.get().message == "Everything is there already."


def test_export_of_enrollments_is_imported_without_a_change(desk, alice, bob, make_course, enroll):
    course_id = make_course(slug="데이터")
    enroll(alice, course_id)
    lectures.cancel_enrollment(enrollment_id=enroll(bob, course_id), student_id=None)
    content = b"".join(desk.get(address(Enrollment._meta)).streaming_content)

    desk.post(reverse("desk_import"), {"file": SimpleUploadedFile("s.csv", content)})

    assert {item.message for item in BulkItem.objects.all()} == {"Everything is there already."}
    assert {row.values["course"] for row in read_rows(content)} == {"데이터"}


def test_every_cell_is_quoted(desk, carol):
    content = b"".join(desk.get(address(User._meta)).streaming_content).decode("utf-8-sig")

    assert all(line.startswith('"') and line.endswith('"') for line in content.splitlines())


def test_file_is_read_in_batches_at_a_price_that_rows_do_not_raise(
    desk, make_course, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(list_export, "BATCH_ROWS", 3)
    for number in range(7):
        make_course(title=f"Course {number}")
    answer = desk.get(address(Course._meta))

    with django_assert_max_num_queries(
        1 + 3 + 1
    ):  # the cursor, the enrollments of each batch, the lock
        assert len(rows_of(answer)) == 7


def test_export_is_in_the_audit_log_with_its_filters(desk, carol):
    desk.get(address(User._meta), {"q": "carol"})

    entry = AuditEntry.objects.get(operation="note")
    assert (entry.who_id, entry.table) == (carol.pk, "students_user")
    assert entry.after == {"filters": "q=carol"}


@pytest.mark.parametrize("opts", LISTS, ids=ids)
def test_list_is_closed_to_staff_without_the_right(client, staff_with, opts):
    client.force_login(staff_with("courses.view_course"))
    expected = 200 if opts.label_lower == "courses.course" else 403

    assert client.get(address(opts)).status_code == expected


def test_bulk_jobs_of_others_stay_theirs(client, desk, staff_with):
    dave = staff_with("courses.view_course")
    BulkJob.objects.create(
        kind="open_courses", started_by=User.objects.get(email="carol@example.com")
    )
    own = BulkJob.objects.create(kind="open_courses", started_by=dave)
    client.force_login(dave)

    [row] = rows_of(client.get(address(BulkJob._meta)))
    assert row["id"] == str(own.pk)


def test_filter_that_makes_no_sense_leads_back_to_the_list(desk):
    answer = desk.get(address(User._meta), {"date_joined__gte": "tomorrow"})

    assert answer.url.startswith(reverse("admin:students_user_changelist"))
    assert desk.get(address(User._meta), {"password": "x"}).status_code in (302, 400)
    assert desk.get("/admin/export/students/nothing/").status_code == 404


def test_students_are_kept_out(client, alice):
    client.force_login(alice)

    assert client.get(address(User._meta)).status_code in (302, 403)


def test_text_in_angle_brackets_is_kept(desk, alice, make_course, enroll):
    course_id = make_course(title="<b>R&D</b> <1>")
    enroll(alice, course_id)

    [row] = rows_of(desk.get(address(Course._meta)))
    [payment] = rows_of(desk.get(address(Payment._meta)))

    assert row["title"] == payment["description"] == "<b>R&D</b> <1>"
    User.objects.filter(pk=alice.pk).update(name="<Kim>")
    until = timezone.now() + timedelta(hours=1)
    TryCount.objects.create(purpose="log_in_account", user=alice, tries=9, allowed=1, until=until)
    [lockout] = rows_of(desk.get(address(TryCount._meta)))
    assert lockout["owner"] == "<Kim> <alice@example.com>"
