"""A full course takes names in order; a freed seat is offered to the first, then to the next."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.courses import services as courses
from apps.courses.models import Course
from apps.events.models import LoggedEvent
from apps.lectures import queries, services
from apps.lectures.models import Enrollment, WaitingListEntry
from apps.lectures.services import (
    AlreadyEnrolled,
    AlreadyWaiting,
    EnrollmentClosed,
    EnrollmentNotYetOpen,
    NotWaiting,
    OfferHasLapsed,
    SeatIsFree,
)
from apps.refusals import NotFound
from elearning.invariants import check_invariants

DAY = timedelta(days=1)


def join(student, course_id):
    return services.join_waiting_list(student_id=student.pk, course_id=course_id)


def leave(student, entry_id):
    services.leave_waiting_list(entry_id=entry_id, student_id=student.pk)


def status(entry_id):
    return WaitingListEntry.objects.get(pk=entry_id).status


def seats_taken():
    return Course.objects.get().seats_taken


@pytest.fixture
def full(alice, make_course, enroll):
    """A course whose only seat Alice holds: the course's id and her enrollment's."""
    course_id = make_course(capacity=1)
    return course_id, enroll(alice, course_id)


def free_the_seat(full):
    services.cancel_enrollment(enrollment_id=full[1], student_id=None)


# --- joining and leaving --------------------------------------------------------------------------


def test_names_are_taken_in_order(full, bob, mallory):
    entries = [join(student, full[0]) for student in (bob, mallory)]

    places = [queries.get_place(entry_id=pk, viewer_id=0, viewer_is_staff=True) for pk in entries]

    assert [place.position for place in places] == [1, 2]
    leave(bob, entries[0])
    place = queries.get_place(entry_id=entries[1], viewer_id=mallory.pk)
    assert (place.position, place.status) == (1, "waiting")


def test_joining_is_refused_when_a_seat_is_free(bob, make_course):
    with pytest.raises(SeatIsFree):
        join(bob, make_course(capacity=1))
    with pytest.raises(SeatIsFree):
        join(bob, make_course(title="Unlimited", capacity=None))

    assert not WaitingListEntry.objects.exists()


def test_joining_is_refused_to_the_enrolled(full, alice):
    with pytest.raises(AlreadyEnrolled):
        join(alice, full[0])


def test_joining_twice_is_refused(full, bob):
    join(bob, full[0])

    with pytest.raises(AlreadyWaiting):
        join(bob, full[0])


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"enrollment_opens_at": timezone.now() + DAY}, EnrollmentNotYetOpen),
        ({"enrollment_closes_at": timezone.now() - DAY}, EnrollmentClosed),
        ({"opened": False}, courses.CourseNotOpen),
    ],
)
def test_joining_is_refused_when_the_course_takes_nobody(bob, make_course, fields, refusal):
    with pytest.raises(refusal):
        join(bob, make_course(capacity=1, **fields))


def test_joining_a_course_that_is_not_there_is_refused(bob):
    with pytest.raises(NotFound):
        join(bob, 999_999)


def test_place_of_another_cannot_be_seen_or_left(full, bob, mallory):
    entry_id = join(bob, full[0])

    with pytest.raises(NotFound):
        queries.get_place(entry_id=entry_id, viewer_id=mallory.pk)
    with pytest.raises(NotFound):
        leave(mallory, entry_id)
    assert status(entry_id) == "waiting"


def test_leaving_twice_is_refused_and_joining_again_goes_to_the_end(full, bob, mallory):
    first = join(bob, full[0])
    join(mallory, full[0])
    leave(bob, first)

    with pytest.raises(NotWaiting):
        leave(bob, first)
    again = queries.get_place(entry_id=join(bob, full[0]), viewer_id=bob.pk)
    assert again.position == 2


# --- the offer ------------------------------------------------------------------------------------


def test_freed_seat_is_offered_to_the_first_at_once(full, bob, mallory, settings):
    first, second = join(bob, full[0]), join(mallory, full[0])

    free_the_seat(full)

    entry = WaitingListEntry.objects.get(pk=first)
    assert (entry.status, status(second)) == ("offered", "waiting")
    assert entry.offered_until - entry.offered_at == timedelta(
        seconds=settings.WAITING_LIST_OFFER_SECONDS
    )
    assert seats_taken() == 1


def test_expired_hold_is_offered_at_once(full, bob):
    entry_id = join(bob, full[0])

    with time_machine.travel(timezone.now() + 2 * DAY):
        assert services.expire_enrollments() == 1

    assert status(entry_id) == "offered"
    assert seats_taken() == 1


def test_seats_added_by_staff_are_offered(full, bob, mallory, carol, deliver_all):
    entries = [join(student, full[0]) for student in (bob, mallory, carol)]

    courses.change_course(course_id=full[0], fields={"capacity": 3})
    deliver_all()

    assert [status(entry_id) for entry_id in entries] == ["offered", "offered", "waiting"]
    assert seats_taken() == 3
    courses.change_course(course_id=full[0], fields={"capacity": None})
    deliver_all()
    assert status(entries[2]) == "offered"


def test_change_that_adds_no_seats_says_nothing_of_seats(full):
    courses.change_course(course_id=full[0], fields={"summary": "New", "capacity": 1})

    assert not LoggedEvent.objects.filter(name="courses.course_seats_added.v1").exists()


def test_nobody_else_takes_the_seat_while_it_is_offered(full, bob, mallory):
    join(bob, full[0])
    free_the_seat(full)

    with pytest.raises(courses.CourseFull):
        services.request_enrollment(student_id=mallory.pk, course_id=full[0])


def test_nobody_passes_those_who_wait(full, bob, mallory):
    """A free seat that has not been offered yet: added by staff a moment ago."""
    join(bob, full[0])
    courses.change_course(course_id=full[0], fields={"capacity": 2})

    with pytest.raises(courses.CourseFull):
        services.request_enrollment(student_id=mallory.pk, course_id=full[0])
    assert join(mallory, full[0])


def test_enrolling_takes_the_offered_seat(full, bob):
    entry_id = join(bob, full[0])
    free_the_seat(full)

    enrollment_id = services.request_enrollment(student_id=bob.pk, course_id=full[0])

    entry = WaitingListEntry.objects.get(pk=entry_id)
    assert (entry.status, entry.enrollment_id) == ("accepted", enrollment_id)
    assert Enrollment.objects.get(pk=enrollment_id).status == "requested"
    assert seats_taken() == 1
    with pytest.raises(NotWaiting):
        leave(bob, entry_id)


def test_free_course_is_approved_with_the_offered_seat(alice, bob, make_course, enroll):
    course_id = make_course(capacity=1, price_minor=0)
    first = enroll(alice, course_id)
    join(bob, course_id)
    services.cancel_enrollment(enrollment_id=first, student_id=alice.pk)

    assert Enrollment.objects.get(pk=enroll(bob, course_id)).status == "approved"
    assert seats_taken() == 1


def test_offer_given_up_goes_to_the_next(full, bob, mallory):
    first, second = join(bob, full[0]), join(mallory, full[0])
    free_the_seat(full)

    leave(bob, first)

    assert (status(first), status(second)) == ("left", "offered")
    assert seats_taken() == 1
    leave(mallory, second)
    assert seats_taken() == 0


def test_lapsed_offer_goes_to_the_next_and_then_to_everybody(full, bob, mallory):
    first, second = join(bob, full[0]), join(mallory, full[0])
    free_the_seat(full)
    now = timezone.now()

    services.keep_waiting_lists()
    assert status(first) == "offered"
    with time_machine.travel(now + DAY + timedelta(minutes=1)):
        services.keep_waiting_lists()
        services.keep_waiting_lists()
    assert (status(first), status(second)) == ("lapsed", "offered")
    assert seats_taken() == 1
    with time_machine.travel(now + 3 * DAY):
        services.keep_waiting_lists()
    assert status(second) == "lapsed"
    assert seats_taken() == 0


def test_offer_cannot_be_taken_after_its_time(full, bob):
    """Also when beat has been down and nothing has lapsed it."""
    join(bob, full[0])
    free_the_seat(full)

    with time_machine.travel(timezone.now() + 2 * DAY), pytest.raises(OfferHasLapsed):
        services.request_enrollment(student_id=bob.pk, course_id=full[0])

    assert Enrollment.objects.filter(student=bob).count() == 0
    assert seats_taken() == 1


def test_offer_ends_with_the_enrollment_period(alice, bob, make_course, enroll):
    closes_at = timezone.now() + timedelta(hours=1)
    course_id = make_course(capacity=1, enrollment_closes_at=closes_at)
    first = enroll(alice, course_id)
    join(bob, course_id)
    services.cancel_enrollment(enrollment_id=first, student_id=alice.pk)

    assert WaitingListEntry.objects.get().offered_until == closes_at
    with time_machine.travel(closes_at + timedelta(seconds=1)):
        services.keep_waiting_lists()
    assert status(WaitingListEntry.objects.get().pk) == "lapsed"
    assert seats_taken() == 0


@pytest.mark.parametrize("end", [courses.close_course, courses.withdraw_course])
def test_course_that_takes_nobody_any_more_ends_its_list(full, bob, mallory, deliver_all, end):
    entries = [join(bob, full[0]), join(mallory, full[0])]
    free_the_seat(full)

    end(course_id=full[0])
    with pytest.raises(courses.CourseNotOpen):
        services.request_enrollment(student_id=bob.pk, course_id=full[0])
    deliver_all()

    assert [status(entry_id) for entry_id in entries] == ["lapsed", "lapsed"]
    assert seats_taken() == 0
    ended = LoggedEvent.objects.filter(name="lectures.waiting_list_ended.v1")
    assert ended.count() == 2


def test_seat_freed_while_the_course_is_closed_is_offered_to_nobody(full, bob):
    entry_id = join(bob, full[0])
    courses.close_course(course_id=full[0])

    free_the_seat(full)

    assert status(entry_id) == "waiting"
    assert seats_taken() == 0


# --- the whole ------------------------------------------------------------------------------------


def test_every_event_about_a_place_is_told(full, bob, mallory):
    first, second = join(bob, full[0]), join(mallory, full[0])
    free_the_seat(full)
    leave(bob, first)
    services.request_enrollment(student_id=mallory.pk, course_id=full[0])

    told = LoggedEvent.objects.filter(payload__has_key="entry_id").order_by("pk")

    assert [(row.name.split(".")[1], row.payload["entry_id"]) for row in told] == [
        ("waiting_list_joined", first),
        ("waiting_list_joined", second),
        ("seat_offered", first),
        ("seat_offered", second),
        ("waiting_list_left", first),
        ("offer_accepted", second),
    ]


def test_keeping_lists_where_nothing_is_due_costs_two_queries(full, bob, mallory):
    for student in (bob, mallory):
        join(student, full[0])

    with CaptureQueriesContext(connection) as captured:
        services.keep_waiting_lists()

    assert len(captured) == 2


def test_long_list_is_offered_and_ended_in_batches(full, bob, mallory, carol, monkeypatch):
    monkeypatch.setattr("apps.lectures.services.offering.BATCH_ROWS", 1)
    entries = [join(student, full[0]) for student in (bob, mallory, carol)]
    courses.change_course(course_id=full[0], fields={"capacity": 3})

    services.keep_waiting_lists()
    assert [status(entry_id) for entry_id in entries] == ["offered", "offered", "waiting"]
    courses.close_course(course_id=full[0])
    services.keep_waiting_lists()
    assert {status(entry_id) for entry_id in entries} == {"lapsed"}
    assert seats_taken() == 1


@pytest.mark.django_db(transaction=True)
def test_invariants_hold_with_offers_and_after_them(full, bob, mallory, carol, deliver_all):
    def broken():
        return [finding.name for finding in check_invariants() if not finding.holds]

    first, _second, third = (join(student, full[0]) for student in (bob, mallory, carol))
    free_the_seat(full)
    deliver_all()
    assert broken() == []
    leave(bob, first)
    services.request_enrollment(student_id=mallory.pk, course_id=full[0])
    leave(carol, third)
    deliver_all()
    assert broken() == []
