"""The checkout, the payment and its result."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.courses.models import Course
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments import services as payments
from apps.payments.models import Charge, Payment, SandboxTransaction

pytestmark = pytest.mark.django_db


def checkout(enrollment_id):
    return reverse("lectures:checkout", args=[enrollment_id])


def result(enrollment_id):
    return reverse("lectures:payment", args=[enrollment_id])


@pytest.fixture
def enrolled(client, make_course, alice, enroll):
    """Alice, logged in, holds a seat that is not paid yet."""
    client.force_login(alice)
    return enroll(alice, make_course())


@pytest.fixture
def gateway(settings):
    settings.PAYMENT_TOTAL_BUDGET_SECONDS = 0.4
    settings.PAYMENT_READ_TIMEOUT_SECONDS = 0.15
    settings.PAYMENT_BACKOFF_MAX_SECONDS = 0.01
    settings.SANDBOX_SLOW_TOKEN_SECONDS = 0.05
    return payments.set_sandbox_behaviour


@pytest.fixture
def later(monkeypatch):
    """Move the clock."""

    def move(delta):
        now = timezone.now() + delta
        monkeypatch.setattr(timezone, "now", lambda: now)

    return move


# --- checkout -------------------------------------------------------------------------------------


def test_checkout_says_price_terms_and_until_when(client, enrolled):
    response = client.get(checkout(enrolled))

    pay_by = timezone.localtime(Enrollment.objects.get().pay_by)
    for part in (
        "Pay ₩50,000",
        "Seat held until",
        pay_by.strftime("%Y"),
        "(KST)",
        "If you cancel",
        "you get two thirds of it back: ₩33,333",
        "This is a sandbox",
        'value="tok_insufficient_funds"',
        reverse("lectures:cancellation", args=[enrolled]),
    ):
        assert part in response.text, part


def test_checkout_costs_six_queries(client, enrolled, django_assert_num_queries):
    with django_assert_num_queries(6):  # session, user, enrollment, course, payment, last try
        client.get(checkout(enrolled))


def test_price_and_terms_are_those_agreed(client, enrolled):
    Course.objects.update(price_minor=99_000, refund_policy="none")

    text = client.get(checkout(enrolled)).text

    assert "₩50,000" in text
    assert "99,000" not in text
    assert "two thirds" in text


def test_free_enrollment_needs_no_checkout(client, make_course, alice, enroll):
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course(price_minor=0))

    for address in (checkout(enrollment_id), result(enrollment_id)):
        assert client.get(address).url == reverse("lectures:classroom", args=[enrollment_id])


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        ("pay", "You have paid"),
        ("cancel", "has been cancelled"),
        ("run_out", "The time to pay is over"),
        ("expire", "The time to pay is over"),
    ],
)
def test_checkout_explains_when_there_is_nothing_to_pay(
    client, enrolled, alice, pay, later, prepare, words
):
    if prepare == "pay":
        pay(enrolled, alice)
    elif prepare == "cancel":
        lectures.cancel_enrollment(enrollment_id=enrolled, student_id=alice.pk)
    else:
        later(timedelta(hours=25))
        if prepare == "expire":
            lectures.expire_enrollments()

    response = client.get(checkout(enrolled))

    assert response.status_code == 200
    assert words in response.text
    assert 'name="token"' not in response.text


# --- pay ------------------------------------------------------------------------------------------


def post_payment(client, enrollment_id, token="tok_approved", **more):
    return client.post(result(enrollment_id), {"token": token}, **more)


@pytest.mark.parametrize("token", ["tok_approved", "tok_slow", "tok_timeout_after_capture"])
def test_card_that_works_pays(client, enrolled, gateway, token):
    response = post_payment(client, enrolled, token, follow=True)

    assert response.redirect_chain == [(result(enrolled), 302)]
    assert "You have paid" in response.text
    assert "₩50,000" in response.text
    assert reverse("lectures:classroom", args=[enrolled]) in response.text
    assert Enrollment.objects.get().status == "approved"
    assert SandboxTransaction.objects.filter(kind="charge").count() == 1


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("tok_declined", "The bank declined the card."),
        ("tok_insufficient_funds", "There is not enough money on the card."),
    ],
)
def test_declined_card_is_explained_and_another_can_be_tried(client, enrolled, token, reason):
    response = post_payment(client, enrolled, token, follow=True)

    assert reason in response.text
    assert "Nothing was charged" in response.text
    assert checkout(enrolled) in response.text
    assert reason in client.get(checkout(enrolled)).text
    assert "You have paid" in post_payment(client, enrolled, follow=True).text


@pytest.mark.parametrize("behaviour", ["down", "failing"])
def test_pay_later_when_the_gateway_does_not_work(client, enrolled, gateway, behaviour):
    gateway(behaviour=behaviour)

    response = post_payment(client, enrolled, follow=True)

    assert "Please pay later" in response.text
    assert "You have not been charged." in response.text
    assert f'href="{checkout(enrolled)}"' in response.text
    assert "(KST)" in response.text
    assert Payment.objects.get().status == "deferred"
    gateway(behaviour="working")
    assert "You have paid" in post_payment(client, enrolled, follow=True).text


def test_pay_later_with_unknown_outcome_says_so_and_charges_once(client, enrolled, gateway):
    gateway(behaviour="slow", delay_milliseconds=500)

    response = post_payment(client, enrolled, follow=True)

    assert "We do not know yet whether your card was charged" in response.text
    assert "You have not been charged." not in response.text
    assert "cannot be charged twice" in client.get(checkout(enrolled)).text
    gateway(behaviour="working")
    assert "You have paid" in post_payment(client, enrolled, follow=True).text
    assert SandboxTransaction.objects.filter(kind="charge").count() == 1


def test_second_click_charges_nothing(client, enrolled):
    post_payment(client, enrolled)

    response = post_payment(client, enrolled, follow=True)

    assert response.redirect_chain == [(result(enrolled), 302)]
    assert "This has been paid already. You were not charged again." in response.text
    assert "You have paid" in response.text
    assert Charge.objects.count() == 1


def test_reload_of_the_result_pays_nothing(client, enrolled):
    assert "Not paid yet" in client.get(result(enrolled)).text
    assert not Charge.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_double_click_charges_once(client, enrolled, alice, settings):
    settings.SANDBOX_SLOW_TOKEN_SECONDS = 0.5

    def click(_number):
        try:
            tab = Client(headers={"accept-language": "en"})
            tab.force_login(alice)
            return post_payment(tab, enrolled, "tok_slow", follow=True).text
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        texts = list(pool.map(click, range(3)))

    assert sum("A payment is under way" in text for text in texts) == 2
    assert sum("You have paid" in text for text in texts) >= 1
    assert SandboxTransaction.objects.filter(kind="charge").count() == 1
    assert "You have paid" in client.get(result(enrolled)).text


@pytest.mark.parametrize("token", ["", "tok_unknown", "x" * 10_000, "\x00", "🙂", "<b>"])
def test_unknown_card_is_named_and_nothing_is_charged(client, enrolled, token):
    response = post_payment(client, enrolled, token)

    assert response.status_code == 400
    assert "Test card" in response.text
    assert "Choose" in response.text
    assert "<b>" not in response.text
    assert not Charge.objects.exists()


@pytest.mark.parametrize(
    ("prepare", "words"),
    [("cancel", "You were not charged"), ("run_out", "The time to pay is over")],
)
def test_ended_enrollment_takes_no_money(client, enrolled, alice, later, prepare, words):
    if prepare == "cancel":
        lectures.cancel_enrollment(enrollment_id=enrolled, student_id=alice.pk)
    else:
        later(timedelta(hours=25))

    response = post_payment(client, enrolled, follow=True)

    assert words in response.text
    assert not SandboxTransaction.objects.exists()


def test_paying_costs_the_same_whatever_the_student_holds(
    client, make_course, alice, enroll, django_assert_max_num_queries
):
    client.force_login(alice)
    spent = []
    for number in range(5):
        enrollment_id = enroll(alice, make_course(title=f"Course {number}"))
        with django_assert_max_num_queries(40) as queries:
            post_payment(client, enrollment_id)
        spent.append(len(queries))

    assert len(set(spent)) == 1, spent


# --- whose it is ----------------------------------------------------------------------------------


def test_strangers_get_404_and_change_nothing(client, enrolled, mallory, carol):
    for stranger in (mallory, carol):
        client.force_login(stranger)
        assert client.get(checkout(enrolled)).status_code == 404
        assert client.get(result(enrolled)).status_code == 404
        assert post_payment(client, enrolled).status_code == 404
        assert post_payment(client, enrolled, "nonsense").status_code == 404
    assert not Charge.objects.exists()


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_unknown_enrollment_is_404(client, alice, number):
    client.force_login(alice)

    assert client.get(f"/lectures/{number}/checkout/").status_code == 404
    assert client.post(f"/lectures/{number}/payment/", {"token": "x"}).status_code == 404


def test_visitor_logs_in_first(client, enrolled):
    client.logout()

    for address in (checkout(enrolled), result(enrolled)):
        assert client.get(address).url == f"{reverse('account_login')}?next={address}"
    assert post_payment(client, enrolled).status_code == 302
    assert not Charge.objects.exists()


def test_paying_needs_the_csrf_token(enrolled, alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)

    assert post_payment(strict, enrolled).status_code == 403
    assert not Charge.objects.exists()
