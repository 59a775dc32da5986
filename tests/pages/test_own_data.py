"""Students take away everything that the school holds on them, and nothing of anybody else."""

import json
import re
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any, get_args, get_type_hints

import pytest
import time_machine
from allauth.account.models import EmailAddress, EmailConfirmation
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import CharField, ForeignKey, TextField
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from apps import acting
from apps.certification.models import Certificate
from apps.courses import services as courses
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.students import services as students
from apps.students.models import User
from elearning.own_data.held import OwnData, collect
from elearning.own_data.pdf import own_data_pdf
from elearning.own_data.words import LABELS
from tests.conftest import PASSWORD
from tests.forms import confirm

pytestmark = pytest.mark.django_db

OVERVIEW, JSON, PDF = "/accounts/data/", "/accounts/data/json/", "/accounts/data/pdf/"
HANGUL_AND_EMOJI = "김수려 🎓 " + "가" * 100

EXPORTED = {
    "account.EmailAddress": "account.addresses",
    "account.EmailConfirmation": "account.confirmations",
    "certification.Certificate": "certificates",
    "elearning.AuditEntry": "changes_by_staff",
    "knox.AuthToken": "account.tokens",
    "lectures.Enrollment": "lectures.enrollments",
    "lectures.LessonProgress": "lectures.enrollments.lessons",
    "lectures.Review": "lectures.enrollments.reviews",
    "lectures.WaitingListEntry": "lectures.waiting_places",
    "payments.Charge": "payments.charges",
    "payments.LedgerEntry": "payments.bookings",
    "payments.Payment": "payments",
    "payments.Refund": "payments.refunds",
    "lectures.Reminder": "lectures.enrollments.reminders",
    "students.EmailChange": "account.email_changes",
    "students.MailSwitch": "account.switches",
    "students.SentEmail": "account.emails",
    "students.TryCount": "account.tries",
    "students.HistoryEntry": "account.history",
    "students.TimelineEntry": "account.history.timeline",
    "students.User": "account.profile",
    "students.User_groups": "account.groups",
    "usersessions.UserSession": "account.sessions",
}
"""Where each model that holds something on students stands in the file."""
LEFT_OUT = {
    "admin.LogEntry": "what staff did, which elearning.AuditEntry says in full",
    "elearning.BulkItem": "the work list of a bulk action or an import; the rows it made are there",
    "elearning.BulkJob": "what a member of staff did to many rows; staff's own, not a student's",
    "elearning.ImportedFile": "the file of a draft that waits for staff; gone within a day",
    "elearning.SavedView": "a list as a member of staff likes it",
    "mfa.Authenticator": "the secret of the second factor; its own page shows which there are",
    "students.TokenDetail": "shown with its token",
    "students.VerifiedToken": "which of the tokens in the file was given out after a second factor",
    "students.StaffSetupLink": "a digest that lasts minutes, of staff; not of students",
    "students.Parting": "exists only once the account is gone",
    "students.User_user_permissions": "rights of staff; students have none",
    "students.WaitingPlace": "a copy, for speed, of lectures.WaitingListEntry",
}
"""What refers to people and is not in the file, and why."""
ABOUT_NOBODY = {
    "auth.Group", "auth.Permission", "auth.Group_permissions", "contenttypes.ContentType",
    "courses.Course", "courses.FormerAddress", "courses.Lesson",
    "invariants.InvariantCheck", "batches.BatchFailure",
    "payments.SandboxSwitch",
}  # fmt: skip
INDIRECT = {
    "elearning.BulkItem": "working lists of staff, forgotten; what they did, the rows say",
    "elearning.IdempotentRequest": "first answers, sealed, forgotten after 24 hours",
    "events.Delivery": "says which facts of the log are still to be told",
    "events.LoggedEvent": "the facts that the history shows; names nobody but on completions",
    "payments.SandboxTransaction": "the books of the gateway, which is another company",
    "text.SearchText": "a copy, for search, of texts in the file; triggers change it with them",
    "sessions.Session": "sealed; a number that says who is logged in, and nothing else",
}


def prove_log_in(client, user):
    """Log in, and prove it once more, as the files of one's own data ask for."""
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def label(model: type) -> str:
    return model._meta.label


@pytest.fixture
def full_life(alice, bob, carol, client, make_course, enroll, pay, learn, deliver_all):
    """Alice has done everything that leaves a trace."""
    done = enroll(alice, make_course(title="Finished course"))
    pay(done, alice)
    learn(done, alice)
    lectures.write_review(enrollment_id=done, student_id=alice.pk, rating=5, text="읽기 좋아요 👍")
    cancelled = enroll(alice, make_course(title="Cancelled course"))
    pay(cancelled, alice)
    lectures.cancel_enrollment(enrollment_id=cancelled, student_id=alice.pk)
    full = make_course(title="Full course", capacity=1)
    enroll(bob, full)
    lectures.join_waiting_list(student_id=alice.pk, course_id=full)
    deliver_all()
    AuthToken.objects.create(user=alice)
    students.record_email_change(user_id=alice.pk, old_email="former@example.com")
    EmailConfirmation.create(EmailAddress.objects.get(user=alice))
    client.force_login(carol)
    client.post(
        f"/admin/students/user/{alice.pk}/change/",
        {
            "name": HANGUL_AND_EMOJI,
            "language": "en",
            "is_active": "on",
            "emailaddress_set-TOTAL_FORMS": "0",
            "emailaddress_set-INITIAL_FORMS": "0",
        },
    )
    log_in = {"login": alice.email, "password": PASSWORD}
    Client().post("/accounts/login/", log_in, headers={"user-agent": "Firefox/140.0"})
    certificate = Certificate.objects.get()
    confirm(
        client,
        reverse("admin:certification_certificate_reissue", args=[certificate.pk]),
        {"student_name": "Alice Kim", "student_latin_name": "KIM ALICE", "reason": "Passport"},
    )
    alice.groups.add(Group.objects.create(name="Evening class"))
    _what_time_and_habit_leave(alice, client, make_course, enroll)
    prove_log_in(client, alice)
    return alice


def _what_time_and_habit_leave(alice, client, make_course, enroll):
    """A reminder, reminders that are switched off, and a wrong password."""
    enroll(alice, make_course(title="Course not begun", price_minor=0))
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        lectures.remind_of_lessons()
    students.choose_mail_switches(student_id=alice.pk, wanted=set())
    client.logout()
    client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})


def test_every_model_is_in_the_file_or_has_a_reason():
    known = {*EXPORTED, *LEFT_OUT, *ABOUT_NOBODY, *INDIRECT}
    models = {label(model) for model in apps.get_models(include_auto_created=True)}

    assert models - known == set(), (
        "Add what these hold on a student to the context's `held` query, and to EXPORTED; or say in"
        " LEFT_OUT, INDIRECT or ABOUT_NOBODY why it is not in the file. Think of the removal, too."
    )
    assert known - models == set()


def test_model_about_nobody_refers_to_no_person():
    for model in apps.get_models(include_auto_created=True):
        if label(model) in ABOUT_NOBODY:
            names = [field.name for field in model._meta.local_fields if _may_be_personal(field)]
            assert names == [], model


def _may_be_personal(field: Any) -> bool:
    if isinstance(field, ForeignKey):
        return field.related_model is User
    personal = re.search(r"e?mail|student|payer|person|address|user", field.name)
    return isinstance(field, CharField | TextField) and personal is not None


def test_file_holds_something_of_each_kind(full_life, client):
    held = client.get(JSON).json()

    for name, path in EXPORTED.items():
        assert find(held, path), name


def find(held: Any, path: str) -> list[Any]:
    found = [held]
    for part in path.split("."):
        found = [each[part] for each in found]
        found = [item for each in found for item in (each if isinstance(each, list) else [each])]
    return found


def test_file_is_complete_and_readable_by_programs(full_life, client, settings):
    response = client.get(JSON)
    held = json.loads(response.content)

    assert response.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert "no-store" in response.headers["Cache-Control"]
    assert (held["format"], held["school"]) == ("elearning.own-data.v1", settings.SCHOOL_NAME)
    assert held["account"]["profile"]["name"] == HANGUL_AND_EMOJI
    titles = {each["course_title"] for each in held["lectures"]["enrollments"]}
    assert titles == {"Finished course", "Cancelled course", "Course not begun"}
    [review] = find(held, "lectures.enrollments.reviews")
    assert review["text"] == "읽기 좋아요 👍"
    assert len(find(held, "lectures.enrollments.lessons")) == 3
    assert sum(each["amount_minor"] for each in find(held, "payments.bookings")) == 0
    assert {each["student_name"] for each in held["certificates"]} == {"Alice Kim"}
    assert held["certificates"][1]["student_latin_name"] == "KIM ALICE"
    told = [
        each for each in held["changes_by_staff"] if each["table"] == "certification_certificate"
    ]
    assert [each["operation"] for each in told] == ["update", "insert"]
    [change] = [each for each in held["changes_by_staff"] if each["table"] == "students_user"]
    assert change["before"]["name"] == "Alice Kim"


def test_file_tells_what_staff_changed_of_a_review(full_life, carol, client):
    review = Enrollment.objects.get(course__title="Finished course").review
    with acting.call(origin="desk", address="here"):
        acting.identify(carol)
        review.text = "Shortened"
        review.save()

    [change] = [
        each for each in client.get(JSON).json()["changes_by_staff"]
        if each["table"] == "lectures_review"
    ]  # fmt: skip
    assert (change["row_id"], change["after"]["text"]) == (str(review.pk), "Shortened")


def test_file_holds_no_secret_and_nobody_else(full_life, bob, carol, client):
    text = client.get(JSON).text

    token = AuthToken.objects.get()
    key = EmailConfirmation.objects.get().key
    for secret in (token.digest, token.token_key, key, User.objects.get(pk=full_life.pk).password):
        assert secret not in text
    for person in (bob, carol):
        assert person.email not in text
        assert person.name not in text


@pytest.mark.parametrize("language", ["ko", "en"])
def test_pdf_shows_every_fact_in_the_readers_language(full_life, client, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    response = client.get(PDF)

    assert response.headers["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert len(response.content) > 20_000


def test_pdf_bears_every_character_and_any_length(alice):
    User.objects.filter(pk=alice.pk).update(
        name="🎓\U0001f9d1‍💻 한글 漢字 \u202eevil " + "가" * 120
    )

    assert own_data_pdf(collect(student_id=alice.pk)).startswith(b"%PDF-")


def held_classes(kind: Any = OwnData) -> set[type]:
    found = {kind}
    for hint in get_type_hints(kind).values():
        for part in (hint, *get_args(hint)):
            if is_dataclass(part):
                found |= held_classes(part)
    return found


def test_every_field_has_a_name_for_people():
    names = {field.name for kind in held_classes() - {OwnData} for field in fields(kind)}

    assert names - set(LABELS) - {"account"} == set()


def test_links_to_the_files_do_not_make_the_page_of_proof_a_file(alice, client):
    client.force_login(alice)

    links = re.findall(rf"<a[^>]*href=\"(?:{JSON}|{PDF})\"[^>]*>", client.get(OVERVIEW).text)

    assert len(links) == 2
    assert [link for link in links if " download" in link] == []


def test_overview_counts_and_leads_to_the_files(full_life, client):
    text = client.get(OVERVIEW).text

    for part in (JSON, PDF, "/accounts/data/removal/", "Enrollments", "Certificates"):
        assert part in text, part


@pytest.mark.parametrize("address", [OVERVIEW, JSON, PDF])
def test_visitor_is_asked_to_log_in(client, address):
    assert client.get(address).url.startswith("/accounts/login/")


@pytest.mark.parametrize("address", [OVERVIEW, JSON, PDF])
def test_nobody_gets_the_data_of_another(full_life, mallory, client, address):
    prove_log_in(client, mallory)

    answer = client.get(address + f"?student_id={full_life.pk}")

    assert b"Finished course" not in answer.content


def test_withdrawn_course_and_file_of_a_new_student_are_no_problem(alice, client, make_course):
    prove_log_in(client, alice)

    held = client.get(JSON).json()

    assert held["lectures"]["enrollments"] == []
    assert client.get(PDF).status_code == 200


def test_queries_do_not_grow_with_enrollments(
    alice, make_course, enroll, pay, django_assert_max_num_queries
):
    for number in range(4):
        pay(enroll(alice, make_course(title=f"Course {number}")), alice)
    courses.withdraw_course(course_id=Enrollment.objects.first().course_id)

    with django_assert_max_num_queries(30):
        collect(student_id=alice.pk)
