"""What the school holds in words, in the reader's language: the PDF shows every field of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.money import format_money
from apps.zones import moment
from elearning.own_data.held import OwnData
from elearning.own_data.words import LABELS, WORDS


@dataclass(frozen=True)
class Record:
    """One thing that is held: its facts, and what belongs to it."""

    facts: list[tuple[str, str]]
    parts: list[Section]


@dataclass(frozen=True)
class Section:
    title: str
    records: list[Record]


def list_sections(data: OwnData) -> list[Section]:
    """Return all of the data under titles; a section that holds nothing says so by being empty."""
    account = data.account
    return [
        _section("profile", (account.profile,)),
        _section("addresses", account.addresses),
        _section("confirmations", account.confirmations),
        _section("tokens", account.tokens),
        _section("sessions", account.sessions),
        Section(
            _label("groups"), [Record([(_label("groups"), name)], []) for name in account.groups]
        ),
        _section("emails", account.emails),
        _section("switches", account.switches),
        _section("tries", account.tries),
        _section("enrollments", data.lectures.enrollments),
        _section("waiting_places", data.lectures.waiting_places),
        _section("payments", data.payments),
        _section("certificates", data.certificates),
        _section("history", account.history),
        _section("changes_by_staff", data.changes_by_staff),
    ]


def _section(name: str, rows: tuple[Any, ...]) -> Section:
    return Section(_label(name), [_record(row) for row in rows])


def _record(row: Any) -> Record:
    record = Record([], [])
    for field in fields(row):
        value = getattr(row, field.name)
        if isinstance(value, tuple) and all(map(is_dataclass, value)):
            if value:
                record.parts.append(_section(field.name, value))
        elif value not in (None, ""):
            record.facts.append((_label(field.name), _in_words(row, field.name, value)))
    return record


def _label(name: str) -> str:
    return str(LABELS[name])


def _in_words(row: Any, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return moment(value)
    if name.endswith("_minor"):
        return format_money(value, row.currency)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(WORDS.get(value, value))
