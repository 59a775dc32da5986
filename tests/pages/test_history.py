"""The student's history and the timeline of one enrollment: from the read model alone."""

import inspect
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.certification import services as certification
from apps.certification.models import Certificate
from apps.courses import services as courses
from apps.lectures import services as lectures
from apps.payments import services as payments
from apps.students import projections
from apps.students.models import HistoryEntry, TimelineEntry
from apps.students.views.wording import KINDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(client, alice):
    client.force_login(alice)
    return alice


def history(client, **query):
    return client.get(reverse("students:history"), query)


def timeline(client, enrollment_id):
    return client.get(reverse("students:timeline", args=[enrollment_id]))


def add_entries(student, count):
    now = timezone.now()
    HistoryEntry.objects.bulk_create(
        HistoryEntry(
            lecture_id=10_000 + number, student_id=student.pk, course_id=1, status="approved",
            course_title=f"Course {number}", course_slug="x", price_minor=0, currency="KRW",
            approved_at=now, requested_at=now - timedelta(minutes=number),
        )
        for number in range(count)
    )  # fmt: skip


def test_empty_history_leads_to_the_catalogue(client, me):
    text = history(client).text

    assert "No courses yet" in text
    assert reverse("courses:catalogue") in text


@pytest.mark.parametrize("count", [1, 1000])
def test_history_costs_three_queries_beside_session_and_user(client, me, count):
    add_entries(me, count)

    with CaptureQueriesContext(connection) as queries:
        assert history(client).status_code == 200

    assert len(queries) == 5
    assert sum("students_historyentry" in query["sql"] for query in queries) == 2
    assert sum("students_waitingplace" in query["sql"] for query in queries) == 1


def test_history_comes_in_pages_of_twenty(client, me):
    add_entries(me, 45)

    assert history(client).text.count("<article") == 20
    assert history(client, page=3).text.count("<article") == 5
    assert history(client, page="x").status_code == 200
    assert history(client, page=10**30).text.count("<article") == 5


def test_requested_enrollment_asks_for_payment(client, me, make_course, enroll):
    enrollment_id = enroll(me, make_course())

    text = history(client).text

    assert "Awaiting payment" in text
    assert "₩50,000. Pay by" in text
    assert reverse("lectures:checkout", args=[enrollment_id]) in text
    assert reverse("students:timeline", args=[enrollment_id]) in text


def test_deferred_payment_says_pay_later_until_when(client, me, make_course, enroll, pay):
    enrollment_id = enroll(me, make_course())
    payments.set_sandbox_behaviour(behaviour="down")
    pay(enrollment_id, me)

    text = history(client).text

    assert "Pay later: your seat is kept until" in text
    assert "(KST)" in text
    assert "Payment put off: pay later" in timeline(client, enrollment_id).text


def test_learning_continues_in_the_classroom(client, me, make_course, enroll, pay):
    enrollment_id = enroll(me, make_course())
    pay(enrollment_id, me)

    text = history(client).text

    assert reverse("lectures:classroom", args=[enrollment_id]) in text
    assert "<progress" in text


def test_completed_course_leads_to_its_certificate(
    client, me, make_course, enroll, learn, deliver_all
):
    enrollment_id = enroll(me, make_course(price_minor=0))
    learn(enrollment_id, me)
    assert "is being issued" in history(client).text

    deliver_all()
    code = Certificate.objects.get().code
    assert reverse("certification:verify", args=[code]) in history(client).text

    certification.revoke_certificate(certificate_id=Certificate.objects.get().pk, reason="Fraud")
    text = history(client).text
    assert "has been revoked" in text
    assert "is being issued" not in text


def test_cancelled_enrollment_tells_of_its_refund(
    client, me, make_course, enroll, pay, deliver_all
):
    enrollment_id = enroll(me, make_course())
    pay(enrollment_id, me)
    lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=me.pk)
    assert "A refund of ₩50,000 is on its way." in history(client).text

    deliver_all()
    assert "₩50,000 has been refunded." in history(client).text


def test_cancellation_without_refund_says_so(client, me, make_course, enroll, pay):
    enrollment_id = enroll(me, make_course(refund_policy="none"))
    pay(enrollment_id, me)
    lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=me.pk)

    assert "nothing was refunded" in history(client).text


def test_timeline_tells_everything_in_words(client, me, make_course, enroll, pay, deliver_all):
    enrollment_id = enroll(me, make_course())
    pay(enrollment_id, me, "tok_insufficient_funds")
    pay(enrollment_id, me)
    courses.withdraw_course(course_id=HistoryEntry.objects.get().course_id)
    deliver_all()

    text = timeline(client, enrollment_id).text

    words = (
        "Enrollment requested", "₩50,000", "Payment declined", "not enough money on the card",
        "Paid", "Enrollment approved", "Enrollment cancelled", "The school withdrew the course.",
        "Refund requested", "Refund made", "For the cancelled enrollment.",
    )  # fmt: skip
    assert [part for part in words if part not in text] == []


def test_timeline_of_a_completed_course(client, me, make_course, enroll, learn, deliver_all):
    enrollment_id = enroll(me, make_course(price_minor=0))
    learn(enrollment_id, me)
    deliver_all()
    certificate_id = Certificate.objects.get().pk
    certification.reissue_certificate(
        certificate_id=certificate_id, student_name="Alice Lee", reason="New name"
    )

    text = timeline(client, enrollment_id).text

    words = (
        "The course is free.", "Lesson completed", "Lesson 3", "Course completed",
        "Certificate issued", "Certificate revoked", "New name", "issued again",
    )  # fmt: skip
    assert [part for part in words if part not in text] == []


def test_every_kind_of_line_has_words():
    source = inspect.getsource(projections)
    named = r'kind="(\w+)"(?: if .* else "(\w+)")?|_(?:payment|refund)\(\s*event, "(\w+)"'
    written = {kind for match in re.findall(named, source) for kind in match if kind}

    assert written == set(KINDS)


def test_unknown_codes_are_said_plainly(client, me, make_course, enroll):
    enrollment_id = enroll(me, make_course())
    now = timezone.now()
    for number, (kind, detail) in enumerate(
        [("declined", "stolen_card"), ("cancelled", "alien"), ("refunded", "gift")]
    ):
        TimelineEntry.objects.create(
            event_id=10**9 + number, lecture_id=enrollment_id, kind=kind, occurred_at=now,
            amount_minor=0, currency="KRW", detail=detail,
        )  # fmt: skip

    assert "The payment service declined the card." in timeline(client, enrollment_id).text


def test_timeline_of_another_is_404(client, me, mallory, make_course, enroll):
    enrollment_id = enroll(me, make_course())
    client.force_login(mallory)

    assert timeline(client, enrollment_id).status_code == 404
    assert timeline(client, 10**30).status_code == 404
    assert "Introduction to SQL" not in history(client).text


def test_visitor_is_asked_to_log_in(client, db):
    assert history(client).url.startswith(reverse("account_login"))
    assert timeline(client, 1).url.startswith(reverse("account_login"))
