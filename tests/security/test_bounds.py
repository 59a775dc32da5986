"""No request of a stranger costs more than a bounded share of bytes, members, rows and calls.

Each bound is asserted by what it counts, never by a clock.
"""

from __future__ import annotations

import gzip
import json

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from elearning.models import IdempotentRequest
from foundation.api.schema import SchemaView
from foundation.limits import documents

TOKEN = "/api/v1/auth/token/"
STUDENTS = "/api/v1/students/"
COURSES = "/api/v1/courses/"
ME = "/api/v1/students/me/"
LOG_IN = "/accounts/login/"
NOON = "2026-11-25T12:00:20+00:00"
KEY = {"HTTP_IDEMPOTENCY_KEY": "one"}

pytestmark = pytest.mark.django_db


def send(client, path, body, **extra):
    return client.generic("POST", path, body, content_type="application/json", **extra)


def unknown_names(count):
    return json.dumps({f"name{number}": number for number in range(count)})


@pytest.mark.parametrize(
    "path", [TOKEN, STUDENTS, COURSES, "/api/v1/lectures/", "/api/v1/nothing/"]
)
@pytest.mark.parametrize("key", [{}, KEY])
def test_megabytes_are_refused_before_they_are_read(client_of, monkeypatch, path, key):
    monkeypatch.setattr("django.core.handlers.wsgi.WSGIRequest.body", property(_unread))

    answer = send(client_of(), path, unknown_names(200_000), **key)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert len(answer.content) < 1000
    assert not IdempotentRequest.objects.exists()


def _unread(request):
    raise AssertionError("the body was read")


def test_megabytes_to_a_page_are_refused_by_a_page(client):
    answer = client.post(LOG_IN, {"login": "x" * 200_000}, headers={"Accept-Language": "en"})

    assert answer.status_code == 413
    assert "The body is too large" in answer.text


def test_course_text_of_the_longest_length_is_taken(carol, client_of):
    body = json.dumps({"title": "SQL", "description": "가" * 20_000})

    assert len(body) > 64 * 1024
    assert send(client_of(carol), COURSES, body).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        unknown_names(65),
        json.dumps({"email": list(range(65))}),
        json.dumps({"email": {str(number): 1 for number in range(65)}}),
        '{"email": ' + "[" * 8 + "]" * 8 + "}",
        '{"email": ' + '{"a":' * 2000,
        "[" * 16_000,
    ],
)
def test_document_that_is_too_complex_is_refused_as_it_is_parsed(client_of, monkeypatch, body):
    monkeypatch.setattr(documents, "json", None)  # the parser proper

    answer = send(client_of(), TOKEN, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert "too complex" in answer.json()["detail"]


@pytest.mark.parametrize("inside", ['["{[,', '\\"[[[[[[[[[[[[[', "," * 500, "\\\\"])
def test_brackets_and_commas_in_texts_are_text(client_of, inside):
    body = '{"email": "a@example.com", "password": "' + inside + '"}'

    assert send(client_of(), TOKEN, body).status_code in {400, 401}
    assert "too complex" not in send(client_of(), TOKEN, body).json()["detail"]


def test_errors_are_few_and_short(client_of):
    names = {f"{number:02}" + "n" * 200: 1 for number in range(60)}

    answer = send(client_of(), TOKEN, json.dumps(names))

    problem = answer.json()
    assert answer.status_code == 400
    assert len(problem["errors"]) == 20
    assert "names the first" in problem["detail"]
    assert len(answer.content) < 16 * 1024


def test_what_is_sent_is_repeated_in_part_only(client_of):
    name = send(client_of(), TOKEN, json.dumps({"n" * 15_000: 1}))
    kind = client_of().generic("POST", TOKEN, "x", content_type="text/" + "x" * 5000)

    assert name.status_code == 400
    assert len(name.content) < 2000
    assert kind.status_code == 415
    assert len(kind.content) < 2000


@pytest.mark.parametrize("path", [TOKEN, LOG_IN, "/webhooks/payments/sandbox/"])
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, identity"])
def test_compressed_body_is_a_415(client_of, path, encoding):
    body = gzip.compress(b'{"email": "a@example.com"}')

    answer = send(client_of(), path, body, HTTP_CONTENT_ENCODING=encoding)

    assert answer.status_code == 415
    assert answer["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("scheme", ["Bearer abc", "Basic YTpi", "Digest x", ""])
def test_wrong_scheme_is_told_the_right_one(client_of, scheme):
    answer = client_of().get(ME, HTTP_AUTHORIZATION=scheme)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"
    assert "Authorization: Token" in answer.json()["detail"]


@pytest.fixture
def few_calls(settings):
    caches["strangers"].clear()
    settings.STRANGER_CALLS_PER_MINUTE = 4
    yield
    caches["strangers"].clear()


def test_strangers_calls_are_counted_by_address_on_pages_and_api_together(
    few_calls, client_of, client
):
    with time_machine.travel(NOON, tick=False) as clock:
        pages = [client.get("/courses/").status_code for _ in range(2)]
        calls = [client_of().get(COURSES) for _ in range(3)]
        page = client.get("/courses/", headers={"Accept-Language": "en"})
        elsewhere = client_of().get(COURSES, REMOTE_ADDR="203.0.113.9")
        clock.shift(41)
        later = client_of().get(COURSES)

    assert pages == [200, 200]
    assert [call.status_code for call in calls] == [200, 200, 429]
    assert (calls[-1]["Retry-After"], calls[-1].json()["code"]) == ("40", "throttled")
    assert (page.status_code, page["Retry-After"]) == (429, "40")
    assert "Too many calls" in page.text
    assert (elsewhere.status_code, later.status_code) == (200, 200)


@pytest.mark.parametrize("scheme", ["Token guessed", "Bearer x"])
@pytest.mark.parametrize(("path", "status"), [(ME, 401), (TOKEN, 405), ("/api/schema/", 200)])
def test_token_that_lets_nobody_in_is_a_strangers(few_calls, client_of, scheme, path, status):
    with time_machine.travel(NOON, tick=False):
        calls = [client_of().get(path, HTTP_AUTHORIZATION=scheme) for _ in range(5)]

    assert [call.status_code for call in calls] == [status] * 4 + [429]


def test_accounts_behind_a_flooding_address_and_probes_go_on(few_calls, alice, client_of):
    with time_machine.travel(NOON, tick=False):
        for _ in range(5):
            client_of().get(COURSES)
        page = Client()
        page.force_login(alice)

        assert client_of(alice).get(ME).status_code == 200
        assert page.get("/my/").status_code == 200
        assert [client_of().get("/healthz").status_code for _ in range(6)] == [200] * 6


def test_stranger_above_the_limit_costs_no_statement(
    few_calls, client_of, django_assert_num_queries
):
    with time_machine.travel(NOON, tick=False):
        for _ in range(4):
            client_of().get(COURSES)
        with django_assert_num_queries(0):
            answer = send(client_of(), STUDENTS, '{"email": "new@example.com"}', **KEY)

    assert answer.status_code == 429


def test_forwarded_address_counts_behind_a_trusted_proxy_only(few_calls, settings, client_of):
    with time_machine.travel(NOON, tick=False):
        forged = [
            client_of().get(COURSES, HTTP_X_FORWARDED_FOR=f"203.0.113.{n}").status_code
            for n in range(5)
        ]
        settings.TRUSTED_PROXIES = 1
        forwarded = client_of().get(COURSES, HTTP_X_FORWARDED_FOR="203.0.113.1").status_code

    assert forged == [200] * 4 + [429]
    assert forwarded == 200


@pytest.fixture
def builds(monkeypatch):
    """Forget the built schema, and count how often it is built."""
    built = []
    build = SchemaGenerator.get_schema
    monkeypatch.setattr(SchemaView, "_documents", {})
    monkeypatch.setattr(SchemaView, "_schema", None)
    monkeypatch.setattr(
        SchemaGenerator,
        "get_schema",
        lambda *args, **options: built.append(1) or build(*args, **options),
    )
    return built


def test_schema_is_built_once_whatever_is_asked_for(client_of, builds):
    json_type = "application/vnd.oai.openapi+json"
    ways = [
        client_of().get("/api/schema/"),
        client_of().get("/api/schema/", HTTP_ACCEPT=json_type),
        client_of(HTTP_ACCEPT_LANGUAGE="ko").get("/api/schema/?lang=ko", HTTP_ACCEPT=json_type),
        client_of().get("/api/schema/?format=json&version=7"),
        client_of().get("/api/schema/", HTTP_AUTHORIZATION="Token guessed"),
    ]

    assert {way.status_code for way in ways} == {200}
    assert builds == [1]
    assert ways[1].content == ways[2].content == ways[3].content
    assert json.loads(ways[1].content)["info"]["title"] == "elearning API"


def test_schema_that_a_client_has_is_not_sent_again(client_of, builds):
    first = client_of().get("/api/schema/")

    again = client_of().get("/api/schema/", HTTP_IF_NONE_MATCH=first["ETag"])
    other = client_of().get("/api/schema/", HTTP_IF_NONE_MATCH='"other"')

    assert first["Cache-Control"] == "public, max-age=300"
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert other.status_code == 200
