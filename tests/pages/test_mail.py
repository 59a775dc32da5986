"""The e-mails that follow what happened: each once, in the student's language."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone, translation

from apps.courses import services as courses
from apps.events.models import Delivery
from apps.events.services import deliver, sweep
from apps.lectures import services as lectures
from apps.payments import services as payments
from apps.students.models import HistoryEntry, TimelineEntry, User
from apps.students.views.wording import in_words

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
        told = Delivery.objects.get(subscriber__endswith="mail_enrollment_cancelled")
        deliver(delivery_id=told.pk)  # the refund is made later, and told of by itself
        mail.outbox.clear()
        payments.retry_refunds()

    def surplus(self):
        enrollment_id = self.charged_without_an_answer()
        lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=self.student.pk)
        self.gateway_returns()

    def surplus_after_expiry(self):
        self.charged_without_an_answer()
        with time_machine.travel(timezone.now() + timedelta(days=2)):
            lectures.expire_enrollments()
        self.gateway_returns()

    def charged_without_an_answer(self):
        self.settings.PAYMENT_READ_TIMEOUT_SECONDS = 0.2
        self.settings.PAYMENT_MAX_ATTEMPTS = 1
        with time_machine.travel(timezone.now() - timedelta(minutes=5)):
            enrollment_id = self.requested()
            self.pay(enrollment_id, self.student, "tok_timeout_after_capture")
        payments.set_sandbox_behaviour(behaviour="down")
        return enrollment_id

    def gateway_returns(self):
        payments.set_sandbox_behaviour(behaviour="working")
        payments.settle_unknown_charges()

    def seat_offered(self):
        course_id = self.make_course(capacity=1)
        taken = self.enroll(self.other, course_id)
        lectures.join_waiting_list(student_id=self.student.pk, course_id=course_id)
        lectures.cancel_enrollment(enrollment_id=taken, student_id=self.other.pk)
        return course_id

    def offer_lapsed(self):
        with time_machine.travel(timezone.now() - timedelta(days=2)):
            self.seat_offered()
        lectures.keep_waiting_lists()

    def waiting_list_ended(self):
        courses.close_course(course_id=self.seat_offered())
        lectures.keep_waiting_lists()

    def declined(self):
        self.pay(self.requested(), self.student, "tok_insufficient_funds")

    def payment_due(self):
        with time_machine.travel(timezone.now() - timedelta(hours=20)):
            self.requested()
        lectures.remind_of_payments()

    def course_starts(self):
        soon = timezone.now() + timedelta(minutes=5)
        self.requested(price_minor=0, starts_at=soon, ends_at=soon + timedelta(days=9))
        lectures.remind_of_starts()

    def lessons_wait(self):
        with time_machine.travel(timezone.now() - timedelta(days=8)):
            self.requested(price_minor=0)
        lectures.remind_of_lessons()

    def completed(self):
        self.learn(self.requested(price_minor=0), self.student)

    def certified(self):
        self.learn(self.requested(price_minor=0), self.student)
        sweep(queue="certification")


@pytest.fixture
def make(alice, bob, make_course, enroll, pay, learn, settings):
    world = World(
        alice,
        other=bob,
        make_course=make_course,
        enroll=enroll,
        pay=pay,
        learn=learn,
        settings=settings,
    )
    return lambda kind: getattr(world, kind)()


HANDLERS = {
    "requested": "mail_enrollment_requested",
    "approved": "mail_enrollment_approved",
    "deferred": "mail_payment_deferred",
    "cancelled": "mail_enrollment_cancelled",
    "expired": "mail_enrollment_expired",
    "refunded": "mail_refund_succeeded",
    "surplus": "mail_surplus_refunded",
    "seat_offered": "mail_seat_offered",
    "offer_lapsed": "mail_offer_lapsed",
    "waiting_list_ended": "mail_waiting_list_ended",
    "declined": "mail_payment_declined",
    "payment_due": "mail_payment_due",
    "course_starts": "mail_course_starts",
    "lessons_wait": "mail_lessons_wait",
    "completed": "mail_enrollment_completed",
    "certified": "mail_certificate_issued",
}
WORDS = {
    "requested": ["is kept for you", "₩50,000", "(KST)", "/lectures/"],
    "approved": ["You are enrolled", "₩50,000", "/lectures/"],
    "deferred": ["Please pay later", "₩50,000", "(KST)", "/checkout/"],
    "cancelled": ["is cancelled", "A refund of ₩50,000", "/my/"],
    "expired": ["has expired", "Nothing was charged", "/courses/"],
    "refunded": ["Your refund", "₩50,000", "/my/"],
    "surplus": ["on its way back", "₩50,000", "after the enrollment was cancelled", "/my/"],
    "seat_offered": ["is free for you", "held for you until", "(KST)", "/courses/"],
    "offer_lapsed": ["no longer held for you", "next in line", "/courses/"],
    "waiting_list_ended": ["has ended", "Nothing was charged", "/courses/"],
    "declined": ["was declined", "₩50,000", "not enough money", "(KST)", "/checkout/"],
    "payment_due": ["is about to expire", "₩50,000", "(KST)", "/checkout/"],
    "course_starts": ["Introduction to SQL", "calendar", "Starts:", "Ends:", "/lectures/"],
    "lessons_wait": ["are waiting", "not begun", "/mail/unsubscribe/"],
    "completed": ["You have completed", "certificate is being issued", "/review/"],
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


def test_payment_is_put_off_by_one_mail_however_often_it_is_tried(
    alice, make_course, enroll, pay, deliver_all
):
    enrollments = [enroll(alice, make_course(title=title)) for title in ("SQL", "Drawing")]
    payments.set_sandbox_behaviour(behaviour="down")
    for _try in range(3):
        for enrollment_id in enrollments:
            pay(enrollment_id, alice)
            deliver_all()

    subjects = [message.subject for message in mail.outbox if "pay later" in message.subject]
    assert sorted(subjects) == ['Please pay later for "Drawing"', 'Please pay later for "SQL"']
    assert TimelineEntry.objects.filter(kind="deferred").count() == 6


def test_declined_card_is_told_once_a_day_and_not_when_another_went_through(
    alice, make_course, enroll, pay, deliver_all
):
    first, second = (enroll(alice, make_course(title=title)) for title in ("SQL", "Drawing"))
    for _card in range(3):
        pay(first, alice, "tok_declined")
        deliver_all()
    pay(second, alice, "tok_declined")
    pay(second, alice)
    deliver_all()

    declined = [message.subject for message in mail.outbox if "declined" in message.subject]
    assert declined == ['Your payment for "SQL" was declined']


@pytest.mark.parametrize("kind", ["payment_due", "course_starts", "lessons_wait"])
def test_reminder_that_comes_late_is_not_sent(make, kind, alice):
    make(kind)
    lectures.cancel_enrollment(enrollment_id=HistoryEntry.objects.get().pk, student_id=alice.pk)

    deliver(delivery_id=delivery_of(kind).pk)

    assert mail.outbox == []


def subjects_after_surplus(deliver_all):
    deliver_all()
    payments.retry_refunds()
    deliver_all()
    return [message.subject.split(" for ")[0] for message in mail.outbox]


def test_money_that_comes_after_the_cancellation_goes_back_and_the_student_is_told(
    make, deliver_all
):
    make("surplus")

    subjects = subjects_after_surplus(deliver_all)

    assert subjects.count("Your money") == subjects.count("Your refund") == 1
    with translation.override("en"):
        told = {line.title: line.text for line in map(in_words, TimelineEntry.objects.all())}
    for title in ("Refund requested", "Refund made"):
        assert told[title] == "Amount: ₩50,000. Money that arrived without being owed."


def test_money_that_comes_after_the_hold_expired_goes_back_and_the_student_is_told(
    make, deliver_all
):
    make("surplus_after_expiry")

    subjects = subjects_after_surplus(deliver_all)

    assert HistoryEntry.objects.get().status == "expired"
    assert subjects.count("Your money") == subjects.count("Your refund") == 1
    assert any("after the enrollment had expired" in message.body for message in mail.outbox)


def test_offer_that_is_over_is_not_announced_any_more(make, deliver_all):
    make("offer_lapsed")
    deliver_all()

    assert not any("is free for you" in message.subject for message in mail.outbox)
    assert any("no longer held" in message.subject for message in mail.outbox)


# --- a cancellation and its refund ----------------------------------------------------------------


def subjects():
    return [message.subject for message in mail.outbox]


@pytest.fixture
def refunded(alice, make_course, enroll, pay, deliver_all):
    """Cancel a paid enrollment whose refund is made before any e-mail of it is sent."""
    enrollment_id = enroll(alice, make_course(refund_policy="full"))
    pay(enrollment_id, alice)
    deliver_all()
    mail.outbox.clear()
    lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)
    payments.retry_refunds()


def owed(subscriber):
    return Delivery.objects.get(subscriber__endswith=subscriber, status="pending").pk


def test_refund_is_not_told_before_the_cancellation(refunded):
    assert deliver(delivery_id=owed("mail_refund_succeeded")) is False

    assert subjects() == []


def test_cancellation_and_a_refund_made_by_then_are_one_email(refunded, deliver_all):
    deliver_all()

    [message] = mail.outbox
    assert "is cancelled" in message.subject
    assert "We have refunded ₩50,000." in message.body
    assert "on its way" not in message.body
