"""Waiting for a seat from the pages: join, see one's place, leave, take the seat offered."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.courses import services as courses
from apps.courses.models import Course
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment, WaitingListEntry
from tests.forms import agreed_on

pytestmark = pytest.mark.django_db
JOIN = "/waiting-list/"


@pytest.fixture
def full(alice, make_course, enroll):
    """A course whose only seat Alice holds: the course's id and her enrollment's."""
    course_id = make_course(capacity=1)
    return course_id, enroll(alice, course_id)


def page_of(course_id):
    return reverse("courses:course", args=[Course.objects.get(pk=course_id).slug])


def departure(entry_id):
    return reverse("lectures:departure", args=[entry_id])


def join(student, course_id):
    return lectures.join_waiting_list(student_id=student.pk, course_id=course_id)


def free_the_seat(full):
    lectures.cancel_enrollment(enrollment_id=full[1], student_id=None)


# --- the page of the course -----------------------------------------------------------------------


def test_full_course_lets_the_student_join_and_shows_the_position(client, full, bob, mallory):
    join(mallory, full[0])
    client.force_login(bob)
    assert 'action="/waiting-list/"' in client.get(page_of(full[0])).text

    answer = client.post(JOIN, {"course": full[0]}, follow=True)

    assert answer.redirect_chain == [(page_of(full[0]), 302)]
    assert "We write you as soon as a seat is free" in answer.text
    assert "You are number 2 on the waiting list" in answer.text
    assert 'action="/waiting-list/"' not in answer.text


def test_visitor_logs_in_to_join(client, full):
    assert "Log in to join the waiting list" in client.get(page_of(full[0])).text

    answer = client.post(JOIN, {"course": full[0]})

    assert answer.url == f"/accounts/login/?next={page_of(full[0])}"


def test_offer_is_shown_until_when_and_taken_by_a_click(client, full, bob):
    entry_id = join(bob, full[0])
    free_the_seat(full)
    client.force_login(bob)

    text = client.get(page_of(full[0])).text
    until = timezone.localtime(WaitingListEntry.objects.get().offered_until)
    assert "A seat is held for you until" in text
    assert f"{until:%H:%M} (KST)" in text
    answer = client.post("/lectures/", {"course": full[0]})

    enrollment = Enrollment.objects.get(student=bob)
    assert answer.url == reverse("lectures:checkout", args=[enrollment.pk])
    assert client.get(answer.url).status_code == 200
    assert WaitingListEntry.objects.get(pk=entry_id).status == "accepted"


def test_student_leaves_and_the_seat_goes_to_the_next(client, full, bob, mallory):
    entry_id, next_id = join(bob, full[0]), join(mallory, full[0])
    free_the_seat(full)
    client.force_login(bob)
    assert departure(entry_id) in client.get(page_of(full[0])).text

    answer = client.post(departure(entry_id), follow=True)

    assert "You are no longer on the waiting list." in answer.text
    assert WaitingListEntry.objects.get(pk=next_id).status == "offered"
    assert 'action="/waiting-list/"' in answer.text


def test_second_tab_is_told_what_has_happened(client, full, bob):
    client.force_login(bob)
    client.post(JOIN, {"course": full[0]})
    entry_id = WaitingListEntry.objects.get().pk

    again = client.post(JOIN, {"course": full[0]}, follow=True)
    assert "on the waiting list of this course already" in again.text
    client.post(departure(entry_id))
    gone = client.post(departure(entry_id), follow=True)
    assert "no longer on this waiting list" in gone.text
    assert WaitingListEntry.objects.count() == 1


def test_joining_when_a_seat_is_free_says_to_enroll(client, bob, make_course):
    client.force_login(bob)

    answer = client.post(JOIN, {"course": make_course(capacity=2)}, follow=True)

    assert answer.redirect_chain[-1][0].startswith("/courses/")
    assert "Enroll instead of waiting" in answer.text


def test_offer_of_yesterday_is_refused_with_what_to_do(client, full, bob):
    join(bob, full[0])
    free_the_seat(full)
    client.force_login(bob)

    with time_machine.travel(timezone.now() + timedelta(days=2)):
        client.force_login(bob)
        answer = client.post("/lectures/", {"course": full[0]}, follow=True)

    assert "The offer of this seat has ended" in answer.text


def test_place_of_another_is_a_404(client, full, bob, mallory, carol):
    entry_id = join(bob, full[0])
    for stranger in (mallory, carol):
        client.force_login(stranger)
        assert client.post(departure(entry_id)).status_code == 404
        assert client.get(departure(entry_id)).status_code == 404
        assert "number 1 on the waiting list" not in client.get(page_of(full[0])).text
    client.logout()
    assert client.post(departure(entry_id)).url.startswith("/accounts/login/")
    assert WaitingListEntry.objects.get().status == "waiting"


@pytest.mark.parametrize("course", ["", "x", "-1", "999999", str(10**30)])
def test_course_that_is_not_there_is_a_404(client, bob, course):
    client.force_login(bob)

    assert client.post(JOIN, {"course": course}).status_code == 404


def test_looking_at_the_address_leads_to_my_courses(client, full, bob):
    entry_id = join(bob, full[0])
    client.force_login(bob)

    assert client.get(JOIN).url == reverse("students:history")
    assert client.get(departure(entry_id)).url == page_of(full[0])
    assert WaitingListEntry.objects.get().status == "waiting"


def test_closed_course_offers_no_waiting(client, full, bob):
    join(bob, full[0])
    courses.close_course(course_id=full[0])
    client.force_login(bob)

    text = client.get(page_of(full[0])).text

    assert "no more enrollments" in text
    assert "waiting list" not in text


@pytest.mark.parametrize("others", [0, 5])
def test_course_page_of_a_waiting_student_costs_seven_queries(
    client, full, bob, mallory, carol, others
):
    for student in (mallory, carol)[:others]:
        join(student, full[0])
    join(bob, full[0])
    client.force_login(bob)
    address = page_of(full[0])

    with CaptureQueriesContext(connection) as queries:
        client.get(address)

    assert len(queries) == 7  # session, user, then 3 for the offer and 2 for his place


# --- My courses -----------------------------------------------------------------------------------


def test_my_courses_shows_places_and_offers(client, full, bob, mallory):
    waiting = join(mallory, full[0])
    offered = join(bob, full[0])
    client.force_login(bob)

    text = client.get("/my/").text
    assert "Number 2 in line" in text
    assert "No courses yet" not in text
    assert departure(offered) in text
    lectures.leave_waiting_list(entry_id=waiting, student_id=mallory.pk)
    assert "Number 1 in line" in client.get("/my/").text
    free_the_seat(full)
    text = client.get("/my/").text
    assert "A seat is held for you until" in text
    assert 'action="/lectures/"' in text
    client.post("/lectures/", {"course": full[0]})
    assert "A seat is held for you until" not in client.get("/my/").text


def test_my_courses_shows_no_place_of_another(client, full, bob, mallory):
    join(bob, full[0])
    client.force_login(mallory)

    assert "in line" not in client.get("/my/").text


def test_seat_that_was_offered_since_is_not_given_up_unseen(client, alice, bob, full):
    course_id, taken = full[0], full[1]
    client.force_login(bob)
    client.post(JOIN, {"course": course_id})
    entry = WaitingListEntry.objects.get()
    agreed = agreed_on(client, page_of(course_id))
    lectures.cancel_enrollment(enrollment_id=taken, student_id=None)

    answer = client.post(departure(entry.pk), agreed, follow=True)

    assert "nothing was done" in answer.text
    assert WaitingListEntry.objects.get().status == "offered"
