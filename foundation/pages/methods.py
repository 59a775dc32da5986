"""Which HTTP methods the view behind a URL accepts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.urls import Resolver404, resolve


def accepts_get(url: str) -> bool:
    """Return whether a browser may be sent to this URL of the site: its view exists and takes GET.

    Read from the view itself: ``require_http_methods`` and its kin, or the methods of a class.
    """
    try:
        view = resolve(split_url(url).path).func
    except Resolver404:
        return False
    return all("GET" in methods for methods in _restrictions(view))


def split_url(url: str) -> SplitResult:
    """Split a URL as ``urlsplit`` does; one that is none has no parts."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _restrictions(view: Callable[..., Any] | None) -> Iterator[list[str]]:
    """Yield the list of methods of each decorator around the view, and of its class."""
    while view is not None:
        told = _nonlocals(view)
        decorators = told.get("decorators", ())  # of Django's method_decorator
        decorators = decorators if isinstance(decorators, list | tuple) else (decorators,)
        for names in (told, *map(_nonlocals, decorators)):
            if "request_method_list" in names:
                yield list(names["request_method_list"])
        view_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
        if view_class is not None:
            names = view_class.http_method_names
            yield [name.upper() for name in names if hasattr(view_class, name)]
        view = getattr(view, "__wrapped__", None)


def _nonlocals(view: Any) -> dict[str, Any]:
    function = getattr(view, "__func__", view)
    return dict(inspect.getclosurevars(function).nonlocals) if inspect.isfunction(function) else {}
