"""Processes that work on the test's own database, so that they can be killed and looked into."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from elearning import embedded

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(transactional_db: None, tmp_path: Path) -> dict[str, str]:
    """The environment of a process on this test's database; crash points are armed in tmp_path."""
    return os.environ | {"DATABASE_URL": url_of_test_database(), "CRASH_POINTS_DIR": str(tmp_path)}


def url_of_test_database() -> str:
    """Return the address of the database that pytest-django has made beside the real one."""
    url = os.environ.get("DATABASE_URL") or embedded.database_url(settings.DATA_DIR)
    parts = urlsplit(url)
    folder = parts.path.rpartition("/")[0]
    return urlunsplit(parts._replace(path=f"{folder}/{connection.settings_dict['NAME']}"))
