"""Staff see what was sent, have it sent again, and look at every kind before a student does."""

import html
import re

import pytest
from django.core import mail
from django.urls import reverse

from apps.students.letters import KINDS
from apps.students.models import SentEmail
from tests.forms import confirm

LIST = "/admin/students/sentemail/"
PREVIEWS = f"{LIST}preview/"


@pytest.fixture
def sent(alice, make_course, enroll, deliver_all):
    enroll(alice, make_course(price_minor=0))
    deliver_all()
    return SentEmail.objects.get()


def test_list_says_what_went_to_whom(client, carol, sent):
    client.force_login(carol)
    page = client.get(LIST).text

    for part in ("alice@example.com", "Paid and approved", "You are enrolled", PREVIEWS):
        assert part in page, part


def test_button_sends_again(client, carol, sent, deliver_all):
    client.force_login(carol)
    page = reverse("admin:students_sentemail_send_again", args=[sent.pk])

    assert "goes out once more" in client.get(page).text
    confirm(client, page)
    deliver_all()

    assert len(mail.outbox) == 2
    assert SentEmail.objects.get().edition == 2


def test_viewer_may_not_send(client, staff_with, sent, deliver_all):
    client.force_login(staff_with("students.view_sentemail"))
    page = reverse("admin:students_sentemail_send_again", args=[sent.pk])

    assert client.get(f"{LIST}{sent.pk}/change/").status_code == 200
    assert client.post(page).status_code == 403


def test_every_kind_is_listed_in_both_languages(client, carol):
    client.force_login(carol)
    page = client.get(PREVIEWS).text

    for kind in KINDS:
        for language in ("ko", "en"):
            assert f"{PREVIEWS}{kind}/{language}/" in page


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_preview_shows_html_in_a_sandbox_and_text_without_the_database(
    client, carol, django_assert_num_queries, kind, language
):
    client.force_login(carol)
    client.get(PREVIEWS)  # notes when staff were last seen
    with django_assert_num_queries(2):  # session and user
        page = client.get(f"{PREVIEWS}{kind}/{language}/").text

    frames = page.split("<iframe ")[1:]
    assert len(frames) >= 2
    for frame in frames:
        shown = re.search(r' sandbox srcdoc="([^"]+)" title=', frame)[1]  # quotes end nothing early
        assert html.unescape(shown).startswith("<!DOCTYPE html>\n<html lang=" + f'"{language}">')
        assert html.unescape(shown).rstrip().endswith("</html>")
    assert "<title>" not in page.split("</title>", 1)[1]
    assert not SentEmail.objects.exists()
    assert mail.outbox == []


def test_preview_is_closed_to_whoever_may_not_see_the_mails(client, staff_with, alice):
    for user in (alice, staff_with("courses.view_course")):
        client.force_login(user)
        for page in (PREVIEWS, f"{PREVIEWS}requested/ko/", LIST):
            assert client.get(page).status_code in {302, 403}, page


@pytest.mark.parametrize("page", ["nothing/ko/", "requested/fr/", "requested/%00/", "x/"])
def test_preview_of_what_is_not_there_is_not_found(client, carol, page):
    client.force_login(carol)

    assert client.get(PREVIEWS + page).status_code in {302, 404, 400}
