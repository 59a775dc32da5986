"""Errors are pages too: in the reader's language and theme, with a way on."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError

from elearning import home

pytestmark = pytest.mark.django_db
FAULTS = {
    400: SuspiciousOperation("odd"),
    403: PermissionDenied(),
    500: RuntimeError("broken"),
    503: OperationalError("no room"),
}


@pytest.mark.parametrize("status", FAULTS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_error_page_keeps_language_and_theme(client, monkeypatch, status, language):
    def fail(*_arguments, **_more):
        raise FAULTS[status]

    monkeypatch.setattr(home.courses, "list_categories", fail)
    client.raise_request_exception = False
    client.cookies["theme"] = "dark"

    response = client.get("/", headers={"accept-language": language})

    assert response.status_code == status
    assert f'<html lang="{language}" data-theme="dark">' in response.text
    assert f">{status}</p>" in response.text
    assert 'class="button' in response.text


@pytest.mark.parametrize("language", ["ko", "en"])
def test_missing_page_keeps_language(client, language):
    response = client.get("/nothing/", headers={"accept-language": language})

    assert response.status_code == 404
    assert f'<html lang="{language}"' in response.text
