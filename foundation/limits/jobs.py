"""What takes long is done once at a time for one person, by whichever process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from foundation.locks import try_lock, unlock

View = Callable[..., HttpResponseBase]


class JobRunning(Exception):
    """The person's last one is still being made: 429, and when to ask again."""

    retry_after_seconds = settings.ONE_JOB_RETRY_SECONDS


class _Held:
    """The lines of a stream; the response closes it when they are sent or nobody wants more."""

    def __init__(self, response: Any, job: str, user_id: int) -> None:
        self._lines, self._name = response.streaming_content, (job, user_id)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._lines)

    def close(self) -> None:
        unlock(*self._name)


def one_at_a_time(job: str) -> Callable[[View], View]:
    """Refuse a second ``job`` of the same user while the first runs; of a stream, to its end.

    The view raises JobRunning. A process that dies lets go of it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
            user_id = request.user.pk or 0
            if not try_lock(job, user_id):
                raise JobRunning
            try:
                response = view(request, *args, **options)
            except BaseException:
                unlock(job, user_id)
                raise
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = _Held(response, job, user_id)
            else:
                unlock(job, user_id)
            return response

        return guarded

    return decorate
