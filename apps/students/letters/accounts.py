"""Letters about the account itself: their links are secrets, written, sent and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.students.letters.letter import Button, Letter, address_of, day_and_time


def school_words() -> dict[str, str]:
    return {"school_name": settings.SCHOOL_NAME}


def welcome() -> Letter:
    text = _(
        "Your address is confirmed, and your account at %(school_name)s is ready. Choose a course"
        " and enroll; all your courses, payments and certificates are kept in one place."
    )
    return Letter(
        subject=_("Welcome to %(school_name)s") % school_words(),
        paragraphs=(text % school_words(),),
        button=Button(_("Find a course"), address_of("courses:catalogue")),
        closing=(_("Your courses are here: %(url)s") % {"url": address_of("students:history")},),
        tone="success",
    )


def invited(*, password_url: str, **_more: Any) -> Letter:
    text = _(
        "%(school_name)s has registered you as a student. Choose a password with this link, and"
        " you can log in."
    )
    days = settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)
    validity = ngettext(
        "The link works for %(days)d day. After that, ask for a new one on the log-in page.",
        "The link works for %(days)d days. After that, ask for a new one on the log-in page.",
        days,
    )
    stranger = _("If you do not know this school, do nothing: the account stays unused.")
    return Letter(
        subject=_("Your account at %(school_name)s") % school_words(),
        paragraphs=(text % school_words(),),
        button=Button(_("Choose a password"), password_url),
        closing=(validity % {"days": days}, stranger),
    )


def log_in_locked(*, until: str) -> Letter:
    text = _(
        "Somebody has tried to log in to your account with wrong passwords or codes. From where"
        " that was tried, further tries are refused until %(time)s. Your account itself is safe,"
        " and nothing was changed."
    )
    advice = _(
        "If it was you: wait until then, or set a new password. If it was not you, and you use the"
        " same password elsewhere or gave it to somebody, change it."
    )
    words = {"time": day_and_time(datetime.fromisoformat(until))}
    return Letter(
        subject=_("Too many wrong tries to log in to your account"),
        paragraphs=(text % words, advice),
        button=Button(_("Set a new password"), address_of("account_reset_password")),
        tone="warning",
    )


def account_removed(*, removed_at: str) -> Letter:
    done = _(
        "Your account was removed as you asked, on %(time)s. Nobody can log in with it any more."
        " This is the last e-mail to this address, which we forget as soon as it is sent."
    )
    kept = _(
        "What the law makes us keep: the contracts and payments of your enrollments, without your"
        " name and address, for five years. Your certificates stay valid with the name that is"
        " printed on them, so that anyone can still verify them. Refunds that are under way go back"
        " the way you paid."
    )
    return Letter(
        subject=_("Your account at %(school_name)s is removed") % school_words(),
        paragraphs=(done % {"time": day_and_time(datetime.fromisoformat(removed_at))}, kept),
        closing=(_("You are welcome to sign up again at any time, as somebody new."),),
    )


def second_factor_reset() -> Letter:
    text = _(
        "The second factor of your account was switched off with a link that the school sent you."
        " You are logged out everywhere. Log in with your password and switch it on again."
    )
    return Letter(
        subject=_("The second factor of your account is off"),
        paragraphs=(text,),
        button=Button(_("Switch on"), address_of("mfa_activate_totp")),
        closing=(_("If it was not you, set a new password at once and tell the school."),),
        tone="warning",
    )


def email_confirmation_signup(*, activate_url: str, **_more: Any) -> Letter:
    text = _(
        "Welcome! Somebody, hopefully you, has signed up with this address at %(school_name)s."
        " Confirm it, and your account is ready; the link works for three days."
    )
    return Letter(
        subject=_("Confirm your e-mail address · %(school_name)s") % school_words(),
        paragraphs=(text % school_words(),),
        button=Button(_("Confirm the address"), activate_url),
        closing=(_UNUSED,),
        greets=False,
    )


def email_confirmation(*, activate_url: str, **_more: Any) -> Letter:
    text = _(
        "Somebody, hopefully you, has given this address for an account at %(school_name)s."
        " Confirm it with this link, which works for three days."
    )
    return Letter(
        subject=_("Confirm your e-mail address · %(school_name)s") % school_words(),
        paragraphs=(text % school_words(),),
        button=Button(_("Confirm the address"), activate_url),
        closing=(_UNUSED,),
        greets=False,
    )


_UNUSED: Any = gettext_lazy(
    "If it was not you, do nothing: without this confirmation the address is not used."
)


def password_reset_key(*, password_reset_url: str, **_more: Any) -> Letter:
    return Letter(
        subject=_("Set a new password · %(school_name)s") % school_words(),
        paragraphs=(_("Somebody, hopefully you, has asked for a new password for your account."),),
        button=Button(_("Set a new password"), password_reset_url),
        closing=(_("If it was not you, do nothing: your password stays as it is."),),
        greets=False,
    )


def account_already_exists(*, password_reset_url: str, email: str, **_more: Any) -> Letter:
    text = _(
        "Somebody, hopefully you, has tried to sign up with the address %(email)s. It has an"
        " account already: log in with it. If you have forgotten the password, set a new one."
    )
    return Letter(
        subject=_("You have an account already · %(school_name)s") % school_words(),
        paragraphs=(text % {"email": email},),
        button=Button(_("Set a new password"), password_reset_url),
        closing=(_("If it was not you, do nothing."),),
        greets=False,
    )


def unknown_account(*, signup_url: str, email: str, **_more: Any) -> Letter:
    text = _(
        "Somebody, hopefully you, has asked for a new password for %(email)s, but no account has"
        " this address. Perhaps you signed up with another one. You can sign up with this one."
    )
    return Letter(
        subject=_("No account with this address · %(school_name)s") % school_words(),
        paragraphs=(text % {"email": email},),
        button=Button(_("Sign up"), signup_url),
        closing=(_("If it was not you, do nothing."),),
        greets=False,
    )


def email_changed(
    *, from_email: str, to_email: str, undo_url: str, undo_until: str, **_more: Any
) -> Letter:
    moved = _("The e-mail address of your account was changed from %(old)s to %(new)s.")
    undo = _(
        "If it was not you, undo it with this link until %(time)s. Everybody is signed out then,"
        " and you choose a new password."
    )
    time = day_and_time(datetime.fromisoformat(undo_until))
    return Letter(
        subject=_("Your e-mail address was changed · %(school_name)s") % school_words(),
        paragraphs=(moved % {"old": from_email, "new": to_email}, undo % {"time": time}),
        button=Button(_("Undo the change"), undo_url),
        closing=(_("If it was you, do nothing. This is the last e-mail to this address."),),
        tone="warning",
    )


def from_templates(*, prefix: str, **context: Any) -> Letter:
    """Write what allauth's own text templates say: a paragraph for each of their lines."""
    facts = {**context, **school_words()}
    text = unescape(render_to_string(f"{prefix}_message.txt", facts))
    return Letter(
        subject=unescape(render_to_string(f"{prefix}_subject.txt", facts)),
        paragraphs=tuple(line for line in text.splitlines() if line.strip()),
        greets=False,
    )


Notice = Callable[..., Letter]


def notice(subject: str | Promise, text: str | Promise) -> Notice:
    """Return the writer of a letter that says what was changed on the account, and from where."""

    def write(*, timestamp: datetime, ip: str = "", user_agent: str = "", **words: Any) -> Letter:
        facts = ((_("Time"), day_and_time(timestamp)), (_("IP address"), ip or "–"))
        warning = _("If it was not you, set a new password at once and tell the school.")
        return Letter(
            subject=str(subject) + " · " + settings.SCHOOL_NAME,
            paragraphs=(str(text) % words,),
            facts=(*facts, (_("Browser"), user_agent or "–")),
            button=Button(_("Set a new password"), address_of("account_reset_password")),
            closing=(warning,),
            tone="warning",
        )

    return write


NOTICES: dict[str, tuple[str | Promise, Notice]] = {
    name: (subject, notice(subject, text))
    for name, subject, text in (
        (
            "password_changed",
            gettext_lazy("Your password was changed"),
            gettext_lazy("The password of your account has been changed."),
        ),
        (
            "password_reset",
            gettext_lazy("Your password was set anew"),
            gettext_lazy("The password of your account has been set anew with a link from us."),
        ),
        (
            "password_set",
            gettext_lazy("A password was set"),
            gettext_lazy("Your account has a password now."),
        ),
        (
            "email_confirm",
            gettext_lazy("An e-mail address was confirmed"),
            gettext_lazy("An e-mail address of your account has been confirmed."),
        ),
        (
            "email_deleted",
            gettext_lazy("An e-mail address was removed"),
            gettext_lazy("%(deleted_email)s no longer belongs to your account."),
        ),
        (
            "totp_activated",
            gettext_lazy("Log-in with an authenticator app is on"),
            gettext_lazy("Your account now asks for a code of your authenticator app."),
        ),
        (
            "totp_deactivated",
            gettext_lazy("Log-in with an authenticator app is off"),
            gettext_lazy("Your account no longer asks for a code of your authenticator app."),
        ),
        (
            "webauthn_added",
            gettext_lazy("A security key was added"),
            gettext_lazy("A security key or passkey has been added to your account."),
        ),
        (
            "webauthn_removed",
            gettext_lazy("A security key was removed"),
            gettext_lazy("A security key or passkey has been removed from your account."),
        ),
        (
            "recovery_codes_generated",
            gettext_lazy("New recovery codes were made"),
            gettext_lazy("Your account has new recovery codes; the old ones no longer work."),
        ),
    )
}
