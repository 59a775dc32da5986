"""Prices as people type them: in the currency's unit, kept in its smallest."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminTextInputWidget

MAX_LENGTH = 30
_SIGNS = re.compile(r"[\s,]|₩|\$|€|¥")


class PriceWidget(UnfoldAdminTextInputWidget):
    """A text field, so that thousands can be set apart; phones show digits."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        own = {"inputmode": "decimal", "autocomplete": "off", "maxlength": MAX_LENGTH}
        super().__init__(own | (attrs or {}))


class PriceField(forms.DecimalField):
    """An amount such as ``180,000`` or ``89.00``, with or without the signs of thousands."""

    def __init__(self, **options: Any) -> None:
        """Take the options of the column's field, whose bounds are of the smallest unit."""
        options.pop("max_value", None)
        super().__init__(**options | {"min_value": 0, "max_digits": 16})

    def to_python(self, value: Any) -> Any:
        return super().to_python(_SIGNS.sub("", value) if isinstance(value, str) else value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


def minor_amount(amount: Decimal, currency: str) -> int:
    """Return the amount in the currency's smallest unit.

    Raises ValidationError for a part of it that the currency does not have.
    """
    decimals = get_currency_precision(currency)
    scaled = amount.scaleb(decimals)
    if scaled == scaled.to_integral_value():
        return int(scaled)
    if not decimals:
        text = _("%(currency)s has no smaller unit: type a whole number.")
        raise forms.ValidationError(text % {"currency": currency})
    text = ngettext(
        "%(currency)s has %(n)d decimal place: type no more.",
        "%(currency)s has %(n)d decimal places: type no more.",
        decimals,
    )
    raise forms.ValidationError(text % {"currency": currency, "n": decimals})


def typed_amount(amount_minor: int, currency: str) -> str:
    """Return the amount as it is typed: ``180,000`` won, ``89.00`` dollars, ``1.250`` dinars."""
    decimals = get_currency_precision(currency)
    return f"{Decimal(amount_minor).scaleb(-decimals):,.{decimals}f}"
