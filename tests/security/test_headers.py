"""Every answer carries the headers that bind browsers, and no page of ours needs inline script."""

from html.parser import HTMLParser

import pytest
from django.db import transaction

from tests.security.every_url import every_url
from tests.security.test_every_url import client_for, fill, people, world

__all__ = ["people", "world"]
HEADERS = {
    "X-Content-Type-Options": {"nosniff"},
    "Referrer-Policy": {"same-origin", "no-referrer"},  # none from links of e-mails
    "Cross-Origin-Opener-Policy": {"same-origin"},
    "Cross-Origin-Resource-Policy": {"same-origin", "same-site"},
    "Permissions-Policy": {"camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
}
CLOSED = ("base-uri 'none'", "object-src 'none'", "form-action '")
STYLED = ("/admin/", "/api/docs/")  # by a theme and by Swagger, with inline styles
FRAMED = "/as-student/page/"
"""The desk shows this page in a frame, on a desk's width and a phone's."""
EVALUATED = ("/admin/",)  # by Alpine


class Inline(HTMLParser):
    """Collects what a strict policy forbids: scripts, styles and handlers within the page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        kind = given.get("type", "")
        if tag == "script" and "src" not in given and not kind.endswith("json"):
            self.found.append("<script>")
        if tag == "style" or "style" in given:
            self.found.append(f"style in <{tag}>")
        self.found += [name for name in given if name.startswith("on")]


def answers(world, people, role):
    client = client_for(role, people)
    for address in every_url():
        if "logout" in address.name:
            continue
        before = transaction.savepoint()
        path = fill(address, world)
        yield path, client.get(path)
        transaction.savepoint_rollback(before)


@pytest.mark.parametrize("role", ["stranger", "owner", "carol"])
def test_every_answer_carries_the_headers(world, people, role):
    wrong = []

    for path, answer in answers(world, people, role):
        policy = answer.headers.get("Content-Security-Policy", "")
        wrong += [
            f"{path}: {name} is {answer.headers.get(name)}"
            for name, values in HEADERS.items()
            if answer.headers.get(name) not in values
        ]
        wrong += [f"{path}: {name} in {policy}" for name in CLOSED if name not in policy]
        framer = "'self'" if path.endswith(FRAMED) and answer.status_code == 200 else "'none'"
        if f"frame-ancestors {framer}" not in policy or "default-src" not in policy:
            wrong.append(f"{path}: {policy}")
        if "'unsafe-eval'" in policy and not path.startswith(EVALUATED):
            wrong.append(f"{path}: {policy}")
        if "'unsafe-inline'" in policy and not path.startswith(STYLED):
            wrong.append(f"{path}: {policy}")
        if answer.streaming:
            b"".join(answer)
        elif answer.headers.get("Content-Type", "").startswith("text/html"):
            page = Inline()
            page.feed(answer.text)
            forbidden = [it for it in page.found if not path.startswith(STYLED)]
            forbidden += ["<script>"] * (path.startswith("/api/docs/") and "<script>" in page.found)
            wrong += [f"{path}: {it}" for it in forbidden]

    assert wrong == []


def test_swagger_starts_from_a_file(client, db):
    page = client.get("/api/docs/")

    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert 'src="/api/docs/?script="' in page.text
    script = client.get("/api/docs/?script=")
    assert script.headers["Content-Type"].startswith("application/javascript")
