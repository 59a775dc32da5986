"""Every field that takes text from people stands behind the gate: of models, forms, serializers."""

import unicodedata
from collections.abc import Iterator
from importlib import import_module

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.test import RequestFactory
from django.urls import get_resolver
from rest_framework import serializers

from apps.students.models import User
from foundation.text.fields import LookupCharField, LookupField

COMPOSED = "한글"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
REORDERED = "kim\u202eha"
FILLER = "\u3164"
TAKEN_AS_THEY_ARE = {"django.contrib.admin.views.main.ChangeListSearchForm.q"}
"""Searched by the lookup gate, which takes everything."""

get_resolver().url_patterns  # loads all there is  # noqa: B018
import_module("allauth.mfa.totp.forms")


def all_subclasses(of: type) -> Iterator[type]:
    for each in of.__subclasses__():
        yield each
        yield from all_subclasses(each)


def fields_of_forms() -> dict[str, forms.CharField]:
    found = {
        f"{form.__module__}.{form.__name__}.{name}": field
        for form in all_subclasses(forms.BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
    }
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_staff=True)
    for model, listed in admin.site._registry.items():
        form = listed.get_form(request, None)
        found |= {f"admin.{model.__name__}.{n}": f for n, f in form.base_fields.items()}
    return {name: field for name, field in found.items() if isinstance(field, forms.CharField)}


def columns() -> dict[str, models.Field]:
    return {
        f"{model._meta.label}.{field.name}": field
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, models.CharField | models.TextField)
        and field.editable
        and not field.choices
        and model.__module__.startswith(("apps.", "elearning.", "foundation."))
    }


def fields_of_serializers() -> dict[str, serializers.CharField]:
    return {
        f"{each.__module__}.{each.__name__}.{name}": field
        for each in all_subclasses(serializers.Serializer)
        if each.__module__.startswith(("apps.", "elearning.", "foundation."))
        if not issubclass(each, serializers.ModelSerializer) or hasattr(each, "Meta")
        for name, field in each().fields.items()
        if isinstance(field, serializers.CharField) and not field.read_only
    }


def taken(check, text):
    try:
        return str(check(text))
    except (ValidationError, serializers.ValidationError):
        return "refused"


def assert_gated(check, where):
    assert unicodedata.is_normalized("NFC", taken(check, DECOMPOSED)), where
    assert "\u202e" not in taken(check, REORDERED), where
    assert FILLER not in taken(check, FILLER), where


def test_every_form_field_of_text_is_gated(db):
    found = fields_of_forms()
    assert len(found) > 40
    for where, field in found.items():
        if isinstance(field.widget, forms.PasswordInput) or where in TAKEN_AS_THEY_ARE:
            continue
        assert field.strip, f"{where} takes text as it is: let it strip, or make it a password"
        assert_gated(field.to_python, where)


def test_every_column_of_text_is_gated():
    found = columns()
    assert len(found) > 20
    for where, column in found.items():
        assert_gated(lambda text, column=column: column.clean(text, None), where)


def test_every_api_field_of_text_is_gated(db):
    found = fields_of_serializers()
    assert len(found) > 8
    for where, field in found.items():
        if field.trim_whitespace:
            assert_gated(field.run_validation, where)
        else:
            assert where.endswith("password"), where


@pytest.mark.parametrize("field", [forms.CharField(), LookupField()])
def test_text_of_which_nothing_is_visible_is_missing(field):
    with pytest.raises(ValidationError) as refused:
        field.clean(FILLER)

    assert refused.value.code == "required"


def test_length_is_counted_in_composed_characters():
    name = DECOMPOSED * 5

    assert forms.CharField(max_length=10).clean(name) == COMPOSED * 5
    assert serializers.CharField(max_length=10).run_validation(name) == COMPOSED * 5
    assert models.CharField(max_length=10).clean(name, None) == COMPOSED * 5


def test_password_is_taken_as_it_is():
    typed = f"{DECOMPOSED}\u3164 \u202e"

    assert forms.CharField(strip=False, widget=forms.PasswordInput).clean(typed) == typed
    assert serializers.CharField(trim_whitespace=False).run_validation(typed) == typed


def test_multiline_text_keeps_its_lines_and_a_line_has_none():
    assert forms.CharField(widget=forms.Textarea).clean("a\r\nb") == "a\nb"
    assert forms.CharField().clean("a\r\nb") == "a b"
    assert models.TextField().clean("a\nb", None) == "a\nb"
    assert models.CharField(max_length=9).clean("a\nb", None) == "a b"


def test_search_is_folded_and_refuses_nothing():
    assert LookupField().clean("\u202aＳＱＬ\x08 ") == "SQL"
    assert LookupCharField().run_validation(REORDERED) == "kimha"
