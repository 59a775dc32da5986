"""The steps of an enrollment: drawn from all that is known of it, alike on every page."""

import re

import pytest
from django.urls import reverse

from apps.certification import services as certification
from apps.certification.models import Certificate
from apps.courses.models import Course
from apps.lectures import services as lectures

pytestmark = pytest.mark.django_db

STEP = re.compile(r'<li class="step(?: step--(\w+))?".*?step__label">(.*?)</span>', re.DOTALL)


def steps(client, address):
    """Return the labels of the steps, those that are done, current or stopped with a sign."""
    signs = {"done": "+", "current": ">", "stopped": "x", "": ""}
    page = client.get(address).text
    return " ".join(signs[state] + label for state, label in STEP.findall(page))


@pytest.fixture
def pages(client, alice):
    """Return what each page that draws the steps of an enrollment shows."""
    client.force_login(alice)

    def read(enrollment_id, *names):
        return {steps(client, reverse(name, args=[enrollment_id])) for name in names}

    return read


ALL = ("lectures:classroom", "lectures:cancellation", "students:timeline")
PAID = (*ALL, "lectures:payment", "lectures:checkout")


@pytest.fixture
def certified(alice, make_course, enroll, pay, learn, deliver_all):
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    learn(enrollment_id, alice)
    deliver_all()
    return enrollment_id


def test_certified_enrollment_is_at_its_end_on_every_page(client, pages, certified):
    done = "+Requested +Paid +Learning +Completed +Certified"
    course = reverse("courses:course", args=[Course.objects.get().slug])

    assert pages(certified, *PAID) == {done}
    assert steps(client, course) == done
    assert "Next: <strong>certificate" not in client.get(course).text


def test_completed_enrollment_waits_for_its_certificate(
    client, pages, alice, make_course, enroll, pay, learn
):
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    learn(enrollment_id, alice)

    assert pages(enrollment_id, *PAID) == {"+Requested +Paid +Learning +Completed >Certified"}


def test_revoked_certificate_ends_the_steps(client, pages, certified):
    certification.revoke_certificate(
        certificate_id=Certificate.objects.get().pk, reason="By mistake"
    )
    course = reverse("courses:course", args=[Course.objects.get().slug])

    revoked = "+Requested +Paid +Learning +Completed xCertificate revoked"
    assert pages(certified, *PAID) == {revoked}
    assert steps(client, course) == revoked


def test_refunded_enrollment_shows_payment_and_refund(
    pages, alice, make_course, enroll, pay, deliver_all
):
    enrollment_id = enroll(alice, make_course(refund_policy="full"))
    pay(enrollment_id, alice)
    lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=alice.pk)
    under_way = pages(enrollment_id, "students:timeline")
    deliver_all()
    from apps.payments import services as payments

    payments.retry_refunds()

    assert under_way == {"+Requested +Paid xCancelled >Refund"}
    assert pages(enrollment_id, *PAID) == {"+Requested +Paid xCancelled +Refunded"}


def test_free_enrollment_never_says_paid(pages, alice, make_course, enroll):
    enrollment_id = enroll(alice, make_course(price_minor=0))

    assert pages(enrollment_id, *ALL) == {"+Requested +Free >Learning Completed Certified"}


def test_expired_enrollment_ends_there(pages, alice, make_course, enroll, settings):
    settings.ENROLLMENT_HOLD_SECONDS = -1
    enrollment_id = enroll(alice, make_course())
    lectures.expire_enrollments()

    assert pages(enrollment_id, *PAID) == {"+Requested xExpired"}
