"""Slow clients cost the real web server a socket each, and nobody else's time."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from waitress.adjustments import Adjustments

from foundation.web.requests import BODY_BYTES_PER_SECOND, HEADER_SECONDS, BoundedChannel
from foundation.web.worker import crowding

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]
THREADS = 2 * 16
SLOW_CLIENTS = 200
HALVES = {
    "nothing": b"",
    "half a line": b"GET /heal",
    "half of the headers": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "half of a form": b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nlogin=",
    "half of a document": b"POST /api/v1/auth/token/ HTTP/1.1\r\nHost: localhost\r\n"
    b'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"email": "',
    "half of a chunk": b"POST /api/v1/students/ HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{",
}


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def ask(port, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Accept-Language": "en", **sent})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_health_answers_beside_many_half_sent_requests(port, half):
    with ExitStack() as slow:
        for _ in range(SLOW_CLIENTS):
            slow.enter_context(connect(port)).sendall(half)

        answers = [ask(port, "GET", path)[0].status for path in ["/healthz"] * 3 + ["/readyz"]]

    assert SLOW_CLIENTS > 3 * THREADS
    assert answers == [200] * 4


def test_refused_body_ends_the_connection_and_its_sender_reads_why(port):
    big = json.dumps({f"name{number}": 1 for number in range(300_000)})

    answer, body = ask(port, "POST", "/api/v1/auth/token/", big, Content_Type="application/json")
    page, text = ask(port, "POST", "/accounts/login/", "x" * 200_000)

    assert len(big) > 4_000_000
    assert (answer.status, answer.headers["Connection"]) == (413, "close")
    assert json.loads(body)["code"] == "too_large"
    assert (page.status, page.headers["Connection"]) == (413, "close")
    assert b"The body is too large" in text


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 99999999999\r\n",
        "Content-Length: 5000000\r\nExpect: 100-continue\r\n",
    ],
)
def test_body_that_is_only_announced_is_refused_at_once(port, head):
    with connect(port) as client:
        client.sendall(f"POST /api/v1/students/ HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
        answer = client.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nConnection: close\r\n" in answer


def test_chunked_body_above_the_limit_is_refused(port):
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    with connect(port) as client:
        client.sendall(
            b"POST /api/v1/students/ HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 2
        )
        answer = client.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_what_follows_a_refused_body_is_no_request(port):
    inside = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connect(port) as client:
        client.sendall(
            b"POST /api/v1/students/ HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Length: 99999999999\r\n\r\n" + inside
        )
        received = b"".join(iter(lambda: client.recv(4096), b""))

    assert received.count(b"HTTP/1.1 ") == 1


def test_head_has_no_body_and_small_chunked_body_is_read(port):
    head, nothing = ask(port, "HEAD", "/healthz")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(
        "POST", "/api/v1/auth/token/", iter([b'{"email": ', b'"a@example.com"}']),
        {"Content-Type": "application/json", "Accept-Language": "en"}, encode_chunked=True,
    )  # fmt: skip
    answer = connection.getresponse()
    errors = json.loads(answer.read())["errors"]
    connection.close()

    assert (head.status, nothing) == (200, b"")
    assert (answer.status, [error["field"] for error in errors]) == (400, ["password"])


@pytest.fixture
def channel():
    """A connection of a worker, not yet in any loop."""
    here, there = socket.socketpair()
    with here, there:
        server = SimpleNamespace(active_channels={})
        yield BoundedChannel(server, here, ("127.0.0.1", 0), Adjustments(), map={})


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        (HALVES["half a line"], HEADER_SECONDS),
        (HALVES["half of the headers"], HEADER_SECONDS),
        (HALVES["half of a form"], HEADER_SECONDS + 1000 / BODY_BYTES_PER_SECOND),
    ],
)
def test_request_has_its_time_to_arrive(channel, monkeypatch, sent, seconds):
    monkeypatch.setattr("foundation.web.requests.time.monotonic", lambda: 100.0)
    channel.received(sent)
    monkeypatch.setattr("foundation.web.requests.time.monotonic", lambda: 110.0)
    channel.received(b"x")  # a byte now and then buys no time

    assert not channel.is_too_slow(100 + seconds)
    assert channel.is_too_slow(100.1 + seconds)


def test_oldest_waiting_connections_go_when_there_are_too_many():
    class Connection:
        def __init__(self, at, requests):
            self.creation_time, self.requests, self.total_outbufs_len = at, requests, 0

    busy = [Connection(at, ["one"]) for at in range(10)]
    waiting = [Connection(at, []) for at in range(20, 10, -1)]

    assert crowding(busy + waiting, most=100) == []
    assert [each.creation_time for each in crowding(busy + waiting, most=20)] == [11, 12, 13, 14]
