"""Messages of a gateway: signed, small, and never believed."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from standardwebhooks import Webhook

from apps.lectures import services as lectures
from apps.lectures.models import Enrollment
from apps.payments.models import Charge, LedgerEntry, Payment, SandboxTransaction

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes, ok").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret of as many bytes!").decode()
ADDRESS = "/webhooks/payments/sandbox/"


@pytest.fixture(autouse=True)
def secret(settings):
    settings.PAYMENT_WEBHOOK_SECRET = SECRET


def message(key, **more):
    return json.dumps({"type": "charge.captured", "data": {"idempotency_key": key, **more}})


def send(client, body, *, secret=SECRET, at=None, address=ADDRESS, **changed):
    sent_at = at or datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", sent_at, body),
    } | changed
    return client.post(
        address,
        body,
        content_type="application/json",
        headers={name: value for name, value in headers.items() if value is not None},
    )


@pytest.fixture
def unknown(charge, gateway, settings):
    """A charge that was captured while we got no answer: the payer was told to pay later."""
    settings.PAYMENT_MAX_ATTEMPTS = 1
    assert charge("tok_timeout_after_capture").status == "deferred"
    return Charge.objects.get()


def state():
    payment, charge = Payment.objects.get(), Charge.objects.get()
    return payment.status, charge.status, Enrollment.objects.get().status


def test_message_settles_an_unknown_charge(client, unknown):
    answer = send(client, message(unknown.idempotency_key))

    assert (answer.status_code, answer.content) == (204, b"")
    assert state() == ("approved", "captured", "approved")


def test_message_again_changes_nothing(client, unknown):
    statuses = [send(client, message(unknown.idempotency_key)).status_code for _ in range(3)]

    assert statuses == [204] * 3
    assert LedgerEntry.objects.count() == 2
    assert SandboxTransaction.objects.count() == 1


def test_what_the_message_says_of_money_is_not_believed(client, due, alice, unknown):
    """The gateway, asked back, has nothing under this key."""
    SandboxTransaction.objects.all().delete()

    answer = send(client, message(unknown.idempotency_key, status="captured", amount_minor=50_000))

    assert answer.status_code == 204
    assert state() == ("deferred", "processing", "requested")


def test_declined_charge_is_booked_as_such(client, unknown):
    SandboxTransaction.objects.update(decline_code="card_declined")

    send(client, message(unknown.idempotency_key, status="captured"))

    assert state()[:2] == ("deferred", "declined")


def test_late_money_of_a_cancelled_enrollment_is_given_back(client, unknown, alice, gateway):
    gateway("down")
    lectures.cancel_enrollment(enrollment_id=Enrollment.objects.get().pk, student_id=alice.pk)

    gateway("working")

    assert send(client, message(unknown.idempotency_key)).status_code == 204
    assert Charge.objects.get().status == "surplus"
    assert Payment.objects.get().refunds.get().amount_minor == 50_000


def test_silent_gateway_is_asked_again_later(client, unknown, gateway):
    gateway("down")

    answer = send(client, message(unknown.idempotency_key))

    assert (answer.status_code, answer.json()["code"]) == (503, "gateway_busy")
    assert int(answer["Retry-After"]) >= 1
    assert state()[0] == "deferred"


@pytest.mark.parametrize(
    "how",
    [
        {"secret": OTHER},
        {"at": datetime.now(UTC) - timedelta(minutes=6)},
        {"at": datetime.now(UTC) + timedelta(minutes=66)},
        {"webhook-signature": None},
        {"webhook-id": None},
        {"webhook-timestamp": None},
        {"webhook-id": "msg_2"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,%%%"},
        {"webhook-signature": "v1,가나다"},
        {"webhook-signature": "v1a,AAAA v2,AAAA"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "9" * 400},
    ],
)
def test_wrong_signature_is_refused(client, unknown, how):
    answer = send(client, message(unknown.idempotency_key), **how)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")
    assert answer["Content-Type"] == "application/problem+json"
    assert state()[0] == "deferred"


def test_changed_body_is_refused(client, unknown):
    signed = message("x" * 32)
    signature = Webhook(SECRET).sign("msg_1", datetime.now(UTC), signed)

    answer = send(client, message(unknown.idempotency_key), **{"webhook-signature": signature})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{",
        "{}",
        '{"data": null}',
        '{"data": {"idempotency_key": 7}}',
        '{"data": {"idempotency_key": ""}}',
        '{"data": {"idempotency_key": "%s"}}' % ("x" * 65),
        '{"data": {"idempotency_key": "a\\u0000b"}}',
        '{"data": {}, "data": {"idempotency_key": "x"}}',
        "[" * 30_000,
    ],
)
def test_wrong_bodies_are_refused(client, db, body):
    assert send(client, body).status_code == 400


def test_large_body_is_refused(client, db):
    answer = send(client, message("x", more="x" * 70_000))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_unknown_charges_and_gateways_are_404(client, unknown):
    key = unknown.idempotency_key
    answers = [
        send(client, message("0" * 32)),
        send(client, message(key), address="/webhooks/payments/other/"),
        send(client, message(key), address="/webhooks/payments/manual/"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert state()[0] == "deferred"


def test_without_a_secret_there_is_no_such_address(client, unknown, settings):
    settings.PAYMENT_WEBHOOK_SECRET = None

    assert send(client, message(unknown.idempotency_key)).status_code == 404
    assert client.get(ADDRESS).status_code == 404


def test_only_post_is_taken_and_no_csrf_token_is_asked(unknown):
    client = Client(enforce_csrf_checks=True)

    assert client.get(ADDRESS).status_code == 405
    assert send(client, message(unknown.idempotency_key)).status_code == 204


@pytest.mark.parametrize("text", ["", " ", "whsec_", "whsec_c2hvcnQ=", "no base64!", "가나다"])
def test_empty_or_weak_secret_is_refused_at_start(text):
    started = subprocess.run(
        [sys.executable, "-c", "from elearning import settings"],
        cwd=ROOT, env=os.environ | {"PAYMENT_WEBHOOK_SECRET": text},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert started.returncode != 0
    assert "ImproperlyConfigured: PAYMENT_WEBHOOK_SECRET" in started.stderr


def test_good_secret_is_taken_at_start():
    started = subprocess.run(
        [sys.executable, "-c", "from elearning.settings import *; print(PAYMENT_WEBHOOK_SECRET)"],
        cwd=ROOT, env=os.environ | {"PAYMENT_WEBHOOK_SECRET": SECRET},
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert started.stdout.strip() == SECRET
