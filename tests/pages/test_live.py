"""Pieces of pages that htmx asks for: no news, news, and when the asking ends."""

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.lectures.models import Enrollment
from apps.live import ASK_FOR_SECONDS
from apps.payments import services as payments

pytestmark = pytest.mark.django_db
LIVE = {"HX-Request": "true"}


@pytest.fixture
def deferred(client, make_course, enroll, pay, alice, settings):
    """Alice was asked to pay later."""
    settings.PAYMENT_TOTAL_BUDGET_SECONDS = 0.2
    settings.PAYMENT_BACKOFF_MAX_SECONDS = 0.01
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course())
    payments.set_sandbox_behaviour(behaviour="down")
    pay(enrollment_id, alice)
    payments.set_sandbox_behaviour(behaviour="working")
    return enrollment_id


@pytest.fixture
def completed(client, make_course, enroll, pay, learn, alice):
    """Alice has completed a course; her certificate is still to come."""
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    learn(enrollment_id, alice)
    return enrollment_id


def ask(client, name, enrollment_id, was, *, age_seconds=0):
    since = int(timezone.now().timestamp()) - age_seconds
    query = {"was": was, "since": since}
    return client.get(reverse(name, args=[enrollment_id]), query, headers=LIVE)


def test_payment_that_has_not_moved_is_no_news(client, deferred):
    assert ask(client, "lectures:payment", deferred, "deferred").status_code == 204


def test_approved_payment_is_news_that_asks_no_more(client, deferred, pay, alice):
    pay(deferred, alice)

    response = ask(client, "lectures:payment", deferred, "deferred")

    assert response.status_code == 200
    assert "You have paid" in response.text
    assert "hx-trigger" not in response.text


def test_asking_ends_after_ten_minutes(client, deferred):
    age_seconds = ASK_FOR_SECONDS + 1

    response = ask(client, "lectures:payment", deferred, "deferred", age_seconds=age_seconds)

    assert response.status_code == 286
    assert response.headers["HX-Reswap"] == "none"


@pytest.mark.parametrize("since", ["", "-1", "abc", "9" * 40, "²", "1.5"])
def test_asking_with_a_wrong_time_ends(client, deferred, since):
    address = reverse("lectures:payment", args=[deferred])

    assert client.get(address, {"was": "deferred", "since": since}, headers=LIVE).status_code == 286


def test_certificate_comes_into_the_classroom(client, completed, deliver_all):
    assert ask(client, "certificate_of_enrollment", completed, "").status_code == 204
    deliver_all()

    piece = ask(client, "certificate_of_enrollment", completed, "")

    assert "See the certificate" in piece.text
    assert 'id="steps" hx-swap-oob="true"' in piece.text
    assert "hx-trigger" not in piece.text


def test_certificate_comes_into_the_timeline(client, completed, deliver_all):
    assert ask(client, "students:timeline", completed, "completed-uncertified").status_code == 204
    deliver_all()

    page = ask(client, "students:timeline", completed, "completed-uncertified")

    assert "Certificate issued" in page.text
    assert "hx-trigger" not in page.text


def test_piece_opened_in_the_browser_leads_to_the_classroom(client, completed):
    response = client.get(reverse("certificate_of_enrollment", args=[completed]))

    assert response.url == reverse("lectures:classroom", args=[completed])


def test_certificate_of_another_is_404(client, completed, mallory):
    client.force_login(mallory)

    assert ask(client, "certificate_of_enrollment", completed, "").status_code == 404


def test_piece_after_the_session_has_ended_loads_the_page_again(client, deferred):
    client.logout()

    response = ask(client, "lectures:payment", deferred, "deferred")

    assert response.headers["HX-Refresh"] == "true"


def test_lesson_completed_by_htmx_stays_and_leads_on(client, make_course, enroll, pay, alice):
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    lessons = (
        client.get(reverse("lectures:classroom", args=[enrollment_id])).context["room"].lessons
    )
    first = lessons[0].outline.id
    client.get(reverse("lectures:lesson", args=[enrollment_id, first]))
    address = reverse("lectures:lesson_completion", args=[enrollment_id, first])

    response = client.post(address, headers=LIVE)

    assert response.status_code == 200
    assert "You completed this lesson" in response.text
    assert reverse("lectures:lesson", args=[enrollment_id, lessons[1].outline.id]) in response.text
    assert Enrollment.objects.get().progress_percent == 33


def test_refused_piece_loads_the_page_again(client, make_course, enroll, alice):
    client.force_login(alice)
    enrollment_id = enroll(alice, make_course())
    address = reverse("lectures:lesson_completion", args=[enrollment_id, 1])

    response = client.post(address, headers=LIVE)

    assert response.status_code == 404 or response.headers["HX-Refresh"] == "true"
