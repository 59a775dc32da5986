"""What the school holds on a student as a PDF, in the reader's language and time zone."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, cast

import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.zones import moment
from elearning.own_data.held import OwnData
from elearning.own_data.sections import list_sections
from foundation.printing.glyphs import FONTS, printable

TEMPLATE = Path(__file__).with_name("own_data.typ")
_compiling = Lock()
"""Two threads cannot use one compiler at once, as with certificates."""


def own_data_pdf(data: OwnData) -> bytes:
    """Return all of the data on A4, tagged for screen readers, with its fonts inside."""
    facts = {
        "language": get_language() or "ko",
        "title": _("What %(school)s holds on you") % {"school": data.school},
        "lead": f"{data.account.profile.email} · {moment(data.taken_at)}",
        "none": _("Nothing is held here."),
        "page": _("Page"),
        "sections": [asdict(section) for section in list_sections(data)],
    }
    with _compiling:
        pdf = _compiler().compile(
            format="pdf",
            sys_inputs={"facts": json.dumps(_printable(facts))},
            timestamp=int(data.taken_at.timestamp()),
        )
    return cast("bytes", pdf)


def _printable(value: Any) -> Any:
    """Return the same with every text in characters that our fonts have."""
    if isinstance(value, str):
        return "\n".join(printable(line) if line.strip() else "" for line in value.splitlines())
    if isinstance(value, dict):
        return {key: _printable(each) for key, each in value.items()}
    return [_printable(each) for each in value]


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS]
    )
    return typst.Compiler(TEMPLATE, font_paths=fonts, ignore_system_fonts=True)
