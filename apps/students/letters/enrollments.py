"""Letters about an enrollment and its money."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.money import format_money
from apps.students.letters.letter import Button, Letter, address_of, day, day_and_time
from apps.students.models import HistoryEntry
from apps.students.views.wording import decline_reason


def _checkout(entry: HistoryEntry) -> Button:
    return Button(_("Pay now"), address_of("lectures:checkout", entry.lecture_id))


def _history(entry: HistoryEntry) -> Button:
    return Button(_("See the whole history"), address_of("students:timeline", entry.lecture_id))


def _course(entry: HistoryEntry) -> tuple[str, str]:
    return _("Course"), entry.course_title


def requested(*, entry: HistoryEntry, amount_minor: int, pay_by: str) -> Letter:
    words = {
        "title": entry.course_title,
        "amount": format_money(amount_minor, entry.currency),
        "until": day_and_time(datetime.fromisoformat(pay_by)),
    }
    subject = _('Your seat in "%(title)s" is kept for you') % words
    if entry.status != "requested":  # late: what was to be paid is paid, or the seat is gone
        text = _(
            'You have requested an enrollment in "%(title)s". The price is %(amount)s. What has'
            " become of it meanwhile you see here."
        )
        return Letter(subject=subject, paragraphs=(text % words,), button=_history(entry))
    text = _(
        'You have requested an enrollment in "%(title)s". Please pay by %(until)s; until then'
        " the seat is yours."
    )
    return Letter(
        subject=subject,
        paragraphs=(text % words,),
        facts=(_course(entry), (_("Price"), words["amount"]), (_("Pay by"), words["until"])),
        button=_checkout(entry),
    )


def approved(*, entry: HistoryEntry, amount_minor: int, paid_at: str) -> Letter:
    words = {
        "title": entry.course_title,
        "amount": format_money(amount_minor, entry.currency),
    }
    free = _('Your enrollment in "%(title)s" is approved. The course is free.')
    paid = _(
        "We have received your payment of %(amount)s, and your enrollment in"
        ' "%(title)s" is approved. This e-mail is your receipt.'
    )
    return Letter(
        subject=_('You are enrolled in "%(title)s"') % words,
        paragraphs=((paid if amount_minor else free) % words,),
        facts=_receipt(entry, words["amount"], paid_at) if amount_minor else (),
        button=Button(_("Go to the classroom"), address_of("lectures:classroom", entry.lecture_id)),
        tone="success",
    )


def _receipt(entry: HistoryEntry, amount: str, paid_at: str) -> tuple[tuple[str, str], ...]:
    return (
        (_("Receipt from"), settings.SCHOOL_NAME),
        _course(entry),
        (_("Amount paid"), amount),
        (_("Paid at"), day_and_time(datetime.fromisoformat(paid_at))),
        *_payment_number(entry),
        (_("Enrollment number"), str(entry.lecture_id)),
    )


def deferred(*, entry: HistoryEntry, amount_minor: int, pay_by: str) -> Letter:
    words = {
        "title": entry.course_title,
        "amount": format_money(amount_minor, entry.currency),
        "until": day_and_time(datetime.fromisoformat(pay_by)),
    }
    subject = _('Please pay later for "%(title)s"') % words
    if entry.status != "requested":
        text = _(
            'The payment service was overloaded when you paid %(amount)s for "%(title)s". What'
            " has become of it meanwhile you see here."
        )
        return Letter(subject=subject, paragraphs=(text % words,), button=_history(entry))
    text = _(
        "The payment service is overloaded at the moment and gave no answer, so your payment of"
        ' %(amount)s for "%(title)s" is not confirmed. Your seat is kept: you can pay until'
        " %(until)s. You are never charged twice."
    )
    return Letter(
        subject=subject,
        paragraphs=(text % words,),
        facts=(_course(entry), (_("Amount"), words["amount"]), (_("Pay by"), words["until"])),
        button=_checkout(entry),
        tone="warning",
    )


def declined(*, entry: HistoryEntry, amount_minor: int, decline_code: str) -> Letter:
    words = {
        "title": entry.course_title,
        "amount": format_money(amount_minor, entry.currency),
    }
    text = _(
        'Your payment of %(amount)s for "%(title)s" was declined. Nothing was charged, and your'
        " seat is still kept."
    )
    facts = [_course(entry), (_("Amount"), words["amount"])]
    facts += [(_("Reason"), decline_reason(decline_code))]
    if entry.pay_by:
        facts += [(_("Pay by"), day_and_time(entry.pay_by))]
    return Letter(
        subject=_('Your payment for "%(title)s" was declined') % words,
        paragraphs=(text % words, _("Try again, or use another card.")),
        facts=tuple(facts),
        button=_checkout(entry),
        tone="error",
    )


def payment_due(*, entry: HistoryEntry, amount_minor: int, pay_by: str) -> Letter:
    words = {
        "title": entry.course_title,
        "amount": format_money(amount_minor, entry.currency),
        "until": day_and_time(datetime.fromisoformat(pay_by)),
    }
    text = _(
        'Your seat in "%(title)s" is kept until %(until)s and is not paid yet. After that it'
        " goes to someone else."
    )
    return Letter(
        subject=_('Your seat in "%(title)s" is about to expire') % words,
        paragraphs=(text % words,),
        facts=(_course(entry), (_("Price"), words["amount"]), (_("Pay by"), words["until"])),
        button=_checkout(entry),
        closing=(_("If you do not want the seat any more, you need not do anything."),),
        tone="warning",
    )


def expired(*, entry: HistoryEntry) -> Letter:
    words = {"title": entry.course_title}
    text = _(
        'Your enrollment in "%(title)s" was not paid in time, so the seat goes to someone else.'
        " Nothing was charged."
    )
    return Letter(
        subject=_('Your seat in "%(title)s" has expired') % words,
        paragraphs=(text % words, _("You can enroll again while there are seats.")),
        button=Button(_("See the course"), address_of("courses:course", entry.course_slug)),
        tone="warning",
    )


def cancelled(
    *, entry: HistoryEntry, amount_minor: int, cause: str, refunded: bool = False
) -> Letter:
    words = {
        "title": entry.course_title,
        "amount": format_money(amount_minor, entry.currency),
    }
    causes = {
        "course_withdrawn": _(
            'The school has withdrawn the course "%(title)s", so your enrollment is cancelled.'
            " We are sorry."
        ),
        "staff": _('The school has cancelled your enrollment in "%(title)s".'),
    }
    by_student = _('You have cancelled your enrollment in "%(title)s".')
    refund = _("A refund of %(amount)s is on its way. We write you again when it has been made.")
    if refunded:
        refund = _(
            "We have refunded %(amount)s. Depending on your bank it takes a few days until you see"
            " it."
        )
    facts = (_course(entry), (_("Refund"), words["amount"]), *_payment_number(entry))
    return Letter(
        subject=_('Your enrollment in "%(title)s" is cancelled') % words,
        paragraphs=(
            causes.get(cause, by_student) % words,
            refund % words if amount_minor else _("There is nothing to refund."),
        ),
        facts=facts if amount_minor else (),
        button=_history(entry),
    )


def surplus(*, entry: HistoryEntry, amount_minor: int) -> Letter:
    words = {
        "title": entry.course_title,
        "amount": format_money(amount_minor, entry.currency),
    }
    after = {
        "cancelled": _(
            'A payment of %(amount)s for "%(title)s" has reached us after the enrollment was'
            " cancelled. You owe nothing, so we refund all of it."
        ),
        "expired": _(
            'A payment of %(amount)s for "%(title)s" has reached us after the enrollment had'
            " expired, so the seat was no longer held. You owe nothing, and we refund all of it."
        ),
    }
    otherwise = _(
        'A payment of %(amount)s for "%(title)s" has reached us that you do not owe. We refund all'
        " of it; your enrollment stays as it is."
    )
    wait = _("You need not do anything. We write you again when the refund has been made.")
    return Letter(
        subject=_('Your money for "%(title)s" is on its way back') % words,
        paragraphs=(after.get(entry.status, otherwise) % words, wait),
        facts=(_course(entry), (_("Refund"), words["amount"]), *_payment_number(entry)),
        button=_history(entry),
    )


def refunded(*, entry: HistoryEntry, amount_minor: int, refunded_at: str) -> Letter:
    words = {
        "title": entry.course_title,
        "amount": format_money(amount_minor, entry.currency),
    }
    text = _(
        'We have refunded %(amount)s for "%(title)s". Depending on your bank it takes a few days'
        " until you see it."
    )
    return Letter(
        subject=_('Your refund for "%(title)s" has been made') % words,
        paragraphs=(text % words,),
        facts=(
            _course(entry),
            (pgettext("money given back", "Refunded"), words["amount"]),
            (_("Refunded on"), day(datetime.fromisoformat(refunded_at))),
            *_payment_number(entry),
        ),
        button=_history(entry),
        tone="success",
    )


def _payment_number(entry: HistoryEntry) -> tuple[tuple[str, str], ...]:
    return ((_("Payment number"), entry.payment_number),) if entry.payment_number else ()
