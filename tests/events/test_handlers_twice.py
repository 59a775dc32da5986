"""Every event is delivered twice and the second time changes nothing."""

from django.core import mail
from django.db import connection

from apps.certification.models import Certificate
from apps.courses import services as courses
from apps.events import registry
from apps.events.models import LoggedEvent
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment

TABLES = [
    "courses_course",
    "lectures_enrollment",
    "lectures_lessonprogress",
    "lectures_waitinglistentry",
    "payments_payment",
    "payments_charge",
    "payments_refund",
    "payments_ledgerentry",
    "certification_certificate",
    "students_historyentry",
    "students_timelineentry",
    "students_waitingplace",
    "students_sentemail",
    "lectures_reminder",
    "events_loggedevent",
]


def snapshot():
    with connection.cursor() as cursor:
        rows = {}
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
            rows[table] = cursor.fetchall()
    return rows


def test_every_logged_event_handled_again_changes_nothing(
    alice, bob, mallory, make_course, enroll, pay, learn, deliver_all
):
    course_id = make_course()
    first, second, third = (enroll(person, course_id) for person in (alice, bob, mallory))
    pay(first, alice)
    learn(first, alice)
    pay(second, bob, "tok_declined")
    pay(second, bob)
    lectures.cancel_enrollment(enrollment_id=second, student_id=bob.pk)
    courses.withdraw_course(course_id=course_id)
    sought = make_course(title="Sought after", capacity=1)
    seat = enroll(alice, sought)
    for student in (bob, mallory):
        lectures.join_waiting_list(student_id=student.pk, course_id=sought)
    lectures.cancel_enrollment(enrollment_id=seat, student_id=alice.pk)
    courses.change_course(course_id=sought, fields={"capacity": 2})
    courses.close_course(course_id=sought)
    deliver_all()
    before = snapshot()
    assert Certificate.objects.count() == 1
    assert Enrollment.objects.get(pk=third).status == "cancelled"
    mail.outbox.clear()

    for row in LoggedEvent.objects.order_by("pk"):
        event = registry.read(name=row.name, payload=row.payload, log_id=row.pk)
        later = [subscription.handler for subscription in registry.subscriptions_later(type(event))]
        for handler in later:
            handler(event)
    assert snapshot() == before
    assert mail.outbox == []
