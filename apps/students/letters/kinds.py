"""Every kind of e-mail: who writes it, what staff call it, how a reader switches it off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.students.letters import accounts, enrollments, learning, links, waiting
from apps.students.letters.letter import Letter


@dataclass(frozen=True)
class Switch:
    """A group of reminders that a student can switch off."""

    name: str
    title: str | Promise
    help_text: str | Promise


@dataclass(frozen=True)
class Kind:
    """``is_secret`` is what carries a link that nobody else may see: it is never kept or resent."""

    name: str
    title: str | Promise
    write: Callable[..., Letter]
    switch: Switch | None = None
    is_secret: bool = False


LESSON_REMINDERS = Switch(
    "lessons",
    _("Lessons that wait"),
    _("Once a week at most, when you have not learned for a while."),
)
START_REMINDERS = Switch(
    "starts",
    _("Courses that start"),
    _("The day before, with a file for your calendar."),
)
SWITCHES = {switch.name: switch for switch in (LESSON_REMINDERS, START_REMINDERS)}

_EVENTS = (
    Kind("welcome", _("Welcome"), accounts.welcome),
    Kind("log_in_locked", _("Too many wrong tries to log in"), accounts.log_in_locked),
    Kind("second_factor_reset", _("Second factor reset"), accounts.second_factor_reset),
    Kind("requested", _("Enrollment received"), enrollments.requested),
    Kind("approved", _("Paid and approved"), enrollments.approved),
    Kind("deferred", _("Payment put off"), enrollments.deferred),
    Kind("declined", _("Payment declined"), enrollments.declined),
    Kind("payment_due", _("Seat about to expire"), enrollments.payment_due),
    Kind("expired", _("Seat expired"), enrollments.expired),
    Kind("cancelled", _("Enrollment cancelled"), enrollments.cancelled),
    Kind("surplus", _("Money that is not owed goes back"), enrollments.surplus),
    Kind("refunded", _("Refund made"), enrollments.refunded),
    Kind("seat_offered", _("Seat offered"), waiting.seat_offered),
    Kind("offer_lapsed", _("Seat no longer held"), waiting.offer_lapsed),
    Kind("waiting_list_ended", _("Waiting list ended"), waiting.waiting_list_ended),
    Kind("course_starts", _("Course starts tomorrow"), learning.course_starts, START_REMINDERS),
    Kind("lessons_wait", _("Lessons are waiting"), learning.lessons_wait, LESSON_REMINDERS),
    Kind("completed", _("Course completed"), learning.completed),
    Kind("certified", _("Certificate issued"), learning.certified),
)
_ACCOUNT = (
    Kind("account_removed", _("Account removed"), accounts.account_removed, is_secret=True),
    Kind("invited", _("Invitation to choose a password"), accounts.invited, is_secret=True),
    Kind("password_link", _("Link to a new password, by staff"),
         links.password_link, is_secret=True),
    Kind("second_factor_link", _("Link to reset the second factor, by staff"),
         links.second_factor_link, is_secret=True),
    Kind("email_confirmation_signup", _("Welcome: confirm the address"),
         accounts.email_confirmation_signup, is_secret=True),
    Kind("email_confirmation", _("Confirm an address"),
         accounts.email_confirmation, is_secret=True),
    Kind("email_changed", _("Address changed"), accounts.email_changed, is_secret=True),
    Kind("password_reset_key", _("Set a new password"),
         accounts.password_reset_key, is_secret=True),
    Kind("account_already_exists", _("Account exists already"),
         accounts.account_already_exists, is_secret=True),
    Kind("unknown_account", _("No such account"), accounts.unknown_account, is_secret=True),
    *(
        Kind(name, subject, write, is_secret=True)
        for name, (subject, write) in accounts.NOTICES.items()
    ),
)  # fmt: skip
KINDS = {kind.name: kind for kind in (*_EVENTS, *_ACCOUNT)}


def find_account_kind(name: str) -> Kind | None:
    """Return the kind of a letter about the account, or None for one we do not write ourselves."""
    return next((kind for kind in _ACCOUNT if kind.name == name), None)


def kind_of_templates(prefix: str) -> Kind:
    """Return the kind of a letter that only has text templates, such as an app's of allauth."""
    name = prefix.rpartition("/")[2]
    return Kind(name, name, partial(accounts.from_templates, prefix=prefix), is_secret=True)
