"""What pages say once, in one format and where it belongs."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core import mail
from django.urls import reverse
from django.utils import translation

from apps.courses.models import Course, Lesson
from apps.lectures import services as lectures
from foundation.durations import format_duration
from foundation.messages import DistinctStorage

pytestmark = pytest.mark.django_db


# --- durations ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "english", "korean"),
    [
        (45, "45 min", "45분"),
        (60, "1 h", "1시간"),
        (90, "1 h 30 min", "1시간 30분"),
        (280, "4 h 40 min", "4시간 40분"),
    ],
)
def test_duration_is_exact(minutes, english, korean):
    assert format_duration(minutes) == english
    with translation.override("ko"):
        assert format_duration(minutes) == korean


def test_course_page_and_catalogue_show_the_exact_duration(client, make_course):
    course_id = make_course(lessons=1)
    Lesson.objects.filter(course_id=course_id).update(duration_minutes=280)
    course = reverse("courses:course", args=[Course.objects.get().slug])

    for address in (course, reverse("courses:catalogue"), reverse("home")):
        assert "4 h 40 min" in client.get(address).text, address


# --- reviews --------------------------------------------------------------------------------------


def test_each_review_shows_its_stars(client, alice, make_course, enroll, pay, learn):
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    learn(enrollment_id, alice)
    lectures.write_review(enrollment_id=enrollment_id, student_id=alice.pk, rating=4, text="Clear.")

    page = client.get(reverse("courses:course", args=[Course.objects.get().slug])).text
    reviews = page[page.index('id="reviews"') :]

    article = reviews[reviews.index("<article") : reviews.index("</article>")]
    assert '<svg width="80"' in article  # four of five
    assert "4 of 5" in article
    assert 'icons.svg#star"' not in article


# --- the box to enroll ----------------------------------------------------------------------------


def test_course_page_keeps_the_enrollment_beside_everything_else(client, make_course):
    """The sticky box ends with its columns: one grid holds the whole page of the course."""
    make_course(description="About it.")
    page = client.get(reverse("courses:course", args=[Course.objects.get().slug])).text
    after = page[page.index('class="split split--course"') :]

    assert page.count('class="split') == 2  # the grid, and its box: nothing beside it
    assert after.index("split__aside") < after.index("About it.") < after.index('id="reviews"')


# --- canceling, and what to take next -------------------------------------------------------------


def test_cancel_stands_on_the_enrollments_own_page_alone(client, alice, make_course, enroll, pay):
    enrollment_id = enroll(alice, make_course())
    client.force_login(alice)
    cancel = f'href="{reverse("lectures:cancellation", args=[enrollment_id])}"'

    def shown(name, *args):
        return cancel in client.get(reverse(name, args=args)).text

    assert not shown("home")
    assert not shown("students:history")
    assert shown("students:timeline", enrollment_id)
    pay(enrollment_id, alice)
    assert not shown("home")
    assert not shown("students:history")
    assert shown("students:timeline", enrollment_id)


def test_home_recommends_no_course_that_is_taken(client, alice, make_course, enroll, pay, learn):
    done = enroll(alice, make_course(title="Done"))
    pay(done, alice)
    learn(done, alice)
    enroll(alice, make_course(title="To pay"))
    given_up = enroll(alice, make_course(title="Given up"))
    lectures.cancel_enrollment(enrollment_id=given_up, student_id=alice.pk)
    make_course(title="New")
    client.force_login(alice)

    cards = client.get("/").context["cards"]

    assert {card.title for card in cards} == {"New", "Given up"}


def test_home_says_so_when_every_open_course_is_taken(client, alice, make_course, enroll):
    enroll(alice, make_course())
    client.force_login(alice)

    text = client.get("/").text

    assert "Nothing new to enroll in" in text
    assert "No course yet" not in text


# --- messages -------------------------------------------------------------------------------------


def test_equal_messages_are_shown_once(rf):
    request = rf.get("/")
    request.session = {}
    storage = DistinctStorage(request)
    storage._loaded_data = [Message(messages.SUCCESS, "Saved.")]

    storage.add(messages.SUCCESS, "Saved.")
    storage.add(messages.INFO, "Another.")
    storage.add(messages.INFO, "Another.")

    assert [str(message) for message in storage] == ["Saved.", "Another."]


def test_form_sent_twice_is_answered_by_one_toast(client, alice):
    client.force_login(alice)
    for _ in range(2):
        client.post("/accounts/notifications/", {})

    assert (
        client.get("/accounts/notifications/").text.count('class="alert alert--success toast"') == 1
    )


SIGN_UP = {"email": "dana@example.com", "password1": "learn-by-doing", "name": "Dana Oh"}


def confirm_by_link(client):
    link = re.search(r"http\S+/accounts/confirm-email/\S+", mail.outbox[-1].body).group()
    return client.post(link[link.index("/accounts") :], follow=True)


def test_confirming_an_address_is_answered_by_one_toast(client):
    page = client.post(reverse("account_signup"), SIGN_UP, follow=True)
    confirmed = confirm_by_link(client)

    assert page.text.count("toast__close") == 0  # the page itself says it
    assert confirmed.text.count("toast__close") == 1


# --- the e-mail of a sign-up, once more -----------------------------------------------------------

AGAIN = "/accounts/confirmation/"


@pytest.fixture
def no_pause(settings):
    settings.TRY_LIMITS = settings.TRY_LIMITS | {"confirmation": (1, 0), "sign_up": (3, 3600)}


def test_sign_up_mail_is_sent_again_by_the_button_of_its_page(client, no_pause):
    page = client.post(reverse("account_signup"), SIGN_UP, follow=True)
    assert f'action="{AGAIN}"' in page.text

    answer = client.post(AGAIN, follow=True)

    assert [message.to for message in mail.outbox] == [["dana@example.com"]] * 2
    assert "We have sent the message again." in answer.text
    assert confirm_by_link(client).status_code == 200


def test_sign_up_mail_is_sent_again_a_limited_number_of_times(client, no_pause):
    client.post(reverse("account_signup"), SIGN_UP)

    statuses = [client.post(AGAIN).status_code for _ in range(4)]

    assert statuses == [302, 302, 429, 429]
    assert len(mail.outbox) == 3


def test_sign_up_mail_waits_before_it_is_sent_again(client):
    client.post(reverse("account_signup"), SIGN_UP)

    answer = client.post(AGAIN, follow=True)

    assert len(mail.outbox) == 1
    assert "sent a moment ago" in answer.text


def test_sending_again_does_not_tell_who_has_an_account(client, alice, no_pause):
    client.post(reverse("account_signup"), SIGN_UP | {"email": alice.email})

    answer = client.post(AGAIN, follow=True)

    assert "We have sent the message again." in answer.text
    assert [message.to for message in mail.outbox] == [[alice.email]] * 2
    assert "confirm-email" not in mail.outbox[-1].body


def test_sending_again_without_a_sign_up_leads_to_it(client):
    assert client.post(AGAIN).url == reverse("account_signup")
    assert mail.outbox == []


# --- fonts and links ------------------------------------------------------------------------------


def test_every_font_of_the_styles_has_hangul():
    tokens = Path(django_settings.BASE_DIR, "static/css/tokens.css").read_text(encoding="utf-8")

    fonts = re.findall(r"--font-\w+:([^;]+);", tokens)

    assert len(fonts) == 2
    assert all("Pretendard" in font for font in fonts), fonts


def test_pay_later_leads_back_by_a_button(client, alice, make_course, enroll, pay, deliver_all):
    from apps.payments import services as payments

    enrollment_id = enroll(alice, make_course())
    payments.set_sandbox_behaviour(behaviour="down")
    pay(enrollment_id, alice)
    client.force_login(alice)
    checkout = reverse("lectures:checkout", args=[enrollment_id])

    page = client.get(reverse("lectures:payment", args=[enrollment_id])).text
    deliver_all()
    html = next(m for m in mail.outbox if "Please pay later" in m.subject).alternatives[0][0]

    assert f">http://testserver{checkout}<" not in page
    assert re.search(rf'<a class="button[^>]*href="{checkout}"', page)
    assert re.search(rf'background-color:#1d4ed8;"><a href="[^"]*{checkout}"', html)
