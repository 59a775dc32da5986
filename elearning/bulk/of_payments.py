"""Book many payments that came by bank transfer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.desk import Text
from apps.money import format_money
from apps.payments import queries as payments_queries
from apps.payments import services as payments
from elearning.bulk.kinds import Facts
from elearning.bulk.listing import by, counted, ids_of, in_list_of, left_alone


def _warn_of_approving(items: Sequence[Facts]) -> list[Text]:
    owed = payments_queries.list_payable(payment_ids=ids_of(items))
    count = sum(part.count for part in owed.values())
    text = ngettext(
        "%(n)s payment is booked as paid, and its enrollment approved at once.",
        "%(n)s payments are booked as paid, and their enrollments approved at once.",
        count,
    )
    return [
        counted(text, count),
        *(
            _("You confirm that %(amount)s has arrived outside the gateway, by bank transfer say.")
            % {"amount": format_money(part.amount_minor, currency)}
            for currency, part in sorted(owed.items())
        ),
        *left_alone(len(items) - count),
    ]


def _payment_is_settled(facts: Facts) -> bool:
    return payments_queries.is_settled(payment_id=facts["id"])


def _read_owed(items: Sequence[Facts]) -> list[Any]:
    """Return what each payment asks for, in one query."""
    owed = payments_queries.list_amounts(payment_ids=ids_of(items))
    return [owed.get(payment_id) for payment_id in ids_of(items)]


LISTED = (
    in_list_of(
        "payments.payment",
        name="approve_payments",
        label=gettext_lazy("Mark the chosen payments as paid"),
        run=by(
            payments.approve_payment_by_staff,
            "payment_id",
            gettext_lazy("Booked as paid, and the enrollment approved."),
            read=_read_owed,
        ),
        read=_read_owed,
        is_done=_payment_is_settled,
        warns=_warn_of_approving,
        describe=lambda row: f"{row.payer} · {row.description} · {row.number}",
    ),
)
