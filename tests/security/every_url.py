"""Every address of the project, as the resolver knows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """``name`` is the view's full name; where it has none, the route itself."""

    name: str
    route: str

    def path(self, values: dict[str, object]) -> str:
        return "/" + re.sub(r"<(\w+)>", lambda found: str(values[found.group(1)]), self.route)


def every_url() -> list[Address]:
    """Return all addresses, those of regular expressions written like the others."""
    found = (Address(_plain(name), _plain(route)) for name, route in _walk(get_resolver(), "", ""))
    return list(dict.fromkeys(found))


def _walk(resolver: URLResolver, namespace: str, prefix: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _walk(pattern, namespace + inner, route)
        elif isinstance(pattern, URLPattern):
            yield (namespace + pattern.name if pattern.name else route), route


def _plain(route: str) -> str:
    named = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", route)
    return re.sub(r"[\^$]|\\Z|(?<=<)\w+:", "", named)
