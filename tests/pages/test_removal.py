"""A removed account: what goes, what stays, what is ended first, and what dying halfway leaves."""

from contextlib import contextmanager

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from knox.models import AuthToken

from apps.certification import services as certification
from apps.certification.models import Certificate
from apps.courses.models import Course
from apps.events import registry
from apps.events.models import Delivery, LoggedEvent
from apps.events.services import sweep
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment, LessonProgress, Review, WaitingListEntry
from apps.payments import services as payments
from apps.payments.models import Payment, Refund
from apps.refusals import FactsChanged
from apps.students.models import HistoryEntry, Parting, TimelineEntry, User
from elearning.bulk import forgetting
from elearning.bulk.models import BulkItem, BulkJob
from elearning.invariants import check_invariants
from elearning.models import AuditEntry, IdempotentRequest
from elearning.own_data.removal import (
    CertificateUnderWay,
    StaffAccount,
    plan_removal,
    remove_account,
)
from foundation.agreement import token_of
from tests.api.conftest import client_of
from tests.conftest import PASSWORD
from tests.forms import agreed_on, confirm
from tests.security.test_second_factor import code, switch_on, wrong_code

__all__ = ["client_of"]

pytestmark = pytest.mark.django_db

whole_transactions = pytest.mark.django_db(transaction=True)  # the invariants open their own
REMOVAL = "/accounts/data/removal/"


def log_in(client, user, password=PASSWORD):
    client.post(reverse("account_login"), {"login": user.email, "password": password})


def agreed_plan(student):
    """Agree to what a removal would end now."""
    return token_of(plan_removal(student_id=student.pk).facts)


def remove(student):
    remove_account(student_id=student.pk, is_staff=False, agreed=agreed_plan(student))


def assert_invariants_hold():
    assert [finding for finding in check_invariants() if not finding.holds] == []


@pytest.fixture
def done(alice, make_course, enroll, pay, learn, deliver_all):
    """Alice has completed a course, reviewed it and got her certificate."""
    enrollment_id = enroll(alice, make_course(title="Finished course"))
    pay(enrollment_id, alice)
    learn(enrollment_id, alice)
    lectures.write_review(enrollment_id=enrollment_id, student_id=alice.pk, rating=5, text="Good.")
    deliver_all()
    return enrollment_id


@pytest.fixture
def learning(alice, make_course, enroll, pay):
    enrollment_id = enroll(alice, make_course(title="Course under way"))
    pay(enrollment_id, alice)
    return enrollment_id


@pytest.fixture
def waiting(alice, bob, make_course, enroll):
    course_id = make_course(title="Full course", capacity=1)
    enroll(bob, course_id)
    return lectures.join_waiting_list(student_id=alice.pk, course_id=course_id)


# --- the page -----------------------------------------------------------------------------------


def test_page_says_what_ends_with_its_sums_what_goes_and_what_stays(
    client, alice, done, learning, waiting
):
    log_in(client, alice)

    text = client.get(REMOVAL).text

    for part in (
        "Course under way", "₩50,000 goes back to you", "Full course", "Refund in all:",
        "What goes", "What stays, and why", "five years", "verify",
    ):  # fmt: skip
        assert part in text, part
    assert "Finished course" not in text


@whole_transactions
def test_account_is_removed_from_the_page_in_one_go(client, alice, learning, waiting, deliver_all):
    log_in(client, alice)
    response = confirm(client, REMOVAL, {"password": PASSWORD}, follow=True)
    deliver_all()

    assert "Your account is removed" in response.text
    assert "Log in" in response.text
    assert Enrollment.objects.get(pk=learning).status == "cancelled"
    assert Refund.objects.get().amount_minor == 50_000
    assert User.objects.get(pk=alice.pk).removed_at
    assert_invariants_hold()


@pytest.mark.parametrize("password", ["", "wrong", "learn-by-doing ", "x" * 5000, "비밀번호🔑"])
def test_wrong_password_removes_nothing(client, alice, learning, password):
    log_in(client, alice)

    response = confirm(client, REMOVAL, {"password": password})

    assert response.status_code == 400
    assert 'id="id_password_error"' in response.text
    assert User.objects.get(pk=alice.pk).is_active
    assert Enrollment.objects.get().status == "approved"


def test_what_was_not_shown_is_not_done(client, alice, make_course, enroll):
    log_in(client, alice)
    agreed = agreed_on(client, REMOVAL)
    enrollment_id = enroll(alice, make_course())  # in another tab

    for stale in (agreed, {}):
        response = client.post(REMOVAL, {"password": PASSWORD, **stale})
        assert response.status_code == 409
        assert "nothing was done" in response.text
    assert Enrollment.objects.get(pk=enrollment_id).status == "requested"


def test_staff_accounts_are_not_removed_here(client, carol):
    log_in(client, carol)

    assert "Staff accounts are not removed here" in client.get(REMOVAL).text
    response = client.post(REMOVAL, {"password": PASSWORD, "agreed": ""})

    assert response.status_code == 409
    with pytest.raises(StaffAccount):
        remove_account(student_id=carol.pk, is_staff=True, agreed=agreed_plan(carol))
    assert User.objects.get().is_active


def test_second_factor_is_asked_for_before_the_page(client, alice):
    switch_on(alice)
    client.force_login(alice)  # long ago, as far as the session knows

    show = reverse("mfa_reauthenticate")

    asked = client.get(REMOVAL)
    assert "reauthenticate" in asked.url
    client.post(show, {"code": wrong_code(), "next": REMOVAL})
    assert client.get(REMOVAL).status_code == 302
    client.post(show, {"code": code(), "next": REMOVAL})

    assert client.get(REMOVAL).status_code == 200
    confirm(client, REMOVAL, {"password": "wrong"})
    assert User.objects.get().is_active
    confirm(client, REMOVAL, {"password": PASSWORD})
    assert User.objects.get().removed_at


def test_removal_without_the_second_factor_removes_nothing(client, alice):
    switch_on(alice)
    client.force_login(alice)

    client.post(REMOVAL, {"password": PASSWORD, "agreed": ""})

    assert User.objects.get().is_active


def test_visitor_is_asked_to_log_in(client, db):
    assert client.get(REMOVAL).url.startswith("/accounts/login/")


# --- what goes ----------------------------------------------------------------------------------


def rows_that_name(*words):
    """Return where any of the words stands in the whole database."""
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f'SELECT "{table}"::text FROM "{table}"')
            for (row,) in cursor.fetchall():
                found |= {table for word in words if word in row}
    return found


@whole_transactions
def test_name_and_address_stand_nowhere_but_on_the_certificate(
    client, alice, carol, done, learning, waiting, deliver_all
):
    AuthToken.objects.create(user=alice)
    client.force_login(carol)
    client.post(
        f"/admin/students/user/{alice.pk}/change/",
        {
            "name": "Alice Kimova", "latin_name": "KIM ALICE", "language": "en", "is_active": "on",
            "emailaddress_set-TOTAL_FORMS": "0", "emailaddress_set-INITIAL_FORMS": "0",
        },
    )  # fmt: skip
    client.post(
        reverse("admin:certification_certificate_reissue", args=[Certificate.objects.get().pk]),
        {"student_name": "Alice Kim", "student_latin_name": "KIM ALICE", "reason": "Passport"},
    )
    client.logout()
    log_in(client, alice)
    IdempotentRequest.objects.create(scope=f"user {alice.pk}", key="k", fingerprint="f")
    imported = BulkItem.objects.create(
        job=BulkJob.objects.create(kind="import", started_by_id=carol.pk),
        position=1,
        label="Alice Kim",
        facts={"email": "alice@example.com"},
    )
    imported.succeed(message="Alice Kim is enrolled.")
    imported.save()
    assert "elearning_auditentry" in rows_that_name("Alice Kim") & rows_that_name("KIM ALICE")

    remove(alice)
    deliver_all()

    named = rows_that_name("Alice Kim", "KIM ALICE", "alice@example.com")
    assert named == {"certification_certificate"}
    assert not EmailAddress.objects.filter(user=alice).exists()
    assert not AuthToken.objects.exists()
    assert not IdempotentRequest.objects.exists()
    assert client.session.get("_auth_user_id") is None
    assert_invariants_hold()


@pytest.mark.parametrize(
    ("name", "label", "is_forgotten"),
    [
        ("안", "#3 안 · SQL", True),
        ("안", "#3 안나 · SQL", False),
        ("김.*", "#3 김.* · SQL", True),
        ("김.*", "#3 김민준 · SQL", False),
        ("O'Neil-Kim", "O'Neil-Kim", True),
    ],
)
def test_bulk_jobs_forget_who_goes_and_nobody_who_is_called_alike(carol, name, label, is_forgotten):
    job = BulkJob.objects.create(kind="import", started_by_id=carol.pk)
    item = BulkItem.objects.create(job=job, position=1, label=label, facts={})
    item.succeed(message="")
    item.save()

    forgetting.forget_words(words=[name])

    assert (BulkItem.objects.get().label == "") == is_forgotten


@whole_transactions
def test_history_progress_and_places_go_and_a_rebuild_brings_none_back(
    alice, done, learning, waiting, deliver_all
):
    remove(alice)
    deliver_all()

    assert not HistoryEntry.objects.filter(student_id=alice.pk).exists()
    assert not TimelineEntry.objects.filter(lecture_id__in=[done, learning]).exists()
    assert not LessonProgress.objects.exists()
    assert not WaitingListEntry.objects.filter(student_id=alice.pk).exists()
    assert_invariants_hold()


@whole_transactions
def test_what_happens_later_writes_no_history_of_nobody(alice, done, learning, deliver_all):
    payments.set_sandbox_behaviour(behaviour="down")
    remove(alice)
    payments.set_sandbox_behaviour(behaviour="working")

    Refund.objects.update(due_at="2020-01-01T00:00:00Z")
    payments.retry_refunds()
    certificate = Certificate.objects.get()
    certification.revoke_certificate(certificate_id=certificate.pk, reason="A mistake")
    deliver_all()

    assert Refund.objects.get().status == "succeeded"
    assert not TimelineEntry.objects.exists()
    assert_invariants_hold()


def test_nobody_logs_in_any_more_and_no_token_works(client, alice, client_of, deliver_all):
    log_in(client, alice)
    api = client_of(alice)

    remove(alice)

    assert client.get("/my/").url.startswith("/accounts/login/")
    assert api.get("/api/v1/students/me/").status_code == 401
    log_in(client, alice)
    assert client.get("/my/").status_code == 302


def test_address_signs_up_anew_as_somebody_else(client, alice, done, deliver_all):
    remove(alice)
    deliver_all()

    client.post(
        reverse("account_signup"),
        {"email": "alice@example.com", "name": "Alice Again", "password1": PASSWORD},
    )

    again = User.objects.get(email="alice@example.com")
    assert again.pk != alice.pk
    assert not HistoryEntry.objects.filter(student_id=again.pk).exists()
    deliver_all()
    assert User.objects.get(pk=again.pk).name == "Alice Again"


# --- what stays ---------------------------------------------------------------------------------


def test_contract_payment_and_certificate_stay_without_more_than_needed(
    client, alice, done, deliver_all
):
    remove(alice)
    deliver_all()

    assert Enrollment.objects.get().status == "completed"
    assert Payment.objects.get().status == "approved"
    certificate = Certificate.objects.get()
    text = client.get(reverse("certification:verify", args=[certificate.code])).text
    assert "This certificate is valid." in text
    assert "Alice Kim" in text


def test_review_stays_by_a_former_student(client, alice, done, deliver_all):
    remove(alice)
    deliver_all()

    text = client.get(reverse("courses:course", args=[Course.objects.get().slug])).text
    assert Review.objects.get().text in text
    assert "A former student" in text
    assert "Alice" not in text


# --- in one go, once, and whatever dies ---------------------------------------------------------


def test_seat_goes_to_the_next_in_line(alice, bob, make_course, enroll, pay, deliver_all):
    course_id = make_course(capacity=1)
    pay(enroll(alice, course_id), alice)
    lectures.join_waiting_list(student_id=bob.pk, course_id=course_id)

    remove(alice)

    assert WaitingListEntry.objects.get(student=bob).status == "offered"


@whole_transactions
def test_second_removal_changes_nothing(alice, learning, deliver_all):
    remove(alice)
    deliver_all()
    before = LoggedEvent.objects.count()

    remove(alice)
    deliver_all()

    assert LoggedEvent.objects.count() == before
    assert len([m for m in mail.outbox if "is removed" in m.subject]) == 1
    assert_invariants_hold()


@whole_transactions
def test_every_later_step_may_run_twice(alice, done, learning, waiting, deliver_all):
    remove(alice)
    deliver_all()

    removed = LoggedEvent.objects.get(name="students.student_removed.v1")
    Delivery.objects.filter(event=removed).delete()
    event = registry.read(name=removed.name, payload=removed.payload, log_id=removed.pk)
    for subscription in registry.subscriptions_later(type(event)):
        subscription.handler(event)

    assert rows_that_name("alice@example.com") == set()
    assert_invariants_hold()


def test_certificate_that_is_owed_comes_first(alice, make_course, enroll, pay, learn, deliver_all):
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    learn(enrollment_id, alice)

    with pytest.raises(CertificateUnderWay):
        remove(alice)
    deliver_all()
    remove(alice)

    assert Certificate.objects.get().student_name == "Alice Kim"


@whole_transactions
def test_removal_that_stopped_halfway_goes_on(alice, make_course, enroll, pay, deliver_all):
    for number in range(2):
        pay(enroll(alice, make_course(title=f"Course {number}")), alice)
    agreed = agreed_plan(alice)
    first = Enrollment.objects.order_by("pk").first()
    lectures.cancel_enrollment(enrollment_id=first.pk, student_id=alice.pk)  # and then it died

    with pytest.raises(FactsChanged):
        remove_account(student_id=alice.pk, is_staff=False, agreed=agreed)
    remove(alice)
    deliver_all()

    assert Refund.objects.count() == 2
    assert_invariants_hold()


def test_gateway_that_is_down_stops_no_removal(alice, learning, deliver_all):
    payments.set_sandbox_behaviour(behaviour="down")

    remove(alice)
    deliver_all()

    assert User.objects.get(pk=alice.pk).removed_at
    assert Refund.objects.get().status in ("requested", "failing")


# --- the last e-mail ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "subject"), [("en", "is removed"), ("ko", "계정이 삭제되었습니다")]
)
def test_last_email_says_it_is_done_and_forgets_the_address(alice, deliver_all, language, subject):
    User.objects.filter(pk=alice.pk).update(language=language)

    remove(alice)
    deliver_all()

    [message] = mail.outbox
    assert message.to == ["alice@example.com"]
    assert subject in message.subject
    assert not Parting.objects.exists()


def test_mail_server_that_is_down_is_tried_again(alice, settings):
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    remove(alice)
    sweep(queue="default")
    assert Parting.objects.exists()

    settings.EMAIL_BACKEND = backend
    Delivery.objects.filter(status="pending").update(due_at="2020-01-01T00:00:00Z")
    sweep(queue="default")

    assert len(mail.outbox) == 1
    assert not Parting.objects.exists()


# --- the log ------------------------------------------------------------------------------------


@contextmanager
def refused_by_the_log():
    refused = pytest.raises(DatabaseError, match="append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        yield cursor


@pytest.mark.parametrize(
    "change",
    [
        "name = 'x'",
        "payload = jsonb_set(payload, '{student_name}', '\"Mallory\"')",
        'payload = payload || \'{"student_name": "", "student_id": 1}\'',
        "payload = jsonb_set(payload, '{student_name}', '\"\"'), published_at = now()",
        "payload = '{}'",
    ],
)
def test_log_lets_pass_no_other_change(done, change):
    with refused_by_the_log() as cursor:
        cursor.execute(
            f"UPDATE events_loggedevent SET {change}"
            " WHERE name = 'lectures.enrollment_completed.v1'"
        )


@pytest.mark.parametrize(
    "change",
    [
        "who = 'x'",
        "after = '{}'",
        "after = jsonb_set(after, '{name}', '\"Mallory\"')",
        "after = elearning_without_person(after), at = now()",
    ],
)
def test_audit_log_lets_pass_no_other_change(client, alice, carol, change):
    client.force_login(carol)
    client.post(
        f"/admin/students/user/{alice.pk}/change/",
        {
            "name": "New", "language": "en", "is_active": "on",
            "emailaddress_set-TOTAL_FORMS": "0", "emailaddress_set-INITIAL_FORMS": "0",
        },
    )  # fmt: skip
    assert AuditEntry.objects.filter(table="students_user").exists()

    with refused_by_the_log() as cursor:
        cursor.execute(
            f"UPDATE elearning_auditentry SET {change} WHERE \"table\" = 'students_user'"
        )
