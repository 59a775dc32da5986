"""Pieces of a page that ask for news of themselves, by htmx."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_htmx.http import HttpResponseStopPolling, reswap
from django_htmx.middleware import HtmxDetails

ASK_FOR_SECONDS = 600


def asks_live(request: HttpRequest) -> bool:
    """Return whether htmx asks, for a piece of the page, and not the browser for all of it."""
    return bool(HtmxDetails(request))


def nothing_new(request: HttpRequest, *, state: str) -> HttpResponse | None:
    """Return the answer to a piece that shows ``state`` already, or None where there is news.

    The piece asks with ``was``, the state it shows, and ``since``, when its page was made (Unix
    time). 204 changes nothing; after ten minutes 286 ends the asking: the page has a button too.
    """
    if not asks_live(request) or request.GET.get("was") != state:
        return None
    since = request.GET.get("since", "")
    age_seconds = timezone.now().timestamp() - int(since if _is_time(since) else 0)
    if age_seconds > ASK_FOR_SECONDS:
        return reswap(HttpResponseStopPolling(), "none")
    return HttpResponse(status=204)


def _is_time(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12
