"""JSON bodies, read strictly: what a parser could take in two ways is refused."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from foundation.limits.bodies import TOO_LARGE, body_limit
from foundation.limits.documents import DocumentTooComplex, read_json


class BodyTooLarge(APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = TOO_LARGE.code
    default_detail = TOO_LARGE.detail  # type: ignore[assignment]  # a lazy text


class StrictJSONParser(BaseParser):
    """One JSON object in UTF-8 (RFC 8259), each name once, every text fit to be stored."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        request: Request | None = (parser_context or {}).get("request")
        limit = body_limit(request.path_info if request else "/webhooks/")
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge()
        fields = _decode(body)
        if not isinstance(fields, dict):
            raise ParseError(_('Send a JSON object, for example {"name": "value"}.'))
        _refuse_unstorable(fields)
        return fields


def _decode(body: bytes) -> Any:
    try:
        return read_json(body, pairs_hook=_without_doubles)
    except UnicodeDecodeError as error:
        message = _("The body is not valid UTF-8 at byte %(at)d. Encode it as UTF-8.")
        raise ParseError(message % {"at": error.start}) from error
    except DocumentTooComplex as error:
        message = _("The body is too complex: %(reason)s. Send a small, flat object.")
        raise ParseError(message % {"reason": error}) from error
    except ValueError as error:
        message = _("The body is not valid JSON: %(reason)s. Correct it and send it again.")
        raise ParseError(message % {"reason": error}) from error


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise _refused(name, _("This field was sent twice. Send it once."), "duplicate_field")
        fields[name] = value
    return fields


def _refuse_unstorable(fields: dict[str, Any]) -> None:
    """Refuse what PostgreSQL's UTF-8 cannot hold: null bytes and halves of surrogate pairs."""
    for name, value in fields.items():
        for text in (name, value):
            if isinstance(text, str) and "\x00" in text:
                message = _("Null bytes are not allowed. Remove them and try again.")
                raise _refused(name, message, "null_bytes")
            if isinstance(text, str) and not _is_unicode(text):
                message = _("This text holds half a character. Send whole characters.")
                raise _refused(name, message, "surrogates")


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _refused(name: str, message: Any, code: str) -> ValidationError:
    printable = name.replace("\x00", "").encode(errors="replace").decode()
    return ValidationError({printable: [ErrorDetail(message, code)]})
