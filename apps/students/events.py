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


@event("students.log_in_locked.v1")
@dataclass(frozen=True, kw_only=True)
class LogInLocked(Event):
    student_id: int
    locked_until: str
