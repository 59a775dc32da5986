"""Every button of the desk: what it warns of, what it does, what it refuses, who may press it."""

import pytest
from django.urls import reverse

from apps.certification.models import Certificate
from apps.courses import services as courses
from apps.courses.models import Course
from apps.events.models import Delivery
from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments.models import LedgerEntry, Payment, Refund
from apps.payments.services import approve_payment_by_staff
from tests.forms import confirm


def url_of(model, button, pk):
    return reverse(f"admin:{model}_{button}", args=[pk])


def messages_of(answer):
    return [str(message) for message in answer.context["messages"]]


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def press(desk):
    """Press a button of a row and follow to the row's page."""

    def press(model, button, pk, **answers):
        return confirm(desk, url_of(model, button, pk), answers, follow=True)

    return press


def test_looking_at_a_button_changes_nothing(desk, make_course):
    course_id = make_course()

    for button in ("close_course", "withdraw_course"):
        page = desk.get(url_of("courses_course", button, course_id))
        assert page.status_code == 200
        assert page.context["warnings"]
    assert Course.objects.get().status == "open"


def test_course_is_opened_closed_and_withdrawn(press, make_course):
    course_id = make_course(opened=False)

    for button, state in (("open", "open"), ("close", "closed"), ("open", "open")):
        press("courses_course", f"{button}_course", course_id)
        assert Course.objects.get().status == state
    press("courses_course", "withdraw_course", course_id)
    assert Course.objects.get().status == "withdrawn"


def test_closing_says_for_whom_nothing_changes(desk, alice, bob, make_course, enroll, pay):
    course_id = make_course()
    pay(enroll(alice, course_id), alice)
    enroll(bob, course_id)

    page = desk.get(url_of("courses_course", "close_course", course_id))

    assert "learning: 1, or have yet to pay: 1." in str(page.context["warnings"][-1])


def test_switch_of_the_gateway_says_what_it_does_to_students(desk):
    page = desk.get(reverse("admin:payments_sandboxswitch_changelist")).content.decode()

    assert "students are asked to pay later and keep their seats" in page


@pytest.mark.parametrize("button", ["open_course", "close_course", "withdraw_course"])
def test_withdrawn_course_refuses_every_button(desk, press, make_course, button):
    course_id = make_course()
    courses.withdraw_course(course_id=course_id)

    answer = press("courses_course", button, course_id)

    [said] = messages_of(answer)
    assert "withdrawn" in said or said == str(courses.CourseStateRefused.message)
    assert Course.objects.get().status == "withdrawn"
    assert desk.get(url_of("courses_course", button, course_id)).status_code == 302


def test_only_buttons_that_the_state_allows_are_offered(desk, make_course):
    course_id = make_course(opened=False)
    page = desk.get(reverse("admin:courses_course_change", args=[course_id]))

    offered = {action["path"].rsplit("/", 2)[1] for action in page.context["actions_detail"]}
    assert offered == {"open_course", "withdraw_course"}


def test_enrollment_is_completed(press, alice, make_course, enroll, pay, deliver_all):
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)

    press("lectures_enrollment", "complete_enrollment", enrollment_id)
    deliver_all()

    assert Enrollment.objects.get().status == "completed"
    assert Certificate.objects.get().lecture_id == enrollment_id


def test_unpaid_enrollment_is_not_completed(press, alice, make_course, enroll):
    enrollment_id = enroll(alice, make_course())

    answer = press("lectures_enrollment", "complete_enrollment", enrollment_id)

    assert messages_of(answer) == ["This enrollment has not been paid and approved yet."]
    assert Enrollment.objects.get().status == "requested"


def test_enrollment_is_cancelled_with_the_refund_that_was_shown(
    desk, press, alice, make_course, enroll, pay, deliver_all
):
    enrollment_id = enroll(alice, make_course(price_minor=50_000))
    pay(enrollment_id, alice)

    page = desk.get(url_of("lectures_enrollment", "cancel_enrollment", enrollment_id))
    assert "₩50,000" in str(page.context["warnings"][-1])
    answer = press("lectures_enrollment", "cancel_enrollment", enrollment_id)
    assert messages_of(answer) == ["The enrollment is cancelled. Refund: ₩50,000."]
    deliver_all()

    assert Enrollment.objects.get().status == "cancelled"
    assert Payment.objects.get().refunded_minor == 50_000
    again = press("lectures_enrollment", "cancel_enrollment", enrollment_id)
    assert messages_of(again) == ["This enrollment has been cancelled already."]


def test_payment_is_marked_as_paid_once(press, alice, make_course, enroll):
    enroll(alice, make_course())
    payment = Payment.objects.get()

    press("payments_payment", "mark_as_paid", payment.pk)
    assert Payment.objects.get().status == "approved"
    assert Enrollment.objects.get().status == "approved"
    assert LedgerEntry.objects.count() == 2

    answer = press("payments_payment", "mark_as_paid", payment.pk)
    assert "paid already" in messages_of(answer)[0]
    assert LedgerEntry.objects.count() == 2


def test_refund_by_hand_is_confirmed_with_its_reference(
    press, alice, make_course, enroll, deliver_all
):
    enrollment_id = enroll(alice, make_course())
    approve_payment_by_staff(payment_id=Payment.objects.get().pk)
    lectures.cancel_enrollment(enrollment_id=enrollment_id, student_id=None)
    deliver_all()
    refund = Refund.objects.get()
    assert refund.status == "requested"

    for bad in ({}, {"transfer_reference": ""}, {"transfer_reference": "x" * 101}):
        assert press("payments_refund", "confirm_transfer", refund.pk, **bad).context["form"].errors
    assert Refund.objects.get().status == "requested"
    press("payments_refund", "confirm_transfer", refund.pk, transfer_reference="KB-2030-1")

    assert (Refund.objects.get().status, Payment.objects.get().status) == ("succeeded", "refunded")
    assert Refund.objects.get().gateway_reference == "KB-2030-1"
    again = press("payments_refund", "confirm_transfer", refund.pk, transfer_reference="again")
    assert messages_of(again) == ["This refund is not waiting for a transfer by hand."]


@pytest.fixture
def certificate(alice, make_course, enroll, pay, learn, deliver_all):
    enrollment_id = enroll(alice, make_course())
    pay(enrollment_id, alice)
    learn(enrollment_id, alice)
    deliver_all()
    return Certificate.objects.get()


def test_certificate_is_revoked_with_a_reason_once(press, certificate):
    for bad in ({}, {"reason": "   "}, {"reason": "x" * 301}):
        page = press("certification_certificate", "revoke", certificate.pk, **bad)
        assert page.context["form"].errors["reason"]
    assert Certificate.objects.get().status == "issued"

    press("certification_certificate", "revoke", certificate.pk, reason="By mistake")
    assert Certificate.objects.get().revocation_reason == "By mistake"
    again = press("certification_certificate", "revoke", certificate.pk, reason="Again")
    assert messages_of(again) == ["This certificate has been revoked already."]


def test_certificate_is_issued_again_under_a_corrected_name(press, certificate):
    bad = press(
        "certification_certificate", "reissue", certificate.pk, student_name=" ", reason="Typo"
    )
    assert bad.context["form"].errors["student_name"]
    press(
        "certification_certificate", "reissue", certificate.pk, student_name="김수려", reason="Typo"
    )

    new = Certificate.objects.get(status="issued")
    assert (new.student_name, new.replaces_id) == ("김수려", certificate.pk)


@pytest.fixture
def dead_delivery(alice, make_course, enroll):
    enroll(alice, make_course())
    delivery = Delivery.objects.first()
    delivery.put_aside(error="Traceback <b>bold</b>")
    delivery.save()
    return delivery


def test_dead_delivery_is_tried_again_by_button(press, dead_delivery):
    press("events_delivery", "retry_delivery", dead_delivery.pk)

    assert Delivery.objects.get(pk=dead_delivery.pk).status == "pending"
    again = press("events_delivery", "retry_delivery", dead_delivery.pk)
    assert messages_of(again) == [
        "This delivery has not been put aside, so there is nothing to try again."
    ]


def test_every_button_leaves_a_trace(press, carol, make_course):
    course_id = make_course(opened=False)
    press("courses_course", "open_course", course_id)

    entry = carol.logentry_set.get()
    assert entry.object_id == str(course_id)
    assert "Open the course" in entry.change_message


BUTTONS = [
    ("courses_course", "open_course", "courses.change_course"),
    ("courses_course", "close_course", "courses.change_course"),
    ("courses_course", "withdraw_course", "courses.delete_course"),
    ("lectures_enrollment", "complete_enrollment", "lectures.change_enrollment"),
    ("lectures_enrollment", "cancel_enrollment", "lectures.change_enrollment"),
    ("payments_payment", "mark_as_paid", "payments.change_payment"),
    ("payments_refund", "confirm_transfer", "payments.change_refund"),
    ("certification_certificate", "revoke", "certification.change_certificate"),
    ("certification_certificate", "reissue", "certification.change_certificate"),
    ("events_delivery", "retry_delivery", "events.change_delivery"),
]


@pytest.mark.parametrize(("model", "button", "right"), BUTTONS)
def test_button_needs_its_right(client, staff_with, model, button, right):
    view = right.replace("change_", "view_").replace("delete_", "view_")
    staff = staff_with(view)
    client.force_login(staff)

    assert client.get(url_of(model, button, 1)).status_code == 403
    assert client.post(url_of(model, button, 1)).status_code == 403


@pytest.mark.parametrize(("model", "button", "right"), BUTTONS)
def test_button_of_nothing_leads_back(client, staff_with, model, button, right):
    client.force_login(staff_with(right))

    for key in (1, 10**30, "abc"):
        assert client.post(url_of(model, button, key)).status_code == 302


def test_student_presses_nothing(client, mallory, make_course):
    course_id = make_course()
    client.force_login(mallory)

    answer = client.post(url_of("courses_course", "withdraw_course", course_id))

    assert answer.status_code == 302
    assert answer.url.startswith("/admin/login/")
    assert Course.objects.get().status == "open"


def test_right_to_change_is_enough_to_press_on_read_only_rows(
    client, staff_with, alice, make_course, enroll
):
    enrollment_id = enroll(alice, make_course())
    client.force_login(staff_with("lectures.view_enrollment", "lectures.change_enrollment"))

    confirm(client, url_of("lectures_enrollment", "cancel_enrollment", enrollment_id))

    assert Enrollment.objects.get().status == "cancelled"


@pytest.mark.parametrize("model", ["lectures_enrollment", "payments_payment"])
def test_read_only_rows_take_no_edit(desk, alice, make_course, enroll, model):
    enrollment_id = enroll(alice, make_course())
    pk = enrollment_id if model == "lectures_enrollment" else Payment.objects.get().pk
    forged = {"status": "approved", "paid_at_0": "2030-01-01", "paid_at_1": "00:00"}

    change = desk.post(reverse(f"admin:{model}_change", args=[pk]), forged)
    as_new = desk.post(reverse(f"admin:{model}_change", args=[pk]), forged | {"_saveasnew": "1"})
    added = desk.post(reverse(f"admin:{model}_add"), forged)
    deleted = desk.post(reverse(f"admin:{model}_delete", args=[pk]), {"post": "yes"})

    assert {a.status_code for a in (change, as_new, added, deleted)} == {403}
    assert (Enrollment.objects.get().status, Payment.objects.get().status) == (
        "requested",
        "pending",
    )
