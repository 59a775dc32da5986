"""Each e-mail goes out once: however often it is delivered, by however many, whatever fails."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connection
from django.utils import timezone

from apps.events import registry
from apps.events.models import Delivery, LoggedEvent
from apps.events.services import deliver, sweep
from apps.lectures import services as lectures
from apps.students import services
from apps.students.models import SentEmail, User

pytestmark = pytest.mark.django_db
HERE = "tests.mail.test_sending"


class DiesAfterTaking(EmailBackend):
    """The mail server takes the e-mail, and our process dies before it can say so."""

    def send_messages(self, messages):
        super().send_messages(messages)
        raise SystemExit


class Refusing(EmailBackend):
    code = 550

    def send_messages(self, messages):
        (address,) = messages[0].to
        raise smtplib.SMTPRecipientsRefused({address: (self.code, b"no such user")})


class RefusingForNow(Refusing):
    code = 450


class RefusingWhatIsWritten(EmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPDataError(554, b"we do not want this")


@pytest.fixture
def enrolled(alice, make_course, enroll):
    """Alice is enrolled in a free course: one e-mail is owed."""
    enroll(alice, make_course(price_minor=0))
    return Delivery.objects.get(subscriber="students.notifications.mail_enrollment_approved")


@pytest.fixture
def busy_school(alice, bob, make_course, enroll, pay, learn, deliver_all):
    """Nearly everything that e-mails tell of has happened, and all of it is delivered."""
    course_id = make_course()
    first, second = (enroll(student, course_id) for student in (alice, bob))
    pay(first, alice, "tok_declined")
    pay(first, alice)
    learn(first, alice)
    pay(second, bob)
    lectures.cancel_enrollment(enrollment_id=second, student_id=bob.pk)
    deliver_all()
    enroll(bob, make_course(title="Drawing"))
    with time_machine.travel(timezone.now() + timedelta(hours=20)):
        lectures.remind_of_payments()
        deliver_all()
    with time_machine.travel(timezone.now() + timedelta(hours=30)):
        lectures.expire_enrollments()
        deliver_all()


def handle_all_again():
    """Hand every event to its e-mails once more, as a repeated delivery would."""
    for row in LoggedEvent.objects.order_by("pk"):
        event = registry.read(name=row.name, payload=row.payload, log_id=row.pk)
        for subscription in registry.subscriptions_later(type(event)):
            if "notifications" in subscription.name:
                subscription.handler(event)


def ids():
    return sorted(message.message()["Message-ID"] for message in mail.outbox)


def test_every_event_handled_again_sends_nothing(busy_school):
    sent = ids()
    kinds = set(SentEmail.objects.values_list("kind", flat=True))
    assert kinds == {
        *("requested", "approved", "cancelled", "completed", "certified", "payment_due"),
        "expired",
    }  # the refund was made before the first e-mail went, which tells of it

    handle_all_again()

    assert ids() == sent
    assert len(set(sent)) == len(sent) == SentEmail.objects.filter(status="sent").count()


@pytest.mark.django_db(transaction=True)
def test_parallel_workers_send_once(alice, make_course, enroll):
    enroll(alice, make_course(price_minor=0))
    row = LoggedEvent.objects.get(name="lectures.enrollment_approved.v1")
    event = registry.read(name=row.name, payload=row.payload, log_id=row.pk)
    (handler,) = (s.handler for s in registry.subscriptions_later(type(event)))

    def work(_number):
        try:
            handler(event)
        except services.StillBeingSent:
            return "wait"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(work, range(18)))

    assert len(mail.outbox) == 1
    assert "done" in answers


def test_who_dies_after_handing_over_sends_it_again_under_the_same_id(enrolled, settings):
    settings.EMAIL_BACKEND = f"{HERE}.DiesAfterTaking"
    with pytest.raises(SystemExit):
        deliver(delivery_id=enrolled.pk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert SentEmail.objects.get().status == "sending"

    handle_again = registry.find_subscription(
        type(read_event(enrolled)), enrolled.subscriber
    ).handler
    with pytest.raises(services.StillBeingSent):
        handle_again(read_event(enrolled))
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.MAIL_LEASE_SECONDS + 1)):
        assert deliver(delivery_id=enrolled.pk)
        handle_again(read_event(enrolled))

    first, second = ids()
    assert first == second
    assert SentEmail.objects.get().status == "sent"


def read_event(delivery):
    row = delivery.event
    return registry.read(name=row.name, payload=row.payload, log_id=row.pk)


@pytest.mark.parametrize("backend", ["Refusing", "RefusingWhatIsWritten"])
def test_refused_for_good_is_not_tried_again(enrolled, settings, backend):
    settings.EMAIL_BACKEND = f"{HERE}.{backend}"

    assert deliver(delivery_id=enrolled.pk)

    row = SentEmail.objects.get()
    assert (row.status, row.attempts, Delivery.objects.get(pk=enrolled.pk).status) == (
        *("refused", 1),
        "delivered",
    )
    assert "55" in row.last_error


def test_refused_for_now_is_tried_again(enrolled, settings):
    settings.EMAIL_BACKEND = f"{HERE}.RefusingForNow"
    assert not deliver(delivery_id=enrolled.pk)
    assert SentEmail.objects.get().status == "failed"

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        assert deliver(delivery_id=enrolled.pk)

    row = SentEmail.objects.get()
    assert (row.status, row.attempts, row.last_error) == ("sent", 2, "")


def test_mail_that_fails_blocks_no_other(alice, bob, make_course, enroll, deliver_all, settings):
    User.objects.filter(pk=alice.pk).update(language="xx")  # nobody can write to her
    for student in (alice, bob):
        enroll(student, make_course(title=student.name, price_minor=0))
    settings.TIME_ZONE = "Asia/Seoul"
    deliver_all()

    assert [message.to for message in mail.outbox if "Bob" in message.subject] == [[bob.email]]


def test_mail_to_who_is_gone_is_owed_once_too():
    owed = {"kind": "account_removed", "reason": "parting-1", "address": "gone@example.com"}
    SentEmail.objects.create(**owed)

    with pytest.raises(IntegrityError, match="sent_email_once_per_reason"):
        SentEmail.objects.create(**owed)


def test_envelope_is_whole(enrolled, alice, settings):
    settings.REPLY_TO_EMAIL = "Office <office@example.com>"
    deliver(delivery_id=enrolled.pk)

    (message,) = mail.outbox
    raw = message.message()
    assert message.recipients() == [alice.email]
    assert [part.get_content_type() for part in raw.get_payload()] == ["text/plain", "text/html"]
    assert raw.get_content_type() == "multipart/alternative"
    assert (raw["From"], raw["Reply-To"]) == (
        settings.DEFAULT_FROM_EMAIL,
        "Office <office@example.com>",
    )
    assert (raw["Auto-Submitted"], raw["Content-Language"]) == ("auto-generated", "en")
    assert raw["Message-ID"].endswith("@example.com>")
    assert raw["List-Unsubscribe"] is None


def test_subject_is_kept_and_no_body(enrolled, alice):
    deliver(delivery_id=enrolled.pk)

    row = SentEmail.objects.get()
    assert (row.address, row.recipient_id) == (alice.email, alice.pk)
    assert row.subject == 'You are enrolled in "Introduction to SQL"'
    assert "classroom" not in str(vars(row)).lower()


def test_mail_follows_the_account_to_a_new_address(enrolled, alice):
    User.objects.filter(pk=alice.pk).update(email="alice@new.example")
    sweep(queue="default")

    assert SentEmail.objects.get().address == mail.outbox[0].to[0] == "alice@new.example"


def test_staff_have_it_sent_again_as_a_new_edition(enrolled, deliver_all):
    deliver(delivery_id=enrolled.pk)
    services.ask_for_mail_again(mail_id=SentEmail.objects.get().pk)
    with pytest.raises(services.MailCannotBeSentAgain):
        services.ask_for_mail_again(mail_id=SentEmail.objects.get().pk)
    deliver_all()
    handle_all_again()

    first, second = ids()
    assert first != second
    assert mail.outbox[0].body == mail.outbox[1].body


def test_welcome_comes_once_when_the_first_address_is_confirmed(client, db, deliver_all):
    client.post(
        "/accounts/signup/",
        {"email": "dora@example.com", "name": "Dora <b>", "password1": "learn-by-doing"},
        headers={"accept-language": "en"},
    )
    (confirm,) = mail.outbox
    assert "Welcome!" in confirm.body
    assert "Dora" not in confirm.body + confirm.alternatives[0].content  # a stranger's words
    link = next(line for line in confirm.body.splitlines() if line.startswith("http"))
    assert link in confirm.alternatives[0].content
    client.get(link.replace("http://testserver", ""))
    client.post(link.replace("http://testserver", ""))
    deliver_all()
    handle_all_again()

    assert [message.subject.split(" to ")[0] for message in mail.outbox[1:]] == ["Welcome"]
    assert "Hello Dora <b>," in mail.outbox[1].body
    assert "Hello Dora &lt;b&gt;," in mail.outbox[1].alternatives[0].content


@pytest.mark.parametrize("language", ["ko", "en"])
def test_account_mail_is_in_the_language_of_the_account_and_keeps_no_link(client, alice, language):
    User.objects.update(language=language)
    other = "en" if language == "ko" else "ko"
    client.post(
        "/accounts/password/reset/", {"email": alice.email}, headers={"accept-language": other}
    )

    (message,) = mail.outbox
    assert ("비밀번호" in message.body) == (language == "ko")
    row = SentEmail.objects.get()
    assert (row.kind, row.status, row.facts) == ("password_reset_key", "sent", {})
    assert "/reset/" in message.body
    assert "/reset/" not in str(vars(row))
    with pytest.raises(services.MailCannotBeSentAgain):
        services.ask_for_mail_again(mail_id=row.pk)


def test_changed_password_is_told(client, alice):
    client.force_login(alice)
    client.post(
        "/accounts/password/change/",
        {
            "oldpassword": "learn-by-doing",
            "password1": "another-good-word",
            "password2": "another-good-word",
        },
        headers={"user-agent": "<b>Browser</b>"},
    )

    (message,) = mail.outbox
    assert "password of your account has been changed" in message.body
    assert "Browser: <b>Browser</b>" in message.body
    assert "&lt;b&gt;Browser&lt;/b&gt;" in message.alternatives[0].content


def test_account_mail_that_cannot_be_sent_is_put_down_without_its_link(client, alice, settings):
    settings.EMAIL_BACKEND = f"{HERE}.RefusingForNow"
    client.post("/accounts/password/reset/", {"email": alice.email})

    row = SentEmail.objects.get()
    assert (row.status, row.last_error) == ("failed", "SMTPRecipientsRefused")
