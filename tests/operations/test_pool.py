"""The pool of connections, as web processes and workers have it; other tests have none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
CUT = """
import sys, django, psycopg
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from django.db import connection

def ask():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]

first = ask()
connection.close()  # back into the pool
with psycopg.connect(**connection.get_connection_params()) as administrator:
    administrator.execute("SELECT pg_terminate_backend(%s, 2000)", [first])
print(first != ask())
connection.close()
connection.close_pool()
"""


@pytest.mark.django_db
def test_connection_that_was_cut_costs_no_request():
    """Without the check the next request is handed the dead connection, and answers 503."""
    asked = subprocess.run(
        [sys.executable, "-c", CUT, connection.settings_dict["NAME"]],
        cwd=ROOT, env=os.environ | {"ENVIRONMENT": "demo"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert asked.stdout.split() == ["True"], asked.stderr
