"""The refund terms in full sentences, for whoever is about to enroll, to pay or to cancel.

The amounts come from the rule itself, so the words cannot promise what it does not give.
"""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.lectures import policies
from apps.lectures.policies import RefundTerms
from apps.money import format_money
from apps.zones import moment

NOTHING_DONE, BEFORE_A_THIRD, BEFORE_HALF = (0, 20, 40)
"""A progress in percent inside each stage of table 4; which one inside does not matter."""


def refund_sentences(terms: RefundTerms, *, currency: str) -> list[str]:
    """Return what a cancellation gives back and until when, in the active language."""
    if terms.price_minor == 0:
        return [_("This course is free, so there is nothing to refund.")]
    return [
        _("Until you have paid, you can cancel at no cost."),
        *_SENTENCES[terms.policy](terms, currency),
        _("If the school withdraws the course, you get the full price back."),
    ]


def _none(terms: RefundTerms, currency: str) -> list[str]:
    return [_("Once you have paid, a cancellation gives nothing back.")]


def _full(terms: RefundTerms, currency: str) -> list[str]:
    limit = _("you have completed the course")
    return [_all_until(limit, terms, currency)]


def _until_start(terms: RefundTerms, currency: str) -> list[str]:
    return [
        _all_until(_start(terms), terms, currency),
        _("From then on nothing is refunded."),
    ]


def _tuition_law(terms: RefundTerms, currency: str) -> list[str]:
    third, half = _limits_of_the_law(terms)
    return [
        _all_until(_start(terms), terms, currency),
        _("Cancel before %(limit)s and you get two thirds of it back: %(amount)s.")
        % {"limit": third, "amount": _amount(terms, BEFORE_A_THIRD, currency)},
        _("Cancel before %(limit)s and you get half of it back: %(amount)s.")
        % {"limit": half, "amount": _amount(terms, BEFORE_HALF, currency)},
        _("From then on nothing is refunded."),
        _(
            "These steps are those of the Korean Academies Act"
            " (Enforcement Decree, table 4)."
        ),
    ]  # fmt: skip


_SENTENCES = {
    "none": _none,
    "full": _full,
    "until_start": _until_start,
    "tuition_law": _tuition_law,
}


def _all_until(limit: str, terms: RefundTerms, currency: str) -> str:
    return _("Cancel before %(limit)s and you get the full price back: %(amount)s.") % {
        "limit": limit,
        "amount": _amount(terms, NOTHING_DONE, currency),
    }


def _start(terms: RefundTerms) -> str:
    if terms.starts_at is None:
        return _("you complete your first lesson")
    return moment(terms.starts_at)


def _limits_of_the_law(terms: RefundTerms) -> tuple[str, str]:
    """Return when a third and when half of the course is over: by the clock, or by progress."""
    if terms.starts_at is None or terms.ends_at is None:
        return _("a third of your lessons is completed"), _("half of your lessons is completed")
    span = terms.ends_at - terms.starts_at
    return moment(terms.starts_at + span / 3), moment(terms.starts_at + span / 2)


def _amount(terms: RefundTerms, progress_percent: int, currency: str) -> str:
    at_stage = replace(terms, starts_at=None, progress_percent=progress_percent)
    amount_minor = policies.refund_amount(at_stage, now=timezone.now())
    return format_money(amount_minor, currency)
