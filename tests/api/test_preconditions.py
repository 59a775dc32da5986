"""ETag and If-Match: a client changes what it has read, or nothing."""

from __future__ import annotations

import pytest

from apps.courses.models import Course
from apps.lectures.models import Enrollment, WaitingListEntry
from apps.payments.models import Payment, Refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client_of, carol):
    return client_of(carol)


@pytest.fixture
def course(make_course):
    return f"/api/v1/courses/{make_course(price_minor=10_000)}/"


def tag_of(api, address):
    return {"If-Match": api.get(address).headers["ETag"]}


def assert_stale(answer):
    assert answer.status_code == 412
    assert answer.json()["code"] == "precondition_failed"


def test_course_is_changed_as_read_and_not_when_somebody_else_changed_it(staff, course):
    tag = tag_of(staff, course)
    first = staff.patch(course, {"price_minor": 25_000}, headers=tag)

    assert first.status_code == 200
    assert first.headers["ETag"] == staff.get(course).headers["ETag"] != tag["If-Match"]
    assert_stale(staff.patch(course, {"price_minor": 10_000}, headers=tag))
    assert Course.objects.get().price_minor == 25_000


def test_course_is_not_withdrawn_when_somebody_enrolled_since(staff, course, alice, enroll):
    tag = tag_of(staff, course)
    enroll(alice, Course.objects.get().pk)

    assert_stale(staff.delete(course, headers=tag))
    assert Course.objects.get().status == "open"
    assert staff.delete(course, headers=tag_of(staff, course)).status_code == 204
    assert_stale(staff.delete(course, headers=tag))


@pytest.mark.parametrize("header", ['W/"{}"', "{}", '"x"', "", '"", "y"'])
def test_weak_bare_and_foreign_tags_do_not_match(staff, course, header):
    tag = staff.get(course).headers["ETag"].strip('"')

    assert_stale(staff.patch(course, {"title": "New"}, headers={"If-Match": header.format(tag)}))


@pytest.mark.parametrize("header", ["*", '"x", {}', '{}, W/"y"'])
def test_star_and_one_of_several_match(staff, course, header):
    tag = staff.get(course).headers["ETag"]

    answer = staff.patch(course, {"title": "New"}, headers={"If-Match": header.format(tag)})

    assert answer.status_code == 200


def test_last_one_wins_without_if_match(staff, course):
    staff.patch(course, {"price_minor": 25_000})

    assert staff.patch(course, {"price_minor": 10_000}).status_code == 200


def test_enrollment_is_cancelled_for_the_refund_that_was_read(
    client_of, alice, make_course, enroll, pay
):
    enrollment_id = enroll(alice, make_course())
    address = f"/api/v1/lectures/{enrollment_id}/"
    api = client_of(alice)
    tag = tag_of(api, address)
    pay(enrollment_id, alice)

    assert_stale(api.patch(address, {"status": "cancelled"}, headers=tag))
    assert Enrollment.objects.get().status == "approved"
    answer = api.patch(address, {"status": "cancelled"}, headers=tag_of(api, address))
    assert answer.json()["refund"]["amount_minor"] == Refund.objects.get().amount_minor == 50_000


def test_completion_and_booking_by_staff_are_held_to_what_was_read(
    staff, alice, make_course, enroll, pay
):
    enrollment_id = enroll(alice, make_course())
    lecture = f"/api/v1/lectures/{enrollment_id}/"
    payment = f"/api/v1/payments/{Payment.objects.get().pk}/"
    tags = tag_of(staff, lecture), tag_of(staff, payment)
    pay(enrollment_id, alice, "tok_declined")
    assert_stale(staff.patch(payment, {"status": "approved"}, headers=tags[1]))
    pay(enrollment_id, alice)

    assert_stale(staff.patch(lecture, {"status": "completed"}, headers=tags[0]))
    assert Enrollment.objects.get().status == "approved"


def test_place_is_not_left_when_a_seat_was_offered_since(
    client_of, alice, bob, make_course, enroll
):
    course_id = make_course(capacity=1)
    taken = enroll(alice, course_id)
    api = client_of(bob)
    place = api.post("/api/v1/waiting-list/", {"course": course_id}).json()
    address = f"/api/v1/waiting-list/{place['id']}/"
    tag = tag_of(api, address)
    client_of(alice).patch(f"/api/v1/lectures/{taken}/", {"status": "cancelled"})

    assert_stale(api.delete(address, headers=tag))
    assert WaitingListEntry.objects.get().status == "offered"


def test_comparison_is_made_under_the_lock_of_the_service(staff, course, monkeypatch):
    """Somebody else saves between the view's look and the service's: still nothing is undone."""
    from apps.courses import services

    tag, change = tag_of(staff, course), services.change_course

    def late(**given):
        Course.objects.update(price_minor=25_000)
        change(**given)

    monkeypatch.setattr(services, "change_course", late)

    assert_stale(staff.patch(course, {"price_minor": 9_000}, headers=tag))
    assert Course.objects.get().price_minor == 25_000


def test_schema_documents_both_headers(client):
    paths = client.get("/api/schema/?format=json").json()["paths"]

    for path, methods in {
        "/api/v1/courses/{course_id}/": ("patch", "delete"),
        "/api/v1/lectures/{enrollment_id}/": ("patch",),
        "/api/v1/waiting-list/{entry_id}/": ("delete",),
        "/api/v1/payments/{payment_id}/": ("patch",),
    }.items():
        assert "ETag" in paths[path]["get"]["responses"]["200"]["headers"]
        for method in methods:
            assert {"$ref": "#/components/parameters/IfMatch"} in paths[path][method]["parameters"]
            assert "412" in paths[path][method]["responses"]
