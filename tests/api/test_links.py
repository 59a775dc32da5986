"""What a POST makes is where the schema's links say, and is over once it was deleted."""

from __future__ import annotations

import pytest

from apps.lectures.api import waiting_views as waiting
from apps.refusals import NotFound

OVER = {"left", "withdrawn"}
"""How what was deleted is still shown, to whom it concerns: the row tells what happened."""


@pytest.fixture
def made(schema, alice, bob, carol, make_course, enroll, client_of):
    """By address: what was made there, by whom, and the addresses of its links by method."""
    full = make_course(capacity=1)
    enroll(bob, full)
    bodies = {
        "/api/v1/courses/": (carol, {"title": "New", "status": "open"}),
        "/api/v1/lectures/": (alice, {"course": make_course()}),
        "/api/v1/waiting-list/": (alice, {"course": full}),
    }
    found = {}
    for address, links in linked(schema).items():
        maker, body = bodies[address]
        answer = client_of(maker).post(address, body)
        assert answer.status_code == 201, answer.content
        found[address] = (client_of(maker), answer.json()["id"], links)
    return found


def linked(schema):
    """Return {address of a POST: {method: address of what it makes}}, as the links say."""
    operations = {
        operation["operationId"]: (method, path)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }
    return {
        path: dict(operations[link["operationId"]] for link in links.values())
        for path, methods in schema["paths"].items()
        if (links := methods.get("post", {}).get("responses", {}).get("201", {}).get("links"))
    }


def lost(made, mallory, client_of):
    """Yield what is not where it should be, or still there."""
    for address, (maker, pk, links) in made.items():
        (name,) = {path.rpartition("{")[2].rpartition("}")[0] for path in links.values()}
        item = {method: path.format(**{name: pk}) for method, path in links.items()}
        if maker.get(item["get"]).json().get("id") != pk:
            yield f"{address}: {pk} is not there"
        stranger = client_of(mallory)
        if "courses" not in address and stranger.get(item["get"]).status_code != 404:
            yield f"{address}: {pk} is shown to another"
        if "delete" in item:
            assert maker.delete(item["delete"]).status_code == 204
            found = maker.get(item["get"])
            if found.status_code != 404 and found.json()["status"] not in OVER:
                yield f"{address}: {pk} answers though it was deleted"


def test_what_is_made_is_there_until_it_is_deleted(made, mallory, client_of):
    assert set(made) == {"/api/v1/courses/", "/api/v1/lectures/", "/api/v1/waiting-list/"}
    assert list(lost(made, mallory, client_of)) == []


def test_what_is_lost_or_kept_is_seen(made, mallory, client_of, monkeypatch):
    place = "/api/v1/waiting-list/"
    with monkeypatch.context() as planted:
        planted.setattr(waiting.services, "leave_waiting_list", lambda **asked: None)
        (kept,) = lost({place: made[place]}, mallory, client_of)

    def get(view, request, entry_id):
        raise NotFound()

    monkeypatch.setattr(waiting.WaitingPlaceView, "get", get)
    (missing,) = lost({place: made[place]}, mallory, client_of)

    assert "though it was deleted" in kept
    assert "is not there" in missing
