"""Keep the places on waiting lists that My courses shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.events.queries import list_events, read_log
from apps.events.registry import Event
from apps.students.events import StudentRemoved
from apps.students.models import WaitingPlace
from apps.students.projections import PLACE_EVENT_TYPES, PlaceProjection, project_place


def apply_to_places(*, event: Event) -> None:
    """Apply one event, in one statement; a second time changes nothing."""
    projection = project_place(event)
    place = WaitingPlace.objects.filter(entry_id=projection.entry_id)
    if projection.creates:
        row = WaitingPlace(entry_id=projection.entry_id, **projection.changes)
        WaitingPlace.objects.bulk_create([row], ignore_conflicts=True)
    elif projection.changes:
        place.update(**projection.changes)
    else:
        place.delete()


def fold_places() -> dict[int, WaitingPlace]:
    """Return the places by entry id as the log gives them."""
    return fold_place_events(read_log(*PLACE_EVENT_TYPES), removed_students())


def fold_place_events(events: Iterable[Event], removed: dict[int, int]) -> dict[int, WaitingPlace]:
    """Return the places by entry id as these events give them."""
    places: dict[int, WaitingPlace] = {}
    for event in events:
        if not is_forgotten(event, removed):
            _fold(places, project_place(event))
    return places


def removed_students() -> dict[int, int]:
    """Return by student the place in the log at which the account was removed."""
    removals: list[Any] = list_events(StudentRemoved)
    return {event.student_id: event.log_id for event in removals}


def is_forgotten(event: Any, removed: dict[int, int]) -> bool:
    """Return whether it is of a student who was removed after it."""
    return event.log_id < removed.get(event.student_id, 0)


def _fold(places: dict[int, WaitingPlace], projection: PlaceProjection) -> None:
    if projection.creates:
        places[projection.entry_id] = WaitingPlace(
            entry_id=projection.entry_id, **projection.changes
        )
    elif projection.changes:
        for name, value in projection.changes.items():
            setattr(places[projection.entry_id], name, value)
    else:
        places.pop(projection.entry_id, None)
