"""The first page: what is offered, and what goes on."""

import pytest

pytestmark = pytest.mark.django_db


def test_visitor_is_welcomed_and_sees_open_courses_and_subjects(client, make_course, enroll, bob):
    make_course(title="Open one", category="Data")
    enroll(bob, make_course(title="Full one", capacity=1))

    response = client.get("/")

    assert [card.title for card in response.context["cards"]] == ["Open one"]
    assert 'href="/courses/?category=Data"' in response.text
    assert 'href="/accounts/signup/"' in response.text


def test_student_sees_what_is_under_way_and_nothing_of_others(
    client, make_course, enroll, alice, bob, pay, learn
):
    enroll(alice, make_course(title="To pay"))
    done = enroll(alice, make_course(title="Done"))
    pay(done, alice)
    learn(done, alice)
    enroll(bob, make_course(title="Of Bob"))
    client.force_login(alice)

    entries = client.get("/").context["entries"]

    assert [entry.course_title for entry in entries] == ["To pay"]


def test_empty_school_says_so(client):
    assert "No course yet" in client.get("/").text
