"""Passwords known from breaches, asked of a service that learns next to nothing; off by default."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.conf import settings as configured

from tests.security.test_claims import sign_up

pytestmark = pytest.mark.django_db
BREACHED = "a-password-of-a-breach"
PADDED = "a-password-of-the-padding"


def digest_of(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


class Service(BaseHTTPRequestHandler):
    """Answers as api.pwnedpasswords.com does: suffix and count, with zeros for padding."""

    asked: list[str] = []
    status = 200

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.end_headers()
        prefix = self.path.rpartition("/")[2]
        known = {digest_of(BREACHED): 52_256, digest_of(PADDED): 0}
        lines = [f"{one[5:]}:{count}" for one, count in known.items() if one.startswith(prefix)]
        self.wfile.write("\r\n".join(["0" * 35 + ":3", *lines]).encode())

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def service(settings) -> Iterator[type[Service]]:
    kind = type("Asked", (Service,), {"asked": []})
    server = HTTPServer(("127.0.0.1", 0), kind)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.BREACHED_PASSWORDS_URL = f"http://127.0.0.1:{server.server_port}/range/"
    yield kind
    server.shutdown()
    server.server_close()


def test_password_known_from_a_breach_is_refused(client, service):
    refused = sign_up(client, BREACHED)

    assert refused.status_code == 400
    assert "breach" in refused.json()["errors"][0]["message"]


@pytest.mark.parametrize("password", [PADDED, "known-to-nobody-else", "암호는 길고 또 길게"])
def test_other_passwords_are_taken(client, service, password):
    assert sign_up(client, password).status_code == 201
    assert service.asked


def test_service_learns_five_digits_and_no_more(client, service):
    sign_up(client, BREACHED)

    assert set(service.asked) == {f"/range/{digest_of(BREACHED)[:5]}"}


def test_service_that_fails_keeps_nobody_out(client, service, settings):
    service.status = 503
    assert sign_up(client, BREACHED).status_code == 201
    settings.BREACHED_PASSWORDS_URL = "http://127.0.0.1:9/range/"
    assert sign_up(client, "another-good-password").status_code == 201


def test_nobody_is_asked_by_default():
    assert configured.BREACHED_PASSWORDS_URL == ""
