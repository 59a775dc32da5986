"""Cookies and sessions, held against what the server really answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from tests.conftest import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
NEW = "a-new-good-password"
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "kq3-Zt8_wL5xVb1nMd7cRf0gHj2pSy4uAe6iOo9DkWzXEvQ-for-a-test",
    "SITE_URL": "https://school.example",
    "ALLOWED_HOSTS": "school.example",
    "PAYMENT_GATEWAY": "none",
    "EMAIL_URL": "smtp://localhost:25",
}
PROBE = """
import json, django
django.setup()
from django.test import Client
client = Client(headers={"host": "school.example", "x-forwarded-proto": "https"})
SENT = {"headers": {"referer": "https://school.example/"}}
page = client.get("/accounts/login/")
plain = Client(headers={"host": "school.example"})
wrong = plain.get("/accounts/login/")
refused = [plain.post(path, {}, content_type="application/json")
           for path in ("/api/v1/auth/token/", "/webhooks/payments/stripe/")]
page.cookies.update(client.post("/theme/", {"theme": "dark"}, **SENT).cookies)
page.cookies.update(client.post("/i18n/setlang/", {"language": "en"}, **SENT).cookies)
cookies = {name: {key: morsel[key] for key in ("path", "domain", "secure", "httponly", "samesite")}
           for name, morsel in page.cookies.items()}
print(json.dumps({"cookies": cookies, "headers": dict(page.headers), "plain": wrong["Location"],
    "refused": [(one.status_code, one.json()["code"], one.get("Location")) for one in refused]}))
"""


def in_production(*command, **changed):
    """Run a command as a production server would, on this test run's database."""
    own = {name: value for name, value in (PRODUCTION | changed).items() if value is not None}
    kept = {name: value for name, value in os.environ.items() if name not in PRODUCTION}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT, env=kept | own, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def collected():
    """The static files, without whose list production renders no page."""
    done = in_production("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
    assert done.returncode == 0, done.stderr


def log_in(client, user, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def is_open(client):
    return client.get("/my/").status_code == 200


def test_deployment_check_finds_nothing_in_production():
    checked = in_production("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert checked.returncode == 0, checked.stderr
    assert "no issues (0 silenced)" in checked.stdout + checked.stderr


@pytest.mark.usefixtures("collected")
def test_production_answers_with_strict_cookies_and_headers():
    asked = in_production("-c", PROBE, DJANGO_SETTINGS_MODULE="elearning.settings")
    assert asked.returncode == 0, asked.stderr
    found = json.loads(asked.stdout.splitlines()[-1])

    assert set(found["cookies"]) == {
        "__Host-csrftoken", "__Host-django_language", "__Host-theme",
    }  # fmt: skip
    for cookie in found["cookies"].values():
        assert cookie == {
            "path": "/", "domain": "", "secure": True, "httponly": True, "samesite": "Lax",
        }  # fmt: skip
    headers = {name.lower(): value for name, value in found["headers"].items()}
    assert headers["strict-transport-security"].startswith("max-age=31536000; includeSubDomains")
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "script-src" not in headers["content-security-policy"]
    assert found["plain"].startswith("https://school.example/")


@pytest.mark.usefixtures("collected")
def test_production_refuses_programs_that_speak_plain_http():
    asked = in_production("-c", PROBE, DJANGO_SETTINGS_MODULE="elearning.settings")
    found = json.loads(asked.stdout.splitlines()[-1])

    assert found["refused"] == [[403, "https_required", None]] * 2


def test_production_names_the_session_cookie_for_this_host_only():
    asked = in_production(
        "-c",
        "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_PATH,"
        " s.SESSION_COOKIE_DOMAIN, s.SESSION_COOKIE_SECURE, s.STAFF_NEEDS_SECOND_FACTOR)",
        DJANGO_SETTINGS_MODULE="elearning.settings",
    )

    assert asked.stdout.split() == ["__Host-sessionid", "/", "None", "True", "True"]


@pytest.mark.django_db
def test_session_cookie_is_kept_from_scripts_and_other_sites(client, alice):
    cookie = log_in(client, alice).cookies["sessionid"]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")


@pytest.mark.django_db
def test_log_in_changes_the_key_of_the_session(client, alice):
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = "by somebody who knows the key"
    session.save()
    client.cookies["sessionid"] = before = session.session_key

    log_in(client, alice)

    assert client.session.session_key != before
    stranger = Client()
    stranger.cookies["sessionid"] = before
    assert not is_open(stranger)


@pytest.mark.django_db
def test_log_out_ends_the_session_on_the_server(client, alice):
    log_in(client, alice)
    key = client.session.session_key

    client.post(reverse("account_logout"))

    client.cookies["sessionid"] = key
    assert not is_open(client)


@pytest.mark.django_db
def test_forms_need_the_csrf_token(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    for name in ("account_logout", "set_language", "students:account", "students:sign_outs"):
        assert client.post(reverse(name)).status_code == 403, name


@pytest.fixture
def elsewhere(alice):
    """Another browser and a program of Alice's, both logged in."""
    browser = Client()
    browser.force_login(alice)
    _, token = AuthToken.objects.create(user=alice)
    program = Client(headers={"authorization": f"Token {token}"})
    assert is_open(browser)
    assert program.get("/api/v1/students/me/").status_code == 200
    return browser, program


def all_ended(elsewhere):
    browser, program = elsewhere
    return not is_open(browser) and program.get("/api/v1/students/me/").status_code == 401


@pytest.mark.django_db
def test_changed_password_ends_all_other_sessions_and_tokens(client, alice, elsewhere, mailoutbox):
    log_in(client, alice)

    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    )

    assert is_open(client)
    assert all_ended(elsewhere)
    assert [message.to for message in mailoutbox] == [[alice.email]]


@pytest.mark.django_db
def test_reset_password_ends_all_sessions_and_tokens(client, alice, elsewhere, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": alice.email})
    link = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    form = client.get(link, follow=True)

    client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})

    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert all_ended(elsewhere)
    assert not is_open(client)


@pytest.mark.django_db
def test_log_in_with_an_old_hash_ends_nothing(client, alice, elsewhere, settings):
    """Django then writes the password anew, which is no change of it."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    before = alice.password

    log_in(client, alice)

    alice.refresh_from_db()
    assert alice.password != before
    assert elsewhere[1].get("/api/v1/students/me/").status_code == 200


@pytest.mark.django_db
def test_sign_out_everywhere(client, alice, bob, elsewhere):
    log_in(client, alice)
    neighbor = Client()
    neighbor.force_login(bob)

    assert reverse("students:sign_outs") in client.get(reverse("students:account")).text
    client.post(reverse("students:sign_outs"))

    assert not is_open(client)
    assert all_ended(elsewhere)
    assert is_open(neighbor)


@pytest.mark.django_db
@pytest.mark.parametrize(("idle_seconds", "stays"), [(3500, True), (3700, False)])
def test_idle_staff_are_logged_out(client, carol, idle_seconds, stays):
    client.force_login(carol)
    client.get("/admin/")
    session = client.session
    session["staff_seen_at"] -= idle_seconds
    session.save()

    assert (client.get("/admin/").status_code == 200) is stays
    assert (SESSION_KEY in client.session) is stays


@pytest.mark.django_db
def test_working_staff_stay_logged_in(client, carol):
    client.force_login(carol)
    client.get("/admin/")
    for _ in range(3):
        session = client.session
        session["staff_seen_at"] -= 3000
        session.save()
        assert client.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_idle_students_stay_logged_in(client, alice):
    log_in(client, alice)
    client.get("/my/")

    assert "staff_seen_at" not in client.session
    assert EmailAddress.objects.get(user=alice).verified
