"""The sessions of an account: its owner sees each and ends it; none outlives its greatest age."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.refusals import NotFound
from apps.students.models import User
from foundation.batches.services import delete_each

BEGAN_AT = "began_at"
NO_ADDRESS = "::"
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Whale/": "Whale",
    "CriOS/": "Chrome",
    "FxiOS/": "Firefox",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
"""What browsers call themselves, the imitated after those that imitate them."""
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


@dataclass(frozen=True)
class OpenSession:
    """A log-in that is still open; ``browser`` and ``address`` are those of the log-in."""

    id: int
    began_at: datetime
    browser: str
    address: str
    is_this: bool


def note_begin(*, request: HttpRequest, **_more: Any) -> None:
    """Let the session know when it began: the receiver of Django's ``user_logged_in``."""
    request.session[BEGAN_AT] = int(time.time())


def is_too_old(session: SessionBase) -> bool:
    """Return whether a log-in has reached its greatest age, however busy it was.

    One that does not know when it began, begins now.
    """
    now = int(time.time())
    return now - int(session.setdefault(BEGAN_AT, now)) > settings.SESSION_MAX_AGE_SECONDS


def list_sessions(*, user_id: int, session_key: str | None) -> list[OpenSession]:
    """Return what is open, newest first; those that have ended are forgotten on the way."""
    rows = UserSession.objects.purge_and_list(User(pk=user_id))
    return [
        OpenSession(
            id=row.pk,
            began_at=row.created_at,
            browser=name_browser(row.user_agent),
            address="" if row.ip == NO_ADDRESS else row.ip,
            is_this=row.session_key == session_key,
        )
        for row in sorted(rows, key=lambda row: row.created_at, reverse=True)
    ]


def name_browser(user_agent: str) -> str:
    """Return the browser and the system as people call them, as far as they can be told."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    return " · ".join(filter(None, [browser, system]))


def end_session(*, user_id: int, session_id: int) -> str:
    """End one session of the user at once, and return its key.

    Raises NotFound, for somebody else's too.
    """
    with transaction.atomic():
        row = UserSession.objects.filter(pk=session_id, user_id=user_id).first()
        if row is None:
            raise NotFound(_("This log-in has ended already."))
        row.end()
    return str(row.session_key)


def forget_ended_sessions() -> int:
    """Delete sessions that are over, and what was noted of them. Returns how many."""
    now = timezone.now()
    oldest = now - timedelta(seconds=settings.SESSION_MAX_AGE_SECONDS)
    over = Session.objects.filter(expire_date__lt=now)
    noted = UserSession.objects.filter(created_at__lt=oldest)
    deleted = delete_each(batch="students.forget_ended_sessions", rows=over)
    delete_each(batch="students.forget_log_ins", rows=noted)
    return deleted
