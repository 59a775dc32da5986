"""Is the process alive, and can the system do its work?

``/healthz`` asks nobody. ``/readyz`` asks the database, the broker and the outbox, with short time
limits; the worker is judged by its backlog: asking it directly takes seconds when it is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from apps.events.queries import get_backlog
from elearning.invariants import list_standing
from foundation.invariants.models import CheckState

BROKER_TIMEOUT_SECONDS = 0.2
WORKER_LATE_SECONDS = 60


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while requests can be served, 503 when the database is gone.

    A broken invariant, a broker or a worker that is down degrades the answer only: nothing that a
    student does waits for them.
    """
    checks = {
        "database": _check(_database),
        "broker": _check(_broker),
        "worker": _check(_worker),
        "invariants": _check(_invariants),
    }
    failed = [name for name, answer in checks.items() if answer != "ok"]
    status = "unavailable" if "database" in failed else "degraded" if failed else "ok"
    body = {"status": status, "checks": checks, "backlog": _backlog(checks["database"])}
    return JsonResponse(body, status=503 if status == "unavailable" else 200)


def _check(probe: Callable[[], str]) -> str:
    try:
        return probe()
    except Exception as error:  # noqa: BLE001  (any failure is the answer)
        return f"{type(error).__name__}"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _broker() -> str:
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=BROKER_TIMEOUT_SECONDS,
        socket_connect_timeout=BROKER_TIMEOUT_SECONDS,
        retry=None,
    )
    with client:
        client.ping()
    return "ok"


def _worker() -> str:
    oldest = get_backlog().oldest_pending_at
    late = timezone.now() - timedelta(seconds=WORKER_LATE_SECONDS)
    return "late" if oldest is not None and oldest < late else "ok"


def _invariants() -> str:
    """Return the worst that is so of any; what was not checked lately is not known to hold."""
    states = {finding.state for finding in list_standing()}
    worst = (CheckState.BROKEN, CheckState.FAILED, CheckState.TOO_OLD)
    return next((str(state).replace("_", " ") for state in worst if state in states), "ok")


def _backlog(database: str) -> dict[str, object] | None:
    if database != "ok":
        return None
    backlog = get_backlog()
    return {
        "pending": backlog.pending,
        "dead": backlog.dead,
        "oldest_pending_at": backlog.oldest_pending_at,
    }
