"""The gate before every field that takes text, of forms, serializers and models alike.

It is put into the base classes: allauth, unfold and Django's own admin make fields that no class of
ours could be put in place of. A field that does not strip its text, as for a password, takes it as
it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from rest_framework import serializers

from foundation.text.gate import clean_exact, clean_text
from foundation.text.lookup import plain_text

EXACT_FORM_FIELDS = (forms.EmailField, forms.URLField, forms.SlugField)
EXACT_API_FIELDS = (serializers.EmailField, serializers.URLField, serializers.SlugField)
EXACT_COLUMNS = (models.EmailField, models.URLField, models.SlugField)
"""Of an address every character counts: none is left out without a word."""


class LookupField(forms.CharField):
    """A text to search for, folded; nothing that was pasted along with it is refused."""

    def to_python(self, value: Any) -> str:
        return plain_text(str(value)) if value not in self.empty_values else ""


class LookupCharField(serializers.CharField):
    """The same for a query parameter of the API."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(plain_text(data) if isinstance(data, str) else data)


def install() -> None:
    """Put the gate into the base classes. Called once, at start."""
    forms.CharField.to_python = _gated_form_field(forms.CharField.to_python)  # type: ignore[method-assign]
    serializers.CharField.to_internal_value = _gated_api_field(  # type: ignore[method-assign]
        serializers.CharField.to_internal_value
    )
    for column in (models.CharField, models.TextField):
        column.clean = _gated_column(column.clean)  # type: ignore[method-assign]


def _gated_form_field(to_python: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(to_python)
    def gated(field: forms.CharField, value: Any) -> Any:
        text = to_python(field, value)
        if not field.strip or not isinstance(text, str) or text in field.empty_values:
            return text
        if "\x00" in text:  # Django's own validator of every such field names it
            return text
        if isinstance(field, EXACT_FORM_FIELDS):
            return clean_exact(text)
        multiline = isinstance(field.widget, forms.Textarea | forms.HiddenInput)
        return clean_text(text, multiline=multiline).strip() or field.empty_value

    return gated


def _gated_api_field(to_internal_value: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(to_internal_value)
    def gated(field: serializers.CharField, data: Any) -> Any:
        text = to_internal_value(field, data)
        if not field.trim_whitespace:
            return text
        try:
            cleaned = _cleaned(field, text)
        except ValidationError as error:
            raise serializers.ValidationError(error.messages, code="unfit_text") from error
        if not cleaned and text and not field.allow_blank:
            field.fail("blank")
        return cleaned

    return gated


def _cleaned(field: serializers.CharField, text: str) -> str:
    if isinstance(field, EXACT_API_FIELDS):
        return clean_exact(text)
    multiline = field.style.get("base_template") == "textarea.html"
    return clean_text(text, multiline=multiline).strip()


def _gated_column(clean: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(clean)
    def gated(column: models.Field, value: Any, row: models.Model | None) -> Any:
        return clean(column, cleaned_value(column, value), row)

    return gated


def cleaned_value(column: models.Field, value: Any) -> Any:
    """Return the value as the column takes it from people; a choice is one of ours anyway."""
    if not isinstance(value, str) or not value or column.choices or not column.editable:
        return value
    if isinstance(column, EXACT_COLUMNS):
        return clean_exact(value)
    return clean_text(value, multiline=isinstance(column, models.TextField))
