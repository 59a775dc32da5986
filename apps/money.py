"""Money is an integer in the currency's smallest unit beside its ISO 4217 code."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import get_language

MAX_MINOR = 10**12
"""The largest amount taken, in minor units: far above any fee, far below what a column holds."""


def format_money(amount_minor: int, currency: str) -> str:
    """Return the amount as the active language writes it, for example ``₩180,000``."""
    digits = get_currency_precision(currency)
    amount = Decimal(amount_minor).scaleb(-digits)
    return format_currency(amount, currency, locale=get_language() or "ko")
