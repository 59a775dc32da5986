"""Users at the desk, and the switch of the sandbox gateway."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from apps.events.models import LoggedEvent
from apps.payments.models import SandboxSwitch
from apps.students.models import User
from tests.conftest import PASSWORD
from tests.forms import confirm

ADD = "/admin/students/user/add/"
SWITCH = "/admin/payments/sandboxswitch/"


def change_url(user):
    return reverse("admin:students_user_change", args=[user.pk])


def new_user(**fields):
    return {"email": "Erin@Example.com", "name": "Erin Han", "language": "en"} | fields


@pytest.fixture
def desk(client, carol):
    client.force_login(carol)
    return client


def test_user_is_invited_like_any_student(desk, client, deliver_all, mailoutbox):
    desk.post(ADD, new_user())

    erin = User.objects.get(email="erin@example.com")
    assert (erin.is_staff, erin.is_superuser, erin.has_usable_password()) == (False, False, False)
    registered = LoggedEvent.objects.filter(name="students.student_registered.v1")
    assert registered.filter(payload__student_id=erin.pk).exists()
    deliver_all()
    client.logout()
    choose_password(client, mailoutbox[0])
    answer = client.post("/accounts/login/", {"login": "erin@example.com", "password": NEW})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(erin.pk)
    assert EmailAddress.objects.get(user=erin).verified


NEW = "another-good-7421"


def choose_password(client, message):
    [link] = re.findall(r"http://[^/]+(/accounts/password/reset/key/\S+)", message.body)
    form = client.get(link, follow=True)
    given = {"password1": NEW, "password2": NEW}
    return client.post(form.request["PATH_INFO"], given, follow=True)


def test_new_password_comes_by_a_link_to_the_owner(desk, client, alice, deliver_all, mailoutbox):
    page = desk.get(reverse("admin:students_user_send_password_link", args=[alice.pk]))
    assert alice.email in page.text

    confirm(desk, reverse("admin:students_user_send_password_link", args=[alice.pk]))
    deliver_all()

    [message] = mailoutbox
    assert message.to == [alice.email]
    assert "The staff of" in message.body
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)
    client.logout()
    choose_password(client, message)
    assert User.objects.get(pk=alice.pk).check_password(NEW)
    assert mailoutbox[-1].subject.startswith("Your password was")


def test_link_is_not_sent_to_an_account_that_was_switched_off(desk, alice, deliver_all, mailoutbox):
    address = reverse("admin:students_user_send_password_link", args=[alice.pk])
    confirm(desk, address)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    deliver_all()
    answer = desk.post(address, follow=True)

    assert mailoutbox == []
    assert "switched off" in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ALICE@example.com"),
        ("email", "no address"),
        ("email", "a" * 300 + "@example.com"),
        ("name", ""),
        ("name", "가" * 151),
        ("language", "xx"),
    ],
)
def test_bad_user_is_an_error(desk, alice, field, value):
    before = User.objects.count()
    answer = desk.post(ADD, new_user(**{field: value}))

    assert answer.status_code == 200
    assert answer.context["errors"]
    assert User.objects.count() == before


def test_superuser_gives_rights_and_switches_accounts_off(desk, alice):
    desk.post(change_url(alice), {"name": "Alice Kim", "language": "en", "is_staff": "on"} | AS_IS)

    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_active) == (True, False)


AS_IS = {
    "emailaddress_set-TOTAL_FORMS": "0",
    "emailaddress_set-INITIAL_FORMS": "0",
}


def test_address_is_changed_by_its_owner_only(desk, alice):
    desk.post(
        change_url(alice),
        {"email": "new@example.com", "name": "A", "language": "en", "is_active": "on"} | AS_IS,
    )

    alice.refresh_from_db()
    assert (alice.email, alice.name) == ("alice@example.com", "A")


def test_staff_who_may_change_users_cannot_raise_themselves_or_others(
    client, staff_with, alice, carol
):
    dave = staff_with("students.view_user", "students.change_user", "students.add_user")
    client.force_login(dave)
    powers = {"is_staff": "on", "is_superuser": "on", "is_active": "on"}

    client.post(change_url(alice), {"name": "A", "language": "en"} | powers | AS_IS)
    alice.refresh_from_db()
    assert (alice.name, alice.is_staff, alice.is_superuser) == ("A", False, False)

    client.post(ADD, new_user(**powers))
    assert not User.objects.get(email="erin@example.com").is_staff

    for above in (dave, carol):
        form = {"name": "X", "language": "en"} | powers | AS_IS
        assert client.post(change_url(above), form).status_code == 403


def test_users_are_never_deleted(desk, alice):
    url = reverse("admin:students_user_delete", args=[alice.pk])

    assert desk.post(url, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=alice.pk).exists()


def test_gateway_is_switched_and_says_how_it_is(desk):
    for form in (
        {"behaviour": "slow", "delay_milliseconds": "1500"},
        {"behaviour": "down", "delay_milliseconds": ""},
    ):
        assert desk.post(SWITCH, form).status_code == 302
        assert SandboxSwitch.objects.get().behaviour == form["behaviour"]
        assert desk.get(SWITCH).context["breaker_tone"] == "success"
    assert SandboxSwitch.objects.get().delay_milliseconds == 0


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"behaviour": "exploding"},
        {"behaviour": "slow", "delay_milliseconds": "-1"},
        {"behaviour": "slow", "delay_milliseconds": "60001"},
        {"behaviour": "slow", "delay_milliseconds": str(10**30)},
        {"behaviour": "slow", "delay_milliseconds": "soon"},
    ],
)
def test_bad_switch_is_an_error_and_changes_nothing(desk, form):
    answer = desk.post(SWITCH, form)

    assert answer.context["form"].errors
    assert not SandboxSwitch.objects.exists()


def test_gateway_page_shows_an_open_breaker(desk, monkeypatch):
    monkeypatch.setattr("apps.payments.breaker.CircuitBreaker.state", "open")

    assert desk.get(SWITCH).context["breaker_tone"] == "danger"


def test_looking_at_the_switch_is_not_switching(client, staff_with):
    client.force_login(staff_with("payments.view_sandboxswitch"))

    assert client.get(SWITCH).status_code == 200
    assert client.post(SWITCH, {"behaviour": "down"}).status_code == 403


def test_switch_is_not_there_with_a_real_gateway(desk, settings):
    settings.PAYMENT_GATEWAY = "stripe"

    assert desk.get(SWITCH).status_code == 403
    assert SWITCH not in desk.get("/admin/").content.decode()


def test_staff_log_out(desk):
    assert desk.post("/admin/logout/").status_code == 302
    assert desk.get("/admin/").status_code == 302


def test_staff_change_their_password(desk, carol):
    form = {"old_password": PASSWORD} | dict.fromkeys(
        ("new_password1", "new_password2"), "another-secret-1"
    )

    assert desk.post("/admin/password_change/", form).status_code == 302
    carol.refresh_from_db()
    assert carol.check_password("another-secret-1")


def test_events_are_searched_in_their_payload(desk, alice, make_course, enroll):
    enrollment_id = enroll(alice, make_course(title="검색할 과정"))

    for term in (f'"enrollment_id": {enrollment_id}', "검색할", "enrollment_requested"):
        page = desk.get("/admin/events/loggedevent/", {"q": term})
        assert page.context["cl"].result_count >= 1, term
    assert desk.get("/admin/events/loggedevent/", {"q": "nowhere"}).context["cl"].result_count == 0


def test_event_is_not_edited(desk, alice):
    event = LoggedEvent.objects.first()

    url = reverse("admin:events_loggedevent_change", args=[event.pk])
    assert desk.post(url, {"name": "forged"}).status_code == 403
