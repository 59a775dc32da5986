"""The preview of a course: the page of its students, before they may see it."""

import re

import pytest
from django.urls import reverse

from apps.courses.models import Course


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


def main_of(answer):
    html = re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL).group()
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)


def test_preview_of_an_open_course_is_the_page_that_visitors_get(desk, client, make_course):
    course = Course.objects.get(pk=make_course(description="# Hello\n\n**World**", capacity=3))
    seen = main_of(desk.get(reverse("desk_preview_page", args=[course.pk])))
    client.logout()
    client.cookies["django_language"] = "en"

    assert seen == main_of(client.get(reverse("courses:course", args=[course.slug])))
    assert "<strong>World</strong>" in seen


def test_draft_is_shown_as_if_it_were_open_and_stays_a_draft(desk, client, make_course):
    course = Course.objects.get(pk=make_course(opened=False))
    page = desk.get(reverse("desk_preview_page", args=[course.pk]))

    assert page.context["offer"].course.card.availability == "open"
    assert course.title in main_of(page)
    assert Course.objects.get().status == "draft"
    client.logout()
    assert client.get(reverse("courses:course", args=[course.slug])).status_code == 404


def test_page_may_be_framed_by_the_desk_only(desk, make_course):
    pk = make_course()
    inner = desk.get(reverse("desk_preview_page", args=[pk]))
    outer = desk.get(reverse("desk_preview", args=[pk]), {"width": "phone"})

    assert inner["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in inner["Content-Security-Policy"]
    assert "frame-src 'self'" in outer["Content-Security-Policy"]
    assert outer["X-Frame-Options"] == "DENY"
    assert "desk-frame-phone" in outer.content.decode()


def test_course_form_leads_to_its_preview(desk, make_course):
    pk = make_course(opened=False)

    page = desk.get(reverse("admin:courses_course_change", args=[pk])).content.decode()

    assert reverse("desk_preview", args=[pk]) in page


def test_preview_is_closed_to_students_and_staff_without_the_right(
    client, staff_with, alice, make_course
):
    urls = [reverse(name, args=[make_course()]) for name in ("desk_preview", "desk_preview_page")]
    client.force_login(staff_with("lectures.view_enrollment"))
    assert {client.get(url).status_code for url in urls} == {403}
    client.force_login(alice)
    assert {client.get(url).status_code for url in urls} == {302}


def test_course_that_does_not_exist_is_404(desk):
    assert desk.get(reverse("desk_preview", args=[999])).status_code == 404
    assert desk.get(reverse("desk_preview_page", args=[999])).status_code == 404
