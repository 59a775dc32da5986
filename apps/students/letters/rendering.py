"""A letter as text and as HTML, in the reader's language and time zone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from apps.students.letters.kinds import Kind
from apps.students.letters.letter import Attachment, Letter


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads: ``name`` may be empty.

    ``unsubscribe_url`` is where a reminder is switched off without logging in.
    """

    name: str
    language: str
    zone: tzinfo
    unsubscribe_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]


def render(kind: Kind, reader: Reader, facts: dict[str, Any]) -> Rendered:
    """Return the e-mail of this kind that tells the reader these facts."""
    with translation.override(reader.language), timezone.override(reader.zone):
        letter = _in_lines(kind.write(**facts))
        context = {
            "letter": letter,
            "name": one_line(reader.name) if letter.greets else "",
            "school_name": settings.SCHOOL_NAME,
            "site_url": settings.SITE_URL,
            "language": reader.language,
            "switch": kind.switch,
            "unsubscribe_url": reader.unsubscribe_url if kind.switch else "",
        }
        return Rendered(
            subject=letter.subject,
            text=render_to_string("mail/letter.txt", context).strip() + "\n",
            html=render_to_string("mail/letter.html", context),
            attachments=letter.attachments,
        )


def _in_lines(letter: Letter) -> Letter:
    """Return the letter with each of its texts on one line, so that no title makes up another."""
    return replace(
        letter,
        subject=one_line(letter.subject),
        paragraphs=tuple(map(one_line, letter.paragraphs)),
        facts=tuple((label, one_line(value)) for label, value in letter.facts),
        closing=tuple(map(one_line, letter.closing)),
    )


def one_line(text: str) -> str:
    """Return the text without line breaks: a title may hold what no header may."""
    return " ".join(text.split())
