"""What the catalogue is filtered by."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foundation.text.fields import LookupField
from foundation.text.lookup import lookup_key

PRICES = [
    ("", _("Any price")),
    ("free", pgettext_lazy("price", "Free")),
    ("paid", _("With a fee")),
]
AVAILABILITIES = [
    ("", _("Open or not")),
    ("open", _("Open now")),
    ("upcoming", _("Opens soon")),
    ("full", _("Every seat taken")),
    ("closed", _("Closed")),
]
ORDERS = [
    ("", _("Starting soonest")),
    ("newest", _("Newest")),
    ("price", _("Lowest price")),
    ("-price", _("Highest price")),
    ("rating", _("Best rated")),
]


class Choice(forms.ChoiceField):
    """One of the choices, or none; an old link may name one that is gone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.error_messages["invalid_choice"] = _("There is no such choice, so it is left out.")

    def to_python(self, value: Any) -> str:
        """Take the choice that is meant, however a category's name was typed or encoded."""
        text = super().to_python(value)
        choices = cast("list[tuple[str, str]]", list(self.choices))  # type: ignore[arg-type]
        known = {lookup_key(code): code for code, _label in choices}
        return known.get(lookup_key(text), text)


class CatalogueForm(forms.Form):
    """Every field may be left out; one that cannot be taken is named, and filters nothing."""

    search = LookupField(
        label=_("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    category = Choice(label=_("Category"))
    price = Choice(label=_("Price"), choices=PRICES)
    availability = Choice(label=_("Enrollment"), choices=AVAILABILITIES)
    order = Choice(label=_("Sort by"), choices=ORDERS)

    def __init__(self, parameters: QueryDict, *, categories: list[str]) -> None:
        super().__init__(parameters)
        known = [("", _("Every category")), *((name, name) for name in categories)]
        self.fields["category"] = Choice(label=_("Category"), choices=known)

    @property
    def narrows(self) -> bool:
        """Whether something other than the order has been asked for, understood or not."""
        return any(self[name].value() for name in self.fields if name != "order")
