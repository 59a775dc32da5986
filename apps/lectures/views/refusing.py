"""How a page translates the domain's no: 409 and what to do, or 404 for what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh

from apps.live import asks_live
from apps.refusals import NotFound, Refusal


@contextmanager
def missing_as_404() -> Iterator[None]:
    """Answer 404 when the block raises NotFound; also a decorator."""
    try:
        yield
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal


def refused(request: HttpRequest, refusal: Refusal, *, back: str, label: str) -> HttpResponse:
    """Return the page that says why not and leads ``back``; NotFound answers 404.

    A piece of a page lets the whole page be loaded again, which then says the same.
    """
    if isinstance(refusal, NotFound):
        raise Http404(str(refusal)) from refusal
    if asks_live(request):
        return HttpResponseClientRefresh()
    context = {"message": str(refusal), "back": back, "label": label}
    return render(request, "409.html", context, status=409)
