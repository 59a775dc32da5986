"""The e-mails that follow what happened: each once, in the student's language."""

import pytest
from django.core import mail
from django.utils import timezone, translation

from apps.courses import services as courses
from apps.events.models import Delivery
from apps.events.services import deliver, sweep
from apps.lectures import services as lectures
from apps.payments import services as payments
from apps.students.models import HistoryEntry, User

pytestmark = pytest.mark.django_db


class World:
    """What leads to each e-mail, by its kind; the deliveries are still owed."""

    def __init__(self, student, **ways):
        self.student = student
        self.__dict__ |= ways

    def requested(self, **fields):
        return self.enroll(self.student, self.make_course(**fields))

    def approved(self):
        enrollment_id = self.requested()
        self.pay(enrollment_id, self.student)
        return enrollment_id

    def deferred(self):
        payments.set_sandbox_behaviour(behaviour="down")
        self.approved()

    def cancelled(self):
        enrollment_id = self.approved()
        lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=self.student.pk)

    def expired(self):
        self.settings.ENROLLMENT_HOLD_SECONDS = 0
        self.requested()
        lectures.expire_enrollments()

    def refunded(self):
        self.cancelled()
        payments.retry_refunds()

    def certified(self):
        self.learn(self.requested(price_minor=0), self.student)
        sweep(queue="certification")


@pytest.fixture
def make(alice, make_course, enroll, pay, learn, settings):
    world = World(
        alice, make_course=make_course, enroll=enroll, pay=pay, learn=learn, settings=settings
    )
    return lambda kind: getattr(world, kind)()


HANDLERS = {
    "requested": "mail_enrollment_requested",
    "approved": "mail_enrollment_approved",
    "deferred": "mail_payment_deferred",
    "cancelled": "mail_enrollment_cancelled",
    "expired": "mail_enrollment_expired",
    "refunded": "mail_refund_succeeded",
    "certified": "mail_certificate_issued",
}
WORDS = {
    "requested": ["is kept for you", "₩50,000", "(KST)", "/lectures/"],
    "approved": ["You are enrolled", "₩50,000", "/lectures/"],
    "deferred": ["Please pay later", "₩50,000", "(KST)", "/checkout/"],
    "cancelled": ["is cancelled", "A refund of ₩50,000", "/my/"],
    "expired": ["has expired", "Nothing was charged", "/courses/"],
    "refunded": ["Your refund", "₩50,000", "/my/"],
    "certified": ["Your certificate", "Congratulations", "/verify/"],
}


def delivery_of(kind):
    return Delivery.objects.get(subscriber=f"students.notifications.{HANDLERS[kind]}")


@pytest.mark.parametrize("kind", HANDLERS)
def test_mail_is_sent_once_however_often_it_is_delivered(make, alice, kind):
    make(kind)
    delivery = delivery_of(kind)

    assert deliver(delivery_id=delivery.pk)
    assert not deliver(delivery_id=delivery.pk)
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    assert not deliver(delivery_id=delivery.pk)

    (message,) = mail.outbox
    assert message.to == [alice.email]
    text = f"{message.subject}\n{message.body}"
    assert [word for word in WORDS[kind] if word not in text] == []
    assert "Introduction to SQL" in message.subject
    assert "Hello Alice Kim," in message.body
    assert "http://localhost" in message.body


@pytest.mark.parametrize("kind", HANDLERS)
def test_mail_is_sent_once_after_a_mail_server_that_was_down(make, settings, kind):
    make(kind)
    delivery = delivery_of(kind)

    settings.EMAIL_BACKEND = "no.such.backend"
    assert not deliver(delivery_id=delivery.pk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    assert deliver(delivery_id=delivery.pk)

    assert len(mail.outbox) == 1


def test_mail_that_comes_late_tells_no_one_to_pay_again(make):
    make("approved")

    deliver(delivery_id=delivery_of("requested").pk)

    (message,) = mail.outbox
    assert "Pay here" not in message.body
    assert "/my/" in message.body


def test_free_course_is_approved_without_talk_of_money(alice, make_course, enroll, deliver_all):
    enroll(alice, make_course(price_minor=0))
    deliver_all()

    (message,) = mail.outbox
    assert "The course is free." in message.body
    assert "₩" not in message.body


def test_withdrawn_course_is_the_cause_that_is_named(alice, make_course, enroll, pay, deliver_all):
    course_id = make_course()
    pay(enroll(alice, course_id), alice)
    courses.withdraw_course(course_id=course_id)
    deliver_all()

    bodies = [message.body for message in mail.outbox]
    assert sum("The school has withdrawn the course" in body for body in bodies) == 1


@pytest.mark.parametrize(
    "title", ["Tom & Jerry's <b>SQL</b>", "Line\r\nBcc: evil@example.com", "과정 🎉"]
)
def test_title_is_neither_escaped_nor_a_header(alice, make_course, enroll, deliver_all, title):
    enroll(alice, make_course(price_minor=0))
    HistoryEntry.objects.update(course_title=title)
    deliver_all()

    (message,) = mail.outbox
    assert "&amp;" not in message.body + message.subject
    assert message.message()["Bcc"] is None
    assert message.recipients() == [alice.email]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_mail_is_in_the_language_of_the_account(make, language):
    """Whatever language the worker runs in; the date is written as that language does."""
    User.objects.update(language=language)
    make("requested")
    with translation.override("en" if language == "ko" else "ko"):
        deliver(delivery_id=delivery_of("requested").pk)

    (message,) = mail.outbox
    assert ("년 " in message.body) == (language == "ko")


def test_inactive_student_gets_no_mail(alice, make_course, enroll, deliver_all):
    enroll(alice, make_course(price_minor=0))
    User.objects.update(is_active=False)
    deliver_all()

    assert mail.outbox == []
