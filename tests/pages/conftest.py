"""Pages are tested in English, whose words are those of the source."""

import pytest


@pytest.fixture(autouse=True)
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
