"""What is not the caller's to set is refused by the API and passed over by the pages."""

import re

import pytest
from django.urls import resolve, reverse
from drf_spectacular.generators import SchemaGenerator

from apps.courses.models import Course
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment, Review, WaitingListEntry
from apps.payments.models import Payment
from apps.students.models import User

FORGED = {
    "status": "completed",
    "paid_at": "2020-01-01T00:00:00Z",
    "approved_at": "2020-01-01T00:00:00Z",
    "pay_by": "2090-01-01T00:00:00Z",
    "price_minor": 0,
    "amount_minor": 1,
    "refunded_minor": 1,
    "progress_percent": 100,
    "student": 1,
    "student_id": 1,
    "payer": 1,
    "seats_taken": 0,
    "rating_count": 1000,
    "withdrawn_at": "2020-01-01T00:00:00Z",
    "id": 1,
    "is_staff": True,
    "is_superuser": True,
    "is_active": False,
    "groups": [1],
    "password_hash": "x",
}


@pytest.fixture
def world(alice, bob, mallory, make_course, enroll, pay):
    paid, unpaid = enroll(mallory, make_course()), enroll(mallory, make_course())
    pay(paid, mallory)
    full = make_course(capacity=1)
    enroll(bob, full)
    return {
        "new": make_course(),
        "paid": paid,
        "unpaid": unpaid,
        "full": full,
        "payment": Payment.objects.get(reference=f"lecture-{unpaid}").pk,
        "lesson": Course.objects.get(pk=Enrollment.objects.get(pk=paid).course_id)
        .lessons.first()
        .pk,
        "place": lectures.join_waiting_list(student_id=mallory.pk, course_id=full),
    }


SIGN_UP = {"email": "new@example.com", "password": "correct-horse-7", "name": "New"}
# Name of the address, method, its parameters, a body that is taken, and the fields it may hold.
CALLS = [
    ("api-students", "post", [], SIGN_UP, set()),
    (
        "api-token",
        "post",
        [],
        {"email": "mallory@example.com", "password": "learn-by-doing"},
        set(),
    ),
    ("api-lectures", "post", [], {"course": "new"}, {"student"}),
    ("api-lecture", "patch", ["paid"], {"status": "cancelled"}, {"status"}),
    ("api-completion", "post", ["paid", "lesson"], {}, set()),
    ("api-waiting-list", "post", [], {"course": "new"}, set()),
    ("api-charges", "post", ["payment"], {"token": "tok_approved"}, set()),
]
STAFF_CALLS = [
    ("api-courses", "post", [], {"title": "New"}, {"status", "price_minor"}),
    ("api-course", "patch", ["new"], {"summary": "x"}, {"status", "price_minor"}),
    ("api-payment", "patch", ["payment"], {"status": "approved"}, {"status"}),
]


def state():
    fields = ("status", "price_minor", "student_id", "progress_percent", "paid_at", "pay_by")
    return [
        list(Enrollment.objects.order_by("pk").values(*fields)),
        list(Payment.objects.order_by("pk").values()),
        list(Course.objects.order_by("pk").values()),
        list(WaitingListEntry.objects.order_by("pk").values()),
        list(User.objects.order_by("pk").values("email", "is_staff", "is_superuser", "is_active")),
    ]


def refusals(client, world, calls):
    for name, method, parameters, body, own in calls:
        address = reverse(name, args=[world[key] for key in parameters])
        given = {key: world.get(value, value) for key, value in body.items()}
        for field in FORGED.keys() - own:
            yield name, field, getattr(client, method)(address, given | {field: FORGED[field]})


@pytest.mark.parametrize(("who", "calls"), [("mallory", CALLS), ("carol", STAFF_CALLS)])
def test_api_refuses_each_by_name_and_changes_nothing(
    client_of, world, mallory, carol, settings, who, calls
):
    before = state()

    for name, field, answer in refusals(
        client_of({"mallory": mallory, "carol": carol}[who]), world, calls
    ):
        assert answer.status_code == 400, (name, field, answer.content)
        assert field in {error["field"] for error in answer.json()["errors"]}, (name, field)

    assert state() == before


def test_every_call_that_takes_a_body_is_in_the_tables():
    documented = SchemaGenerator().get_schema(public=True)["paths"]
    takes = {
        (resolve(re.sub(r"{\w+}", "1", path)).view_name, method)
        for path, operations in documented.items()
        for method in operations
        if method in {"post", "patch", "put"}
    }

    assert takes == {call[:2] for call in (*CALLS, *STAFF_CALLS)}, "Add it to CALLS."


def test_student_cannot_speak_for_another_or_for_staff(client_of, world, mallory, alice):
    client, before = client_of(mallory), state()

    answers = [
        client.post("/api/v1/lectures/", {"course": world["new"], "student": alice.pk}),
        client.patch(f"/api/v1/lectures/{world['paid']}/", {"status": "completed"}),
        client.patch(f"/api/v1/payments/{world['payment']}/", {"status": "approved"}),
        client.post("/api/v1/courses/", {"title": "Mine", "price_minor": 0}),
        client.patch(f"/api/v1/courses/{world['new']}/", {"price_minor": 0}),
        client.delete(f"/api/v1/courses/{world['new']}/"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 6
    assert state() == before


@pytest.fixture
def pages(client, mallory):
    client.force_login(mallory)
    return client


def test_enrolling_passes_over_what_is_not_the_students_to_set(pages, world, mallory, alice):
    pages.post("/lectures/", FORGED | {"course": world["new"], "student": alice.pk})

    made = Enrollment.objects.latest("pk")
    assert (made.student_id, made.status, made.price_minor) == (mallory.pk, "requested", 50_000)
    assert (made.paid_at, made.progress_percent) == (None, 0)
    assert Course.objects.get(pk=world["new"]).seats_taken == 1


def test_paying_passes_over_the_amount_and_the_state(pages, world):
    pages.post(f"/lectures/{world['unpaid']}/payment/", FORGED | {"token": "tok_declined"})

    payment = Payment.objects.get(pk=world["payment"])
    assert (payment.status, payment.amount_minor, payment.paid_at) == ("declined", 50_000, None)
    assert Enrollment.objects.get(pk=world["unpaid"]).status == "requested"


def test_account_passes_over_rights(pages, mallory):
    pages.post(reverse("students:account"), FORGED | {
        "name": "Mallory", "language": "en", "time_zone": "", "email": "carol@example.com",
    })  # fmt: skip

    mallory.refresh_from_db()
    assert (mallory.is_staff, mallory.is_superuser, mallory.is_active) == (False, False, True)
    assert mallory.email == "mallory@example.com"


def test_sign_up_passes_over_rights(client, db):
    given = {"email": "new@example.com", "name": "New", "password1": "correct-horse-7"}
    client.post(reverse("account_signup"), FORGED | given)

    made = User.objects.get(email="new@example.com")
    assert (made.is_staff, made.is_superuser, made.is_active) == (False, False, True)
    assert not made.groups.exists()


def test_learning_reviewing_and_waiting_pass_over_the_rest(pages, world, mallory):
    pages.post(f"/lectures/{world['paid']}/lessons/{world['lesson']}/completion/", FORGED)
    pages.post(f"/lectures/{world['paid']}/review/", FORGED | {"rating": 5, "text": "좋아요"})
    pages.post(f"/waiting-list/{world['place']}/departure/", FORGED)

    learned = Enrollment.objects.get(pk=world["paid"])
    assert (learned.status, learned.progress_percent) == ("approved", 33)
    assert WaitingListEntry.objects.get(pk=world["place"]).student_id == mallory.pk
    assert all(review.enrollment_id == world["paid"] for review in Review.objects.all())
    assert not Course.objects.filter(rating_count__gt=1).exists()
