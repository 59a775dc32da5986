"""The facts that students publish. No name or address: the log is kept for ever."""

from __future__ import annotations

from dataclasses import dataclass

from apps.events.registry import Event, event


@event("students.student_registered.v1")
@dataclass(frozen=True, kw_only=True)
class StudentRegistered(Event):
    student_id: int
    language: str
    registered_at: str


@event("students.student_removed.v1")
@dataclass(frozen=True, kw_only=True)
class StudentRemoved(Event):
    """The account is gone; what refers to ``student_id`` refers to nobody from here on."""

    student_id: int
    removed_at: str
