"""Clients of pages and API in English, whose words are those of the source."""

import pytest
from django.utils import translation

from tests.api.conftest import client_of

__all__ = ["client_of"]


@pytest.fixture(autouse=True)
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield
