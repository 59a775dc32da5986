"""Every event is delivered twice and the second time changes nothing."""

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from apps.certification import services as certification
from apps.certification.models import Certificate
from apps.courses import services as courses
from apps.courses.models import Course
from apps.events import registry
from apps.events.models import LoggedEvent
from apps.events.services import publish
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments import services as payments
from apps.payments.events import PaymentNumbered
from apps.payments.models import Payment
from apps.refusals import Refusal
from apps.students import services as students
from apps.students.models import SentEmail, User
from apps.students.services import Invitee
from tests.conftest import make_user

MONTH = timedelta(days=30)
TABLES = [
    model._meta.db_table
    for model in apps.get_models(include_auto_created=True)
    if model.__module__.startswith("apps.")
]


def snapshot():
    with connection.cursor() as cursor:
        rows = {}
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
            rows[table] = cursor.fetchall()
    return rows


TOMORROW = timezone.now() + timedelta(days=1)


@pytest.fixture
def everything(alice, bob, mallory, make_course, enroll, pay, learn, deliver_all):
    """Let every event that the product has happen once at least, and deliver all of it."""
    _learn_cancel_withdraw(alice, bob, mallory, make_course, enroll, pay, learn)
    _queue_for_a_seat(alice, bob, mallory, make_course, enroll)
    _pay_later_or_never(alice, bob, mallory, make_course, enroll, pay)
    with time_machine.travel(timezone.now() + 2 * MONTH, tick=False):
        deliver_all()
    payments.retry_refunds()
    certificate = Certificate.objects.get()
    certification.reissue_certificate(
        certificate_id=certificate.pk, student_name="Alice Kim", reason="The name was misspelt."
    )
    _accounts(alice)
    _number_payments()
    deliver_all()


def _learn_cancel_withdraw(alice, bob, mallory, make_course, enroll, pay, learn):
    course_id = make_course()
    first, second, _left = (enroll(person, course_id) for person in (alice, bob, mallory))
    pay(first, alice)
    learn(first, alice)
    pay(second, bob, "tok_declined")
    pay(second, bob)
    lectures.cancel_enrollment(enrollment_id=second, student_id=bob.pk)
    courses.withdraw_course(course_id=course_id)


def _queue_for_a_seat(alice, bob, mallory, make_course, enroll):
    sought = make_course(title="Sought after", capacity=1)
    seat = enroll(alice, sought)
    _first, second = (
        lectures.join_waiting_list(student_id=student.pk, course_id=sought)
        for student in (bob, mallory)
    )
    lectures.cancel_enrollment(enrollment_id=seat, student_id=alice.pk)
    enroll(bob, sought)
    lectures.leave_waiting_list(entry_id=second, student_id=mallory.pk)
    lectures.join_waiting_list(student_id=mallory.pk, course_id=sought)
    courses.change_course(course_id=sought, fields={"capacity": 2})
    lectures.keep_waiting_lists()
    with time_machine.travel(TOMORROW + timedelta(days=2), tick=False):
        lectures.keep_waiting_lists()
    lectures.join_waiting_list(student_id=alice.pk, course_id=_full(make_course, enroll, bob))
    courses.close_course(course_id=Course.objects.latest("pk").pk)


def _full(make_course, enroll, student):
    course_id = make_course(title="Full", capacity=1)
    enroll(student, course_id)
    return course_id


def _pay_later_or_never(alice, bob, mallory, make_course, enroll, pay):
    starts_at = timezone.now() + timedelta(days=20)
    course_id = make_course(title="Soon", starts_at=starts_at, ends_at=starts_at + MONTH)
    learning, later, never = (enroll(person, course_id) for person in (alice, bob, mallory))
    pay(learning, alice)
    payments.set_sandbox_behaviour(behaviour="down")
    pay(later, bob)
    payments.set_sandbox_behaviour(behaviour="working")
    pay_by = Enrollment.objects.get(pk=never).pay_by
    with time_machine.travel(pay_by - timedelta(hours=1), tick=False):
        lectures.remind_of_payments()
    with time_machine.travel(pay_by, tick=False):
        lectures.expire_enrollments()
    with time_machine.travel(starts_at - timedelta(hours=1), tick=False):
        lectures.remind_of_starts()
    with time_machine.travel(starts_at + timedelta(days=15), tick=False):
        lectures.remind_of_lessons()


def _number_payments():
    """As the migration tells of a payment that was opened before payments had numbers."""
    payment = Payment.objects.earliest("pk")
    with transaction.atomic():
        publish(
            PaymentNumbered(
                payment_id=payment.pk,
                payer_id=payment.payer_id,
                number=payment.number,
                occurred_at=timezone.now().isoformat(),
            )
        )


def _accounts(alice):
    dora = make_user("dora@example.com", "Dora Lim")
    students.confirm_address(student_id=invited().pk, confirm=lambda: confirm("erin@example.com"))
    students.remove_student(student_id=dora.pk)
    with suppress(Refusal):
        while True:
            students.count_log_in(email=alice.email, address="192.0.2.7")
    students.tell_of_lockouts()
    students.record_email_change(user_id=alice.pk, old_email="former@example.com")
    TOTP.activate(alice, generate_totp_secret())
    students.send_password_link(user_id=alice.pk)
    students.send_second_factor_link(user_id=alice.pk)
    students.reset_second_factor(user_id=alice.pk)
    students.ask_for_mail_again(
        mail_id=SentEmail.objects.filter(status="sent", kind="approved")[0].pk
    )


def invited():
    invitee = Invitee(email="erin@example.com", name="Erin Seo", latin_name="", language="en")
    students.invite_student(invitee=invitee)
    return User.objects.get(email=invitee.email)


def confirm(email):
    return bool(EmailAddress.objects.filter(email=email).update(verified=True))


def test_every_logged_event_handled_again_changes_nothing(everything):
    before = snapshot()
    mail.outbox.clear()
    logged = LoggedEvent.objects.order_by("pk")
    product = {name for name in registry.event_names() if not name.startswith("tests.")}
    assert set(logged.values_list("name", flat=True)) == product

    for row in logged:
        event = registry.read(name=row.name, payload=row.payload, log_id=row.pk)
        for subscription in registry.subscriptions_later(type(event)):
            subscription.handler(event)

    assert snapshot() == before
    assert mail.outbox == []
