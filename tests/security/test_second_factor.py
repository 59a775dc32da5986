"""The second factor: staff need it where the school says so, everybody may have it."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.db import connections
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from apps.students import services
from apps.students.models import User
from tests.conftest import PASSWORD
from tests.forms import confirm

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TOKEN = "/api/v1/auth/token/"
LOG_IN = reverse("account_login")
AUTHENTICATE, REAUTHENTICATE = reverse("mfa_authenticate"), reverse("mfa_reauthenticate")
ACTIVATE = reverse("mfa_activate_totp")


def code(secret=SECRET, steps=0):
    """Return what the app shows now, or some steps of 30 seconds away."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def wrong_code():
    valid = {code(steps=steps) for steps in range(-2, 4)}
    return next(text for text in ("000000", "111111") if text not in valid)


def switch_on(user):
    TOTP.activate(user, SECRET)
    return RecoveryCodes.activate(user).get_unused_codes()


@pytest.fixture
def required(settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = True


@pytest.fixture
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def enter_password(client, user):
    return client.post(LOG_IN, {"login": user.email, "password": PASSWORD})


def log_in(client, user, entered):
    enter_password(client, user)
    return client.post(AUTHENTICATE, {"code": entered})


def get_token(user, **more):
    return APIClient().post(TOKEN, {"email": user.email, "password": PASSWORD, **more})


def api_as(token):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def is_logged_in(client):
    return "_auth_user_id" in client.session


# --- On the pages ---------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_password_and_code_log_in(client, alice, steps):
    switch_on(alice)

    assert enter_password(client, alice).url == AUTHENTICATE
    assert not is_logged_in(client)
    assert client.post(AUTHENTICATE, {"code": code(steps=steps)}).status_code == 302
    assert is_logged_in(client)


@pytest.mark.parametrize("entered", ["", "abcdef", "１２３４５６", "🎓" * 6, "0" * 33])
def test_odd_codes_do_not(client, alice, entered):
    switch_on(alice)

    assert log_in(client, alice, entered).status_code == 400
    assert not is_logged_in(client)


@pytest.mark.parametrize("steps", [-3, 3])
def test_code_of_another_time_does_not(client, alice, steps):
    switch_on(alice)

    log_in(client, alice, code(steps=steps))

    assert not is_logged_in(client)


@pytest.mark.parametrize("spaced", [False, True])
def test_code_counts_once(client, alice, spaced):
    switch_on(alice)
    used = code()
    log_in(client, alice, used)
    client.logout()

    again = log_in(client, alice, f"{used[:3]} {used[3:]}" if spaced else used)

    assert again.status_code == 400
    assert not is_logged_in(client)


@pytest.mark.django_db(transaction=True)
def test_parallel_uses_of_one_code_give_one_token(alice):
    switch_on(alice)
    used = code()

    def attempt(_number):
        try:
            return get_token(alice, code=used).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as crowd:
        statuses = list(crowd.map(attempt, range(8)))

    assert (statuses.count(200), statuses.count(401)) == (1, 7)


def test_recovery_code_logs_in_once(client, alice):
    recovery = switch_on(alice)[0]

    log_in(client, alice, recovery)
    assert is_logged_in(client)
    client.logout()
    log_in(client, alice, recovery)
    assert not is_logged_in(client)


def test_wrong_codes_lock_for_page_and_api_alike(client, alice, settings):
    settings.TRY_LIMITS = settings.TRY_LIMITS | {"code": (3, 900)}
    switch_on(alice)
    enter_password(client, alice)
    for _ in range(2):
        assert client.post(AUTHENTICATE, {"code": wrong_code()}).status_code == 400
    assert get_token(alice, code=wrong_code()).status_code == 401

    by_page, by_api = client.post(AUTHENTICATE, {"code": code()}), get_token(alice, code=code())

    assert (by_page.status_code, by_api.status_code) == (429, 429)
    assert int(by_page["Retry-After"]) <= 900
    assert not is_logged_in(client)


def test_right_password_does_not_start_the_count_of_codes_anew(client, alice, settings):
    settings.TRY_LIMITS = settings.TRY_LIMITS | {"code": (2, 900)}
    switch_on(alice)

    statuses = [log_in(client, alice, wrong_code()).status_code for _ in range(3)]

    assert statuses == [400, 400, 429]


def test_student_switches_it_on_and_off(english, alice, django_capture_on_commit_callbacks):
    client = english
    enter_password(client, alice)
    assert client.get(ACTIVATE).url.startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    page = client.get(ACTIVATE)
    secret = page.context["form"].secret
    assert secret in page.text
    assert "data:image/svg+xml" in page.text
    assert client.post(ACTIVATE, {"code": "12"}).status_code == 400
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(ACTIVATE, {"code": code(secret)}, follow=True)
    assert "Recovery codes" in answer.text
    assert Authenticator.objects.filter(user=alice).count() == 2
    assert mail.outbox[-1].subject.startswith("Log-in with an authenticator app is on")

    for name in ("mfa_index", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"):
        assert client.get(reverse(name)).status_code == 200
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=alice).exists()


def test_codes_by_which_it_is_switched_on_are_counted(client, alice, settings):
    settings.TRY_LIMITS = settings.TRY_LIMITS | {"code": (1, 900)}
    enter_password(client, alice)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(ACTIVATE)

    assert [client.post(ACTIVATE, {"code": "1"}).status_code for _ in range(2)] == [400, 429]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_pages_have_no_inline_script_and_speak_both_languages(client, alice, language):
    client.cookies["django_language"] = language
    switch_on(alice)
    User.objects.update(language=language)
    enter_password(client, alice)

    page = client.get(AUTHENTICATE)

    assert "<script>" not in page.text
    assert ("2단계 인증" if language == "ko" else "Second factor") in page.text


# --- At rest --------------------------------------------------------------------------------------


def test_secrets_are_sealed_in_the_database(alice):
    switch_on(alice)

    kept = Authenticator.objects.get(user=alice, type="totp").data["secret"]
    assert SECRET not in kept


def test_keys_can_be_changed(client, alice, settings):
    settings.SECOND_FACTOR_KEYS = ["old"]
    switch_on(alice)
    settings.SECOND_FACTOR_KEYS = ["new", "old"]

    log_in(client, alice, code())

    assert is_logged_in(client)


def test_lost_key_is_no_error_and_no_way_in(client, alice, settings):
    settings.SECOND_FACTOR_KEYS = ["old"]
    switch_on(alice)
    settings.SECOND_FACTOR_KEYS = ["new"]

    assert log_in(client, alice, code()).status_code == 400


# --- Staff ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/admin/", "/admin/students/user/", "/courses/", "/my/"])
def test_staff_without_it_are_led_to_switch_it_on(client, carol, required, path):
    enter_password(client, carol)

    assert client.get(path).url == ACTIVATE
    assert client.post(path).url == ACTIVATE


def test_staff_switch_it_on_and_may_work(client, carol, required):
    enter_password(client, carol)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = client.get(ACTIVATE).context["form"].secret

    client.post(ACTIVATE, {"code": code(secret)})

    assert client.get("/admin/").status_code == 200


def test_session_from_before_must_show_it(client, carol, required):
    switch_on(carol)
    client.force_login(carol)

    answer = client.get("/admin/students/user/?q=a")
    assert answer.url.startswith(REAUTHENTICATE)
    back = client.post(answer.url, {"code": code(), "next": "/admin/students/user/?q=a"})

    assert back.url == "/admin/students/user/?q=a"
    assert client.get("/admin/").status_code == 200


def test_staff_with_it_may_work_and_not_switch_it_off(client, carol, required):
    switch_on(carol)
    log_in(client, carol, code())
    assert client.get("/admin/").status_code == 200

    client.post(REAUTHENTICATE, {"code": code(steps=1)})
    client.post(reverse("mfa_deactivate_totp"))

    assert services.has_second_factor(user_id=carol.pk)


def test_student_who_becomes_staff_loses_what_was_opened_without_it(client, alice, required):
    enter_password(client, alice)
    token = get_token(alice).json()["token"]
    assert client.get("/my/").status_code == 200
    assert api_as(token).get("/api/v1/students/me/").status_code == 200

    User.objects.filter(pk=alice.pk).update(is_staff=True)

    assert client.get("/my/").url == ACTIVATE
    for answer in (
        api_as(token).get("/api/v1/students/me/"),
        client.get("/api/v1/students/me/"),
        api_as(token).post("/api/v1/courses/", {"title": "Mine"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")


def test_students_and_visitors_are_not_asked(client, alice, required):
    assert client.get("/courses/").status_code == 200
    enter_password(client, alice)
    assert client.get("/my/").status_code == 200


def test_demo_staff_need_none(client, carol):
    enter_password(client, carol)

    assert client.get("/admin/").status_code == 200


def test_token_wants_the_code_only_after_the_right_password(alice):
    switch_on(alice)

    wrong = APIClient().post(TOKEN, {"email": alice.email, "password": "wrong", "code": code()})
    missing, refused = get_token(alice), get_token(alice, code=wrong_code())
    given = get_token(alice, code=code())

    codes = [answer.json()["code"] for answer in (wrong, missing, refused)]
    assert codes == ["log_in_refused", "second_factor_required", "code_refused"]
    assert {answer.status_code for answer in (wrong, missing, refused)} == {401}
    assert given.status_code == 200


def test_staff_token_needs_it(carol, required):
    assert get_token(carol).json()["code"] == "second_factor_missing"
    switch_on(carol)

    token = get_token(carol, code=code()).json()["token"]

    assert api_as(token).get("/api/v1/lectures/").status_code == 200
    body = {"title": "SQL", "price_minor": 0, "currency": "KRW"}
    assert api_as(token).post("/api/v1/courses/", body).status_code == 201


# --- A lost device --------------------------------------------------------------------------------

RESET = "admin:students_user_reset_second_factor"


def link_in(message):
    return re.search(r"http://[^/]+(/accounts/second-factor-reset/\S+/)", message.body)[1]


@pytest.fixture
def reset_link(client, alice, carol, deliver_all):
    """A link that Carol has had mailed to Alice, who lost her phone."""
    switch_on(alice)
    client.force_login(carol)
    address = reverse(RESET, args=[alice.pk])
    assert client.get(address).status_code == 200
    confirm(client, address)
    deliver_all()
    assert mail.outbox[-1].to == [alice.email]
    client.logout()
    return link_in(mail.outbox[-1])


def test_owner_resets_it_by_the_mailed_link_and_everything_ends(
    client, alice, reset_link, deliver_all
):
    token = get_token(alice, code=code()).json()["token"]
    assert services.has_second_factor(user_id=alice.pk)
    assert client.get(reset_link).status_code == 200

    assert client.post(reset_link, {"password": "wrong"}).status_code == 400
    assert services.has_second_factor(user_id=alice.pk)
    answer = client.post(reset_link, {"password": PASSWORD})

    assert answer.url == LOG_IN
    assert not Authenticator.objects.filter(user=alice).exists()
    assert api_as(token).get("/api/v1/students/me/").status_code == 401
    deliver_all()
    assert mail.outbox[-1].to == [alice.email]
    assert "switched off" in mail.outbox[-1].body


def test_reset_link_works_once(client, alice, reset_link):
    client.post(reset_link, {"password": PASSWORD})
    switch_on(alice)

    assert client.get(reset_link).status_code == 404
    assert client.post(reset_link, {"password": PASSWORD}).status_code == 404
    assert services.has_second_factor(user_id=alice.pk)


def test_reset_link_expires(client, alice, reset_link):
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert client.post(reset_link, {"password": PASSWORD}).status_code == 404
    assert services.has_second_factor(user_id=alice.pk)


def test_reset_link_ends_when_everything_is_signed_out(client, alice, reset_link):
    services.sign_out_everywhere(user_id=alice.pk)

    assert client.post(reset_link, {"password": PASSWORD}).status_code == 404


def test_passwords_at_the_reset_link_are_counted(client, alice, reset_link, settings):
    settings.TRY_LIMITS = settings.TRY_LIMITS | {"log_in": (2, 900)}

    statuses = [client.post(reset_link, {"password": "wrong"}).status_code for _ in range(3)]

    assert statuses == [400, 400, 429]


def test_password_of_somebody_else_resets_nothing(client, alice, bob, reset_link):
    bob.set_password("another-good-7421")
    bob.save()

    assert client.post(reset_link, {"password": "another-good-7421"}).status_code == 400


def test_staff_without_the_right_do_not(client, alice, bob):
    switch_on(alice)
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    client.force_login(User.objects.get(pk=bob.pk))

    assert client.post(reverse(RESET, args=[alice.pk])).status_code == 403
    assert services.has_second_factor(user_id=alice.pk)
