"""JSON documents: read within bounds, and brought into one canonical form.

The bounds hold while a document is parsed, so that a refused one costs no more than its bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _

PairsHook = Callable[[list[tuple[str, Any]]], dict[str, Any]]
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{},]")


class DocumentTooComplex(ValueError):
    """The document exceeds a bound; the message says which."""


class RepeatedName(ValueError):
    """An object has the same name twice: parsers differ in what they take it for."""


def read_json(body: bytes, *, pairs_hook: PairsHook) -> Any:
    """Return the value of a JSON document in UTF-8.

    Raises DocumentTooComplex, and ValueError (as UnicodeDecodeError or otherwise) for what is no
    JSON; numbers that no float can hold are none.
    """
    text = body.decode()
    refuse_complex(body)
    return json.loads(
        text,
        object_pairs_hook=pairs_hook,
        parse_constant=_refuse_constant,
        parse_float=_finite,
    )


def refuse_complex(body: bytes) -> None:
    """Raise DocumentTooComplex for too deep a nesting, or too many members in one place.

    One pass over the bytes outside of strings; what is no JSON is left to the parser.
    """
    members: list[int] = []
    for found in _BRACKET.finditer(_STRING.sub(b"", body)):
        sign = found.group()
        if sign in b"[{":
            members.append(1)
            if len(members) > settings.JSON_MAX_DEPTH:
                raise DocumentTooComplex(_("it is nested too deeply"))
        elif sign in b"]}":
            if members:
                members.pop()
        elif members:
            members[-1] += 1
            if members[-1] > settings.JSON_MAX_MEMBERS:
                most = settings.JSON_MAX_MEMBERS
                raise DocumentTooComplex(
                    _("more than %(most)d members in one place") % {"most": most}
                )


def canonical_json(body: bytes) -> bytes | None:
    """Return the same for documents that differ in the order of members, spacing or escapes alone.

    None for what is no JSON, is out of bounds, or repeats a name. Numbers are compared as a reader
    takes them: ``1.0`` is ``1.00`` and ``1e0``, but not ``1``, which is an integer. Text is
    compared by code points: composed and decomposed letters differ.
    """
    try:
        value = read_json(body, pairs_hook=_unique)
    except (ValueError, RecursionError):
        return None
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise RepeatedName
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text[:20]} is out of range")
    return number
