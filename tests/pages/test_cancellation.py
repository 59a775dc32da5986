"""Cancel, with the refund shown before the click."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.courses.models import Course
from apps.lectures.models import Enrollment
from apps.payments.models import Payment, Refund
from tests.forms import agreed_on, values_of

pytestmark = pytest.mark.django_db


def address(enrollment_id):
    return reverse("lectures:cancellation", args=[enrollment_id])


def agree(client, enrollment_id):
    """Return what the page agrees to, as it stands."""
    return agreed_on(client, address(enrollment_id))


def post_cancellation(client, enrollment_id, agreed=None, **more):
    return client.post(address(enrollment_id), agreed or agree(client, enrollment_id), **more)


@pytest.fixture
def paid(client, make_course, alice, enroll, pay):
    """Alice, logged in, has paid 60,000 won for a course that starts tomorrow for six days."""
    tomorrow = timezone.now() + timedelta(days=1)
    course_id = make_course(
        price_minor=60_000, starts_at=tomorrow, ends_at=tomorrow + timedelta(days=6)
    )
    enrollment_id = enroll(alice, course_id)
    pay(enrollment_id, alice)
    client.force_login(alice)
    return enrollment_id


@pytest.fixture
def later(monkeypatch):
    def move(delta):
        now = timezone.now() + delta
        monkeypatch.setattr(timezone, "now", lambda: now)

    return move


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        (0, "₩60,000"),
        (2, "₩40,000"),
        (3.5, "₩30,000"),
        (5, "nothing is refunded any more"),
    ],
)
def test_refund_is_shown_before_the_click(client, paid, later, days, shown):
    later(timedelta(days=days))

    text = client.get(address(paid)).text

    assert shown in text
    assert "What you agreed to" in text
    assert Enrollment.objects.get().status == "approved"


def test_confirmed_cancellation_refunds_what_was_shown(client, paid, deliver_all):
    response = post_cancellation(client, paid, follow=True)
    deliver_all()

    assert response.redirect_chain == [(reverse("students:timeline", args=[paid]), 302)]
    assert "₩60,000 is on its way back to you" in response.text
    assert Enrollment.objects.get().status == "cancelled"
    assert Payment.objects.get().refunded_minor == 60_000
    assert Course.objects.get().seats_taken == 0


def test_refund_that_changed_meanwhile_is_shown_again(client, paid, later):
    agreed = agree(client, paid)
    later(timedelta(days=2))

    response = post_cancellation(client, paid, agreed)

    assert response.status_code == 409
    assert "nothing was done" in response.text
    assert "₩40,000" in response.text
    assert Enrollment.objects.get().status == "approved"
    assert values_of(response)["agreed"] == agree(client, paid)["agreed"] != agreed["agreed"]


def test_payment_made_meanwhile_is_shown_before_it_is_lost(client, make_course, alice, enroll, pay):
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course(refund_policy="none"))
    agreed = agree(client, enrollment_id)  # not paid: nothing to refund, as after the payment
    pay(enrollment_id, alice)

    response = post_cancellation(client, enrollment_id, agreed)

    assert response.status_code == 409
    assert "nothing is refunded any more" in response.text
    assert Enrollment.objects.get().status == "approved"


@pytest.mark.parametrize("value", ["", "abc", "-1", "60000.5", "9" * 40, "\x00"])
def test_nonsense_for_the_agreement_cancels_nothing(client, paid, value):
    assert post_cancellation(client, paid, {"agreed": value}).status_code == 409
    assert Enrollment.objects.get().status == "approved"


def test_unpaid_enrollment_is_cancelled_without_refund(client, make_course, alice, enroll):
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course())

    assert "You have not paid" in client.get(address(enrollment_id)).text
    response = post_cancellation(client, enrollment_id, follow=True)

    assert "Your enrollment is cancelled." in response.text
    assert Payment.objects.get().status == "cancelled"
    assert not Refund.objects.exists()


def test_free_enrollment_is_cancelled_without_refund(client, make_course, alice, enroll):
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course(price_minor=0))

    assert "The course is free" in client.get(address(enrollment_id)).text
    post_cancellation(client, enrollment_id)

    assert Enrollment.objects.get().status == "cancelled"


def test_second_tab_cancels_and_refunds_nothing_more(client, paid):
    agreed = agree(client, paid)
    post_cancellation(client, paid, agreed)

    response = post_cancellation(client, paid, agreed, follow=True)

    assert response.redirect_chain == [(reverse("students:timeline", args=[paid]), 302)]
    assert "cancelled already" in response.text
    assert "A refund of ₩60,000 is on its way" in response.text
    assert Refund.objects.count() == 1


def test_completed_course_cannot_be_cancelled(client, paid, alice, learn):
    learn(paid, alice)

    assert "cannot be cancelled any more" in client.get(address(paid)).text
    response = post_cancellation(client, paid, follow=True)

    assert "A completed course cannot be cancelled any more." in response.text
    assert Enrollment.objects.get().status == "completed"


def test_cancellation_page_costs_five_queries(client, paid, django_assert_num_queries):
    with django_assert_num_queries(5):  # session, user, enrollment, course, payment
        client.get(address(paid))


def test_strangers_get_404_and_change_nothing(client, paid, mallory, carol):
    for stranger in (mallory, carol):
        client.force_login(stranger)
        assert client.get(address(paid)).status_code == 404
        assert post_cancellation(client, paid).status_code == 404
    assert Enrollment.objects.get().status == "approved"


def test_visitor_logs_in_first(client, paid):
    client.logout()

    assert client.get(address(paid)).url == f"{reverse('account_login')}?next={address(paid)}"
    assert post_cancellation(client, paid).status_code == 302
    assert Enrollment.objects.get().status == "approved"


def test_cancelling_needs_the_csrf_token(paid, alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)

    assert post_cancellation(strict, paid).status_code == 403
