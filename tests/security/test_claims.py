"""Small things that `docs/security.md` says, each seen where it could be otherwise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken
from django.conf import settings as current
from django.urls import reverse

from apps import sealing
from apps.students.models import TryCount, User
from elearning.celery import app as celery
from elearning.embedded import postgres
from elearning.models import IdempotentRequest
from tests.conftest import PASSWORD

SIGN_UP = "/api/v1/students/"
OURS = [path for path in Path("static").rglob("*.js") if "vendor" not in path.parts]
UNSAFE = "innerHTML outerHTML insertAdjacentHTML document.write eval( Function( postMessage".split()
STORES = "localStorage sessionStorage indexedDB document.cookie __proto__".split()

SANITIZED = {"markdown.js": ["innerHTML"]}
"""The preview at the desk shows what the server has sanitized, as the page will."""


def sign_up(client, password):
    body = {"email": "new@example.com", "password": password, "name": "New"}
    return client.post(SIGN_UP, body, content_type="application/json")


@pytest.mark.parametrize("script", OURS, ids=lambda path: path.name)
def test_scripts_write_text_only_and_keep_nothing(script):
    source = script.read_text()

    found = [word for word in UNSAFE + STORES if word in source]
    assert found == SANITIZED.get(script.name, [])


def test_there_are_scripts_to_look_at():
    assert OURS


@pytest.mark.parametrize("password", ["short-1", "password", "20261125", "learning"])
def test_weak_password_is_refused(client, db, password):
    answer = sign_up(client, password)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "password"


@pytest.mark.parametrize(
    "password",
    [
        "Suryeo2026!",
        "수려아카데미99",
        "수려 아카데미!!",
        "elearning-01",
        "수강신청수강신청",
        "School-2026",
    ],
)
def test_words_of_the_school_are_no_password(client, db, settings, password):
    settings.SITE_URL = "https://school.example"

    answer = sign_up(client, password)

    assert answer.status_code == 400
    assert "name of the school" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("password", ["20261125", "2026-11-25", "25.11.1998", "02281998"])
def test_date_is_no_password(client, db, password):
    answer = sign_up(client, password)

    assert answer.status_code == 400
    assert "date" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "password",
    [
        "여덟글자이상이면좋음",
        "q" * 63 + "z",
        " inner and outer spaces ",
        "84930275",
        "#!?_-+*/",
        "three words for suryeo",
    ],
)
def test_password_of_any_composition_is_taken_exactly_as_sent(client, db, password):
    assert sign_up(client, password).status_code == 201

    user = User.objects.get(email="new@example.com")
    assert user.check_password(password)
    assert not user.check_password(password.strip() + "x")
    assert not user.check_password(password[:-1])


@pytest.mark.parametrize("name", ["account_login", "account_signup"])
def test_password_fields_are_masked_and_welcome_a_password_manager(client, db, name):
    page = client.get(reverse(name)).text

    (field,) = re.findall(r"<input[^>]*type=\"password\"[^>]*>", page)
    assert "autocomplete=" in field
    assert "onpaste" not in page


@pytest.mark.parametrize("address", ["/", "/my/", "/accounts/", "/courses/"])
def test_log_out_is_on_every_page(client, alice, address):
    client.force_login(alice)

    assert reverse("account_logout") in client.get(address, follow=True).text


@pytest.mark.parametrize(
    "address", ["/", "/api/v1/courses/", "/nowhere/", "/api/v1/nowhere/", "/my/"]
)
def test_every_answer_carries_the_headers(client, db, address):
    answer = client.get(address, headers={"origin": "https://elsewhere.example"})

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe" not in policy
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize("address", ["/.git/config", "/.env", "/media/", "/static/", "/manage.py"])
def test_only_pages_are_served(client, db, address):
    assert client.get(address).status_code == 404


def test_account_that_is_switched_off_is_out_at_once(client, alice):
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert client.get("/my/").status_code == 302
    assert not client.login(email=alice.email, password=PASSWORD)


def test_make_check_looks_for_what_is_unsafe():
    recipe = Path("Makefile").read_text(encoding="utf-8").split("\ncheck:")[1].split("\n\n")[0]
    project = Path("pyproject.toml").read_text(encoding="utf-8")

    assert all(step in recipe for step in ("ruff check .", "bandit"))
    assert re.search(r'^    "S", ', project, re.MULTILINE)


def test_tasks_and_sessions_are_json():
    assert list(celery.conf.accept_content) == ["json"]
    assert celery.conf.task_serializer == "json"
    assert current.SESSION_SERIALIZER.endswith(".JSONSerializer")


def test_decision_states_the_limits_of_the_settings():
    page = Path("docs/decisions/0011-tries-are-counted-in-the-database.md").read_text("utf-8")

    for purpose, row in {
        "log_in": "log-in, by account and address",
        "log_in_account": "log-in, by account alone",
        "code": "second factor, by account",
    }.items():
        assert f"| {row} | {current.TRY_LIMITS[purpose][0]} |" in page


def test_text_encrypted_for_one_purpose_is_not_decrypted_for_another():
    encrypted = sealing.under(["key"], purpose="one").encrypt(b"text")

    with pytest.raises(InvalidToken):
        sealing.under(["key"], purpose="another").decrypt(encrypted)


def test_stored_digests_have_256_bits(client, db):
    sent = {"headers": {"idempotency-key": "a-key"}, "content_type": "application/json"}
    client.post(SIGN_UP, {"email": "new@example.com", "password": PASSWORD, "name": "N"}, **sent)
    client.post(reverse("account_login"), {"login": "new@example.com", "password": "wrong"})

    accounts = TryCount.objects.exclude(account="").values_list("account", flat=True)
    fingerprints = IdempotentRequest.objects.values_list("fingerprint", flat=True)
    assert {len(bytes.fromhex(digest)) for digest in accounts} == {32}
    assert {len(bytes.fromhex(digest)) for digest in fingerprints} == {32}


@pytest.mark.parametrize("address", ["courses/", "lectures/", "auth/token/"])
def test_trace_is_a_405(client_of, carol, address):
    assert client_of(carol).generic("TRACE", f"/api/v1/{address}").status_code == 405


def test_log_goes_to_the_console_alone():
    handlers = current.LOGGING["handlers"].values()

    assert {handler["class"] for handler in handlers} == {"logging.StreamHandler"}


def test_embedded_postgresql_logs_no_values_of_a_failed_statement(tmp_path):
    settings = postgres._settings(tmp_path)

    assert settings["log_min_error_statement"] == "panic"
    assert settings["log_error_verbosity"] == "terse"
