"""What production refuses: at process start by name and remedy, and as errors of ``check``."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from elearning.settings.environment import SECRET_KEY

ROOT = Path(__file__).resolve().parents[2]
GOOD_KEY = "Lq8-vTz3_mXc7bRn1Kd0Wf5gYj9pHs2uAe6iOo4DkZxQEvN1tUy"
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": GOOD_KEY,
    "SITE_URL": "https://school.example",
    "ALLOWED_HOSTS": "school.example",
    "PAYMENT_GATEWAY": "none",
    "EMAIL_URL": "smtp://localhost:25",
}


def whsec(key: bytes) -> str:
    return "whsec_" + base64.b64encode(key).decode()


REFUSED = [
    ("SECRET_KEY", SECRET_KEY),
    ("SECRET_KEY", "x-for-a-demo-on-this-machine-only-" + GOOD_KEY),
    ("SECRET_KEY", "django-insecure-" + GOOD_KEY),
    ("SECRET_KEY", "Lq8-vTz3_mXc7bRn1Kd0"),
    ("SECRET_KEY", "a" * 64),
    ("SECRET_KEY", "changeme" * 8),
    ("SECRET_KEY", "1234567890" * 6),
    ("SECRET_KEY", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("SECRET_KEY", "qwertyuiopasdfghjklzxcvbnm1234567890qwertyuiopasdfgh"),
    ("SECRET_KEY", "Lq8-vTz3_mXc" * 5),
    ("SECRET_KEY_FALLBACKS", [GOOD_KEY + "2", "secret" * 10]),
    ("SECRET_KEY_FALLBACKS", ["short"]),
    ("SECOND_FACTOR_KEYS", [GOOD_KEY + "3", SECRET_KEY]),
    ("SECOND_FACTOR_KEYS", ["0" * 60]),
    ("DEBUG", True),
    ("CRASH_POINTS_DIR", "/tmp/points"),
    ("ALLOWED_HOSTS", []),
    ("ALLOWED_HOSTS", ["*"]),
    ("ALLOWED_HOSTS", ["school.example", "*"]),
    ("ALLOWED_HOSTS", ["*.school.example"]),
    ("ALLOWED_HOSTS", ["."]),
    ("ALLOWED_HOSTS", [".com"]),
    ("SITE_URL", ""),
    ("SITE_URL", "http://school.example"),
    ("SITE_URL", "school.example"),
    ("SITE_URL", "https://"),
    ("SITE_URL", "https://school.example/courses"),
    ("SITE_URL", "https://[school.example"),
    ("FILES_ORIGIN", "http://files.school.example"),
    ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend"),
    ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend"),
    ("EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend"),
    ("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend"),
    ("EMAIL_HOST", ""),
    ("PAYMENT_GATEWAY", "sandbox"),
    ("PAYMENT_GATEWAY", "stripe"),
    ("PAYMENT_GATEWAY", ""),
    ("PAYMENT_WEBHOOK_SECRET", whsec(bytes(32))),
    ("PAYMENT_WEBHOOK_SECRET", whsec(bytes(range(32)))),
    ("PAYMENT_WEBHOOK_SECRET", whsec(b"\x01\xff" * 16)),
    ("PAYMENT_WEBHOOK_SECRET", whsec(b"a secret of thirty-two bytes, ok")),
    ("PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"]),
]
ENVIRONMENT_NAMES = {"EMAIL_BACKEND": "EMAIL_URL", "EMAIL_HOST": "EMAIL_URL"}


@pytest.fixture
def good(settings):
    """The settings of a production that may start."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = GOOD_KEY, []
    settings.SECOND_FACTOR_KEYS = [GOOD_KEY]
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://school.example", ["school.example"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.PAYMENT_GATEWAY = "localhost", "none"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    return settings


def run(*command: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
    """Run a process of production; a setting of None is not set."""
    wanted = {name: text for name, text in (PRODUCTION | changed).items() if text is not None}
    kept = {name: text for name, text in os.environ.items() if name not in PRODUCTION}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT, env=kept | wanted, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_check_finds_no_error_in_good_settings(good):
    call_command("check", deploy=True)


@pytest.mark.parametrize(("name", "value"), REFUSED, ids=lambda value: str(value)[:40])
def test_check_fails_on_an_unsafe_setting(good, name, value):
    setattr(good, name, value)

    with pytest.raises(SystemCheckError) as refused:
        call_command("check", deploy=True)

    assert ENVIRONMENT_NAMES.get(name, name) in str(refused.value)
    assert "HINT: " in str(refused.value)


@pytest.mark.parametrize(
    "key",
    [secrets.token_urlsafe(50), secrets.token_hex(32), GOOD_KEY],
    ids=["urlsafe", "hex", "fixed"],
)
def test_random_keys_are_accepted(good, key):
    good.SECRET_KEY, good.SECRET_KEY_FALLBACKS = key, [GOOD_KEY]
    good.SECOND_FACTOR_KEYS = [key, GOOD_KEY]
    good.PAYMENT_WEBHOOK_SECRET = whsec(secrets.token_bytes(24))

    call_command("check", deploy=True)


UNSAFE = {
    "SECRET_KEY": SECRET_KEY,
    "SECRET_KEY_FALLBACKS": "former",
    "SECOND_FACTOR_KEYS": f"{GOOD_KEY},short",
    "DEBUG": "1",
    "ALLOWED_HOSTS": "school.example, *",
    "SITE_URL": "http://school.example",
    "EMAIL_URL": "consolemail://",
    "PAYMENT_GATEWAY": "paypall",
    "PAYMENT_WEBHOOK_SECRET": whsec(bytes(24)),
}
SECRETS = [SECRET_KEY, UNSAFE["PAYMENT_WEBHOOK_SECRET"], GOOD_KEY]


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "run"],
        ["manage.py", "migrate"],
        ["manage.py", "check", "--deploy"],
        ["-c", "import elearning.wsgi"],
        ["-m", "celery", "-A", "elearning", "worker"],
        ["-m", "celery", "-A", "elearning", "beat"],
    ],
    ids=lambda command: " ".join(command[-2:]),
)
def test_process_refuses_to_start_and_names_every_unsafe_setting(command, tmp_path):
    answer = run(*command, **UNSAFE, DATA_DIR=str(tmp_path / "data"))

    said = answer.stdout + answer.stderr
    assert answer.returncode != 0
    assert [name for name in UNSAFE if f"{name}: " not in said] == []
    assert [secret for secret in SECRETS if secret in said] == []
    assert not (tmp_path / "data").exists()


def test_process_names_every_setting_that_is_missing():
    needed = sorted(set(PRODUCTION) - {"ENVIRONMENT"})

    answer = run("manage.py", "check", "--deploy", **dict.fromkeys(needed))

    assert answer.returncode != 0
    assert [name for name in needed if f"{name}: " not in answer.stderr] == []


def test_address_of_no_mail_server_is_named():
    answer = run("-c", "import elearning.settings", EMAIL_URL="mail.example.com")

    assert answer.returncode != 0
    assert "Set EMAIL_URL" in answer.stderr


def test_production_hashes_passwords_slowly():
    code = "from django.contrib.auth.hashers import make_password; print(make_password('x'))"
    answer = run("-c", code, DJANGO_SETTINGS_MODULE="elearning.settings")

    algorithm, rounds, *_ = answer.stdout.strip().split("$")
    assert algorithm == "pbkdf2_sha256" != MD5PasswordHasher.algorithm
    assert int(rounds) >= 600_000


def test_unknown_gateway_is_refused_outside_production_too():
    code = "import elearning.settings"
    answer = run("-c", code, ENVIRONMENT="demo", PAYMENT_GATEWAY="paypall")

    assert answer.returncode != 0
    assert "PAYMENT_GATEWAY" in answer.stderr
