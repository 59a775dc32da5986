"""Input checked without guessing: unknown names, wrong types and doubtful values are refused.

Django REST framework would take ``"10"`` and ``1.0`` for an integer, 5 for a text, and would ignore
a field that it does not know; a client would never learn of its mistake.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, cast

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from foundation.email_addresses import normalize_email

MAX_ID = 2**63 - 1
CLAIM = "elearning.idempotency.claim"
"""Where the request carries it; no client can send a name with dots."""
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Times outside are slips of the keyboard; PostgreSQL stores some that Python cannot read back."""


class StrictCharField(serializers.CharField):
    """A JSON string; a number is none."""

    default_error_messages = {"invalid": gettext_lazy("Send a text, in quotation marks.")}

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not None and data is not serializers.empty and not isinstance(data, str):
            self.fail("invalid")
        return super().run_validation(data)


class StrictEmailField(StrictCharField, serializers.EmailField):
    default_error_messages = {
        "invalid": gettext_lazy("Send an e-mail address such as name@example.com.")
    }

    def to_internal_value(self, data: Any) -> str:
        """Return the address in the form in which it is stored."""
        try:
            return normalize_email(super().to_internal_value(data))
        except DjangoValidationError:
            self.fail("invalid")


class StrictSlugField(StrictCharField, serializers.SlugField):
    pass


class StrictIntegerField(serializers.IntegerField):
    """A JSON integer: no ``"10"``, no ``10.0``, no ``true``."""

    default_error_messages = {
        "invalid": gettext_lazy("Send a whole number, without quotation marks or decimals.")
    }

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class StrictDateTimeField(serializers.DateTimeField):
    """An ISO 8601 time; without an offset it is meant in the school's time zone."""

    default_error_messages = {
        "invalid": gettext_lazy("Send a time such as 2026-03-02T09:00:00+09:00."),
        "out_of_range": gettext_lazy("Send a time between the years 2000 and 2200."),
    }

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or _is_date_only(value):
            self.fail("invalid")
        moment = super().to_internal_value(value)
        if not EARLIEST <= moment < LATEST:
            self.fail("out_of_range")
        return moment


def _is_date_only(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class SentAsItIs(serializers.Field):
    """In a query string an empty value is a value, not the lack of one."""

    def get_value(self, dictionary: Any) -> Any:
        return dictionary.get(str(self.field_name), serializers.empty)


class StrictChoiceField(SentAsItIs, serializers.ChoiceField):
    default_error_messages = {"invalid_choice": gettext_lazy("Choose one of: {choices}.")}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(map(str, self.choices)))
        return data


class StrictSerializer(serializers.Serializer):
    """Refuses the names that it does not take, each by name and along with all other errors.

    ``answer`` is the serializer of the answer: its names are known, but cannot be set.
    """

    answer: type[serializers.Serializer] | None = None

    def to_internal_value(self, data: Any) -> Any:
        refused = self._refused_names(data)
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            by_name = error.detail if isinstance(error.detail, dict) else {}
            raise ValidationError({**by_name, **refused}) from error
        if refused:
            raise ValidationError(refused)
        return values

    def _refused_names(self, data: Any) -> dict[str, list[ErrorDetail]]:
        taken = [name for name, field in self.fields.items() if not field.read_only]
        answered = {*self.fields, *(self.answer().fields if self.answer else ())}
        return {
            name: [_refusal(taken, is_answered=name in answered)]
            for name in data
            if name not in taken
        }


def _refusal(taken: list[str], *, is_answered: bool) -> ErrorDetail:
    if is_answered:
        return ErrorDetail(_("This field cannot be set here. Leave it out."), "read_only")
    if not taken:
        return ErrorDetail(_("No fields are expected here. Leave it out."), "unknown_field")
    message = _("There is no such field. The fields are: %(names)s.")
    return ErrorDetail(message % {"names": ", ".join(taken)}, "unknown_field")


class StrictModelSerializer(StrictSerializer, serializers.ModelSerializer):
    serializer_choice_field = StrictChoiceField
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.BigIntegerField: StrictIntegerField,
        models.CharField: StrictCharField,
        models.DateTimeField: StrictDateTimeField,
        models.PositiveIntegerField: StrictIntegerField,
        models.PositiveSmallIntegerField: StrictIntegerField,
        models.SlugField: StrictSlugField,
        models.TextField: StrictCharField,
    }


class NothingSerializer(StrictSerializer):
    """A body without fields."""


class ListQuery(StrictSerializer):
    """The query parameters of a list; a misspelt filter is refused, never ignored."""

    PAGING = ("page", "page_size", "format")

    def _refused_names(self, data: QueryDict) -> dict[str, list[ErrorDetail]]:
        refused = super()._refused_names(data)
        twice = ErrorDetail(_("This parameter was sent twice. Send it once."), "duplicate_field")
        unknown = {name: why for name, why in refused.items() if name not in self.PAGING}
        return unknown | {name: [twice] for name in data if len(data.getlist(name)) > 1}


class IdParameter(SentAsItIs, serializers.IntegerField):
    """An id in the query string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, required=False, **options)


def read_body(
    serializer_class: type[BaseSerializer], request: Request, **options: Any
) -> dict[str, Any]:
    """Return the checked body. Raises ValidationError naming each field."""
    return _checked(serializer_class(data=request.data, **options))


def read_query(serializer_class: type[ListQuery], request: Request) -> dict[str, Any]:
    """Return the checked query parameters. Raises ValidationError naming each."""
    return _checked(serializer_class(data=request.query_params))


def claim_id(request: Request) -> int | None:
    """Return the id of the Idempotency-Key's claim, the same when a request is done again."""
    return cast("int | None", request.META.get(CLAIM))


def viewer_id(request: Request) -> int:
    """Return the id of whoever asks; the view lets nobody in without a log-in."""
    return cast("int", request.user.pk)


def _checked(serializer: BaseSerializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
