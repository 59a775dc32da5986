"""A payment has a number for people: random, unique, frozen, and found however it is typed."""

import re

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import translation

from apps.events.models import LoggedEvent
from apps.lectures import services as lectures
from apps.payments.models import Payment
from apps.payments.policies import NUMBER_ALPHABET, number_in
from apps.payments.services import opening
from apps.students.models import HistoryEntry
from apps.students.services import rebuild_history

pytestmark = pytest.mark.django_db
NUMBER = re.compile(rf"P-[{NUMBER_ALPHABET}]{{4}}-[{NUMBER_ALPHABET}]{{4}}")
BEFORE = [("students", "0015_email_changes_and_token_details"), ("payments", "0007_search")]


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def enrolled(alice, make_course, enroll):
    return enroll(alice, make_course())


@pytest.fixture
def paid(enrolled, alice, pay):
    pay(enrolled, alice)
    return enrolled


@pytest.fixture
def student(client, alice):
    client.force_login(alice)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    client.cookies["django_language"] = "en"
    return client


def test_numbers_are_random_and_unambiguous():
    numbers = {opening.new_number() for _ in range(200)}

    assert len(numbers) == 200
    assert all(NUMBER.fullmatch(number) for number in numbers)
    assert not set("01OIL") & set(NUMBER_ALPHABET)
    assert {letter for number in numbers for letter in number} == {*NUMBER_ALPHABET, "-"}


@pytest.mark.parametrize(
    "typed",
    [
        "P-7K3M-QX92", "p-7k3m-qx92", "7K3M-QX92", "p7k3mqx92", " P 7k3m qx92 ", "#7k3mqx92",
        "\uff30\uff0d\uff17\uff2b\uff13\uff2d\uff0d\uff31\uff38\uff19\uff12",
        "P\u20137K3M\u2013QX92",
    ],
)  # fmt: skip
def test_number_is_read_however_it_is_typed(typed):
    assert number_in(typed) == "P-7K3M-QX92"


@pytest.mark.parametrize(
    "typed", ["", "12", "lecture-12", "P-7K3M", "P-7K3M-QX92-4", "P-0K3M-QX92"]
)
def test_text_that_is_no_number_is_read_as_none(typed):
    assert number_in(typed) == ""


def test_number_that_another_payment_has_is_drawn_again(
    enrolled, bob, make_course, enroll, monkeypatch
):
    taken = Payment.objects.get().number
    drawn = iter([taken, taken, "P-7K3M-QX92"])
    monkeypatch.setattr(opening, "new_number", lambda: next(drawn))

    enroll(bob, make_course(title="Another"))

    assert set(Payment.objects.values_list("number", flat=True)) == {taken, "P-7K3M-QX92"}


def test_number_never_changes(enrolled):
    with pytest.raises(IntegrityError, match="frozen: number"), transaction.atomic():
        Payment.objects.update(number="P-7K3M-QX92")


def test_number_is_unique(enrolled, bob, make_course, enroll):
    enroll(bob, make_course(title="Another"))
    first, second = Payment.objects.all()

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no frozen columns
    with pytest.raises(IntegrityError, match="number"), transaction.atomic():
        Payment.objects.filter(pk=second.pk).update(number=first.number)


@pytest.mark.parametrize("page", ["lectures:checkout", "students:timeline"])
def test_pages_of_an_unpaid_enrollment_show_the_number(student, enrolled, page):
    assert Payment.objects.get().number in student.get(reverse(page, args=[enrolled])).text


@pytest.mark.parametrize("page", ["lectures:payment", "students:timeline"])
def test_receipt_and_timeline_show_the_number_and_no_row_id(student, paid, page):
    payment = Payment.objects.get()

    shown = " ".join(re.sub(r"<[^>]+>", " ", student.get(reverse(page, args=[paid])).text).split())

    assert re.search(rf"Payment number:? {payment.number}", shown)
    assert not re.search(rf"Payment number:? {payment.pk}\b", shown)


def test_every_mail_that_names_the_payment_says_its_number(paid, alice, deliver_all):
    deliver_all()
    lectures.cancel_enrollment(enrollment_id=paid, student_id=alice.pk)
    deliver_all()

    named = [sent.body for sent in mail.outbox if "Payment number" in sent.body]
    assert len(named) >= 2
    assert all(f"Payment number: {Payment.objects.get().number}" in body for body in named)


@pytest.mark.parametrize("model", ["payment", "refund"])
@pytest.mark.parametrize(
    "typing",
    [
        str,
        lambda number: number.replace("-", " "),
        lambda number: number.replace("-", "").lower(),
        lambda number: f"{number.lower()[2:]} SQL",
    ],
)
def test_desk_finds_the_number_however_it_is_typed(
    desk, paid, alice, bob, make_course, enroll, pay, model, typing
):
    other = enroll(bob, make_course(title="Another"))
    pay(other, bob)
    for enrollment_id, person in ((paid, alice), (other, bob)):
        lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=person.pk)
    number = Payment.objects.get(payer=alice).number

    answer = desk.get(f"/admin/payments/{model}/", {"q": typing(number)})

    (row,) = answer.context["cl"].result_list
    assert number in str(row.payment if model == "refund" else row)


def test_desk_shows_the_number_in_list_page_and_confirmation(desk, enrolled):
    payment = Payment.objects.get()
    page = f"/admin/payments/payment/{payment.pk}"

    assert payment.number in desk.get("/admin/payments/payment/").text
    assert payment.number in desk.get(f"{page}/change/").text
    assert payment.number in desk.get(f"{page}/mark_as_paid/").text
    assert payment.number in desk.get(f"/admin/lectures/enrollment/{enrolled}/change/").text


def test_api_and_own_data_tell_the_number(student, paid):
    payment = Payment.objects.get()

    assert student.get(f"/api/v1/payments/{payment.pk}/").json()["number"] == payment.number
    assert student.get(f"/api/v1/lectures/{paid}/").json()["payment"]["number"] == payment.number
    (entry,) = student.get("/api/v1/history/").json()["results"]
    assert entry["payment_number"] == payment.number


def migrate(*targets):
    executor = MigrationExecutor(connection)
    executor.migrate([*targets])


def test_migration_numbers_payments_of_the_version_before(paid, bob, make_course, enroll):
    """Down and up again in one transaction; what the log told of numbers before is left out."""
    enroll(bob, make_course(title="Unpaid"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE events_loggedevent SET payload = payload - 'payment_number'")
        cursor.execute("SET LOCAL session_replication_role = origin")
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    migrate(*BEFORE)
    migrate(*newest)

    payments = Payment.objects.order_by("pk")
    assert len({payment.number for payment in payments}) == 2
    assert all(NUMBER.fullmatch(payment.number) for payment in payments)
    shown = HistoryEntry.objects.order_by("payment_id").values_list("payment_number", flat=True)
    assert list(shown) == [payment.number for payment in payments]
    assert LoggedEvent.objects.filter(name="payments.payment_numbered.v1").count() == 2
    kept = list(HistoryEntry.objects.order_by("pk").values())
    rebuild_history()
    assert list(HistoryEntry.objects.order_by("pk").values()) == kept
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.update(number="P-7K3M-QX92")
