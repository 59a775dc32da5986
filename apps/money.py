"""Money is an integer in the currency's smallest unit beside its ISO 4217 code."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_compact_currency, format_currency, get_currency_precision
from django.utils.translation import get_language

MAX_MINOR = 10**12
"""The largest amount taken, in minor units: far above any fee, far below what a column holds."""


def format_money(amount_minor: int, currency: str) -> str:
    """Return the amount as the active language writes it, for example ``₩180,000``."""
    amount = major_amount(amount_minor, currency)
    return format_currency(amount, currency, locale=get_language() or "ko")


def format_short_money(amount_minor: int, currency: str) -> str:
    """Return the amount roughly, where there is no room, for example ``₩18만``."""
    amount = major_amount(amount_minor, currency)
    return format_compact_currency(
        amount, currency, fraction_digits=1, locale=get_language() or "ko"
    )


def major_amount(amount_minor: int, currency: str) -> Decimal:
    """Return the amount in the currency's main unit, exactly: ``Decimal("89.00")`` dollars."""
    return Decimal(amount_minor).scaleb(-get_currency_precision(currency))
