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


@event("students.student_confirmed.v1")
@dataclass(frozen=True, kw_only=True)
class StudentConfirmed(Event):
    """The student's first address is confirmed to be the student's own."""

    student_id: int
    confirmed_at: str


@event("students.mail_asked_for_again.v1")
@dataclass(frozen=True, kw_only=True)
class MailAskedForAgain(Event):
    """Staff want the e-mail to go out once more."""

    mail_id: int
    edition: int


@event("students.log_in_locked.v1")
@dataclass(frozen=True, kw_only=True)
class LogInLocked(Event):
    student_id: int
    locked_until: str


@event("students.second_factor_reset.v1")
@dataclass(frozen=True, kw_only=True)
class SecondFactorReset(Event):
    student_id: int
    reset_at: str


@event("students.email_changed.v1")
@dataclass(frozen=True, kw_only=True)
class EmailChanged(Event):
    """The account has another address; its former one may take that back for some days."""

    student_id: int
    change_id: int
    changed_at: str


@event("students.student_invited.v1")
@dataclass(frozen=True, kw_only=True)
class StudentInvited(Event):
    student_id: int


@event("students.password_link_requested.v1")
@dataclass(frozen=True, kw_only=True)
class PasswordLinkRequested(Event):
    """Staff have a link to choose a new password mailed to the owner of the account."""

    student_id: int


@event("students.second_factor_link_requested.v1")
@dataclass(frozen=True, kw_only=True)
class SecondFactorLinkRequested(Event):
    """Staff have a link to reset the second factor mailed to the owner of the account."""

    student_id: int
