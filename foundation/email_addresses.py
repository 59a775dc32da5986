"""The one form in which an e-mail address is stored and compared: by equality, never by case.

A normalized address is printable ASCII without upper-case letters. Full-width signs, which Asian
keyboards type, become plain ones; the domain becomes IDNA labels (RFC 5891). Any other letter in
the local part is refused, not folded: ``alıce@`` with a dotless i is another mailbox, though the
case rules of a database may make it equal to ``alice@``. What is the same text in Unicode's own
terms (NFC: the Kelvin sign is a K) is the same address.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NORMALIZED = r"^[!-@\[-~]+$"
"""As PostgreSQL checks it: from ``!`` to ``~`` in ASCII, without the letters A to Z."""
_FULL_WIDTH = {sign + 0xFEE0: sign for sign in range(0x21, 0x7F)} | {0x3000: 0x20, 0x3002: 0x2E}


class InvalidEmailAddress(ValidationError):
    """It is no address, or one that no mail of ours reaches."""

    def __init__(self) -> None:
        message = _("Enter an e-mail address such as name@example.com, in letters from a to z.")
        super().__init__(message, code="invalid")


def normalize_email(text: str) -> str:
    """Return the address as it is stored. Raises InvalidEmailAddress."""
    composed = unicodedata.normalize("NFC", text).translate(_FULL_WIDTH)
    local, _at, domain = composed.strip().rpartition("@")
    if not local.isascii():
        raise InvalidEmailAddress()
    address = f"{local.lower()}@{_normalize_domain(domain)}"
    try:
        validate_email(address)
    except ValidationError as error:
        raise InvalidEmailAddress() from error
    if not re.fullmatch(NORMALIZED, address):
        raise InvalidEmailAddress()
    return address


def normalize_email_or_keep(text: str) -> str:
    """Return the address as it is stored; what is no address stays, and equals none."""
    try:
        return normalize_email(text)
    except ValidationError:
        return text


def _normalize_domain(domain: str) -> str:
    try:
        return domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise InvalidEmailAddress() from error


class NormalizesEmail:
    """For a form's field of e-mail addresses: what was typed becomes the normal form."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)  # type: ignore[misc]  # of the field beside this class
        return normalize_email(text) if text else text


class EmailFormField(NormalizesEmail, forms.EmailField):
    """An e-mail address in a form, normalized."""


class NormalizedEmailField(models.EmailField):
    """An e-mail address, normalized when it is stored and when it is looked up."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return normalize_email_or_keep(prepared) if isinstance(prepared, str) else prepared

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001
        value = self.get_prep_value(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        return super().clean(normalize_email(value) if value else value, model_instance)

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{**options, "form_class": EmailFormField})


def email_is_normalized(field: str, *, name: str) -> models.CheckConstraint:
    """Return the constraint that holds a column to the normal form."""
    return models.CheckConstraint(condition=Q(**{f"{field}__regex": NORMALIZED}), name=name)
