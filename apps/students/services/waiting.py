"""Keep the places on waiting lists that My courses shows."""

from __future__ import annotations

from apps.events.queries import read_log
from apps.events.registry import Event
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
    places: dict[int, WaitingPlace] = {}
    for event in read_log(*PLACE_EVENT_TYPES):
        _fold(places, project_place(event))
    return places


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
