"""How a page translates the domain's no: a message, or 404 for what is not there or not yours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from django.contrib import messages
from django.http import Http404, HttpRequest

from apps.refusals import NotFound, Refusal


@contextmanager
def missing_as_404() -> Iterator[None]:
    """Answer 404 when the block raises NotFound; also a decorator."""
    try:
        yield
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal


def refusal_as_message(request: HttpRequest) -> _RefusalAsMessage:
    """Leave the block at a refusal, with its words as a message; NotFound answers 404."""
    return _RefusalAsMessage(request)


class _RefusalAsMessage:
    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if isinstance(error, NotFound):
            raise Http404(str(error)) from error
        if isinstance(error, Refusal):
            messages.error(self.request, str(error))
            return True
        return False
