"""What takes long is made once at a time for one person; another's never waits for it."""

from __future__ import annotations

import psycopg
import pytest
from django.core.signals import request_finished
from django.db import close_old_connections, connection
from django.http import StreamingHttpResponse
from django.test import Client, RequestFactory

from foundation import locks
from foundation.limits.jobs import JobRunning, one_at_a_time
from tests.pages.test_own_data import prove_log_in


@pytest.fixture
def elsewhere(db):
    """Another process's connection, which holds what it is told to."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters, autocommit=True) as other:

        def hold(job, user):
            key = locks._key(job, user.pk)
            return other.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()[0]

        yield hold


@pytest.mark.parametrize(
    ("job", "path"),
    [
        ("own data", "/accounts/data/pdf/"),
        ("own data", "/accounts/data/json/"),
        ("export", "/admin/export/courses/course/"),
        ("export", "/admin/export/seats/"),
        ("import", "/admin/import/"),
    ],
)
def test_second_one_is_refused_while_the_first_is_made(elsewhere, carol, alice, job, path):
    page = Client(headers={"Accept-Language": "en"})
    prove_log_in(page, carol)
    assert elsewhere(job, alice)
    before = page.get(path)
    before.getvalue()
    assert elsewhere(job, carol)

    answer = page.get(path)

    assert before.status_code == 200
    assert (answer.status_code, answer["Retry-After"]) == (429, "5")
    assert "One at a time" in answer.text


def test_one_is_let_go_of_when_it_is_done_or_fails(elsewhere, alice):
    request = RequestFactory().get("/")
    request.user = alice

    def fail(request):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        one_at_a_time("job")(fail)(request)

    assert elsewhere("job", alice)


def test_stream_is_held_to_its_end(elsewhere, alice):
    request = RequestFactory().get("/")
    request.user = alice
    response = one_at_a_time("job")(lambda request: StreamingHttpResponse([b"a", b"b"]))(request)
    held = not elsewhere("job", alice)

    request_finished.disconnect(close_old_connections)  # as the test client does
    response.close()
    request_finished.connect(close_old_connections)

    assert held
    assert elsewhere("job", alice)
    with pytest.raises(JobRunning):
        one_at_a_time("job")(lambda request: None)(request)
