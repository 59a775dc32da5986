"""The certificate as a PDF: the same facts give the same bytes, whoever asks and whenever."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

import segno
import typst
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.certification.models import Certificate
from apps.certification.queries import verify_url
from apps.refusals import Refusal
from foundation.printing.glyphs import FONTS, face_for, printable, prints_all_of

if TYPE_CHECKING:
    from typst import PDFStandard  # only its stub knows it

TEMPLATE = Path(__file__).with_name("certificate.typ")
INK = "#1b2a4e"
TITLE_ELSEWHERE = "과정명은 아래 확인 주소 참조 · Title: see the address below"

_compiling = Lock()
"""A compiler that two threads use at once raises "Already borrowed" (9 of 16 in a trial). Compiling
takes about 13 ms, so one after the other serves some 70 a second, and the fonts are loaded once."""


class NameCannotBePrinted(Refusal):
    code = "name_cannot_be_printed"
    message = _(
        "Our fonts lack the script of this name. Add it in Latin letters; then the certificate can"
        " be downloaded."
    )


def certificate_pdf(certificate: Certificate) -> bytes:
    """Return the certificate on A4, landscape, tagged for screen readers, with its fonts inside.

    Raises NameCannotBePrinted rather than print a mark in the place of a letter of the name.
    """
    if not certificate.printed_name:
        raise NameCannotBePrinted()
    return _compile(_facts(certificate), created_at=certificate.issued_at)


def _facts(certificate: Certificate) -> dict[str, str]:
    name = printable(certificate.printed_name)
    latin_name = printable(certificate.printed_below) if certificate.printed_below else ""
    title = _title(certificate)
    school = printable(settings.SCHOOL_NAME)
    address = verify_url(certificate)
    return {
        "code": certificate.code,
        "name": name,
        "name_face": face_for(name, preferred="NanumMyeongjo"),
        "latin_name": latin_name,
        "title": title,
        "title_face": face_for(title, preferred="Pretendard"),
        "school": school,
        "school_face": face_for(school, preferred="NanumMyeongjo"),
        "completed_on": _school_date(certificate.completed_at),
        "issued_on": _school_date(certificate.issued_at),
        "verify_url": address,
        "qr": _qr_code(address),
    }


def _title(certificate: Certificate) -> str:
    """Return the title, or where to read one of which no font has all letters: never a mark."""
    title = certificate.course_title
    return printable(title) if prints_all_of(title) else TITLE_ELSEWHERE


def _school_date(at: datetime) -> str:
    local = timezone.localtime(at, timezone.get_default_timezone())
    return f"{local.year}년 {local.month}월 {local.day}일"


def _qr_code(address: str) -> str:
    svg = BytesIO()
    segno.make(address, error="m", micro=False).save(svg, kind="svg", border=0, dark=INK)
    return svg.getvalue().decode()


def _compile(
    facts: dict[str, str], *, created_at: datetime, standards: list[PDFStandard] | None = None
) -> bytes:
    with _compiling:
        pdf = _compiler().compile(
            format="pdf",
            sys_inputs={"facts": json.dumps(facts)},
            timestamp=int(created_at.timestamp()),
            pdf_standards=standards,
        )
    return cast("bytes", pdf)


@cache
def _compiler() -> typst.Compiler:
    """Return this process's compiler, which sees our fonts and no others."""
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS]
    )
    return typst.Compiler(TEMPLATE, font_paths=fonts, ignore_system_fonts=True)
