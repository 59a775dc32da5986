"""Which events exist and who listens: filled at start, read ever after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """A past fact: ids, primitives and ISO 8601 times only.

    ``log_id`` is its place in the log once published. An event gains fields with defaults; when the
    meaning changes it becomes a ``v2``.
    """

    log_id: int = field(default=0, compare=False)

    def payload(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "log_id"}


E = TypeVar("E", bound=Event)
Handler = Callable[[Any], None]


@dataclass(frozen=True)
class Subscription:
    """One handler of one event; ``queue`` is the Celery queue that carries it out."""

    name: str
    handler: Handler
    queue: str


_types: dict[str, type[Event]] = {}
_names: dict[type[Event], str] = {}
_together: dict[type[Event], list[Handler]] = {}
_later: dict[type[Event], dict[str, Subscription]] = {}


def event(name: str) -> Callable[[type[E]], type[E]]:
    """Register a frozen dataclass under its wire name, ``context.past_fact.v1``."""

    def register(event_type: type[E]) -> type[E]:
        if name in _types:
            raise ValueError(f"The event name {name} is taken by {_types[name]}.")
        _types[name] = event_type
        _names[event_type] = name
        return event_type

    return register


def together(*event_types: type[Event]) -> Callable[[Handler], Handler]:
    """Run the handler inside the publisher's transaction: seen together or not at all."""

    def subscribe(handler: Handler) -> Handler:
        for event_type in event_types:
            _together.setdefault(event_type, []).append(handler)
        return handler

    return subscribe


def later(*event_types: type[Event], queue: str = "default") -> Callable[[Handler], Handler]:
    """Run the handler after commit, at least once, by a worker of ``queue``."""

    def subscribe(handler: Handler) -> Handler:
        name = f"{handler.__module__.removeprefix('apps.')}.{handler.__name__}"
        for event_type in event_types:
            _later.setdefault(event_type, {})[name] = Subscription(name, handler, queue)
        return handler

    return subscribe


def name_of(event_type: type[Event]) -> str:
    return _names[event_type]


def event_names() -> list[str]:
    return sorted(_types)


def handlers_together(event_type: type[Event]) -> list[Handler]:
    return _together.get(event_type, [])


def subscriptions_later(event_type: type[Event]) -> list[Subscription]:
    return list(_later.get(event_type, {}).values())


def find_subscription(event_type: type[Event], name: str) -> Subscription | None:
    return _later.get(event_type, {}).get(name)


def read(*, name: str, payload: dict[str, Any], log_id: int) -> Event:
    """Return the logged event as its dataclass. Raises KeyError for a name nobody publishes."""
    return _types[name](**payload, log_id=log_id)
