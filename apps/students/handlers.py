"""Students read their own writes: the history changes in the publisher's transaction."""

from apps.events.registry import Event, later, together
from apps.students import services
from apps.students.events import StudentRemoved
from apps.students.projections import EVENT_TYPES, PLACE_EVENT_TYPES


@together(*EVENT_TYPES)
def update_history(event: Event) -> None:
    services.apply_to_history(event=event)


@together(*PLACE_EVENT_TYPES)
def update_places(event: Event) -> None:
    services.apply_to_places(event=event)


@together(StudentRemoved)
def forget_history(event: StudentRemoved) -> None:
    services.forget_history(student_id=event.student_id)


@later(StudentRemoved)
def forget_traces(event: StudentRemoved) -> None:
    services.forget_traces(student_id=event.student_id)
