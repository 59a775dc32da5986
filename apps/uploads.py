"""Look into uploaded files: what they are is said by their bytes, never by their names."""

from __future__ import annotations

from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from foundation.pictures import redraw

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
SIGNATURES: dict[str, tuple[bytes, ...]] = {
    **dict.fromkeys((".zip", ".docx", ".xlsx", ".pptx", ".xlsm", ".hwpx", ".odt", ".ods"), ZIP),
    **dict.fromkeys((".doc", ".xls", ".ppt", ".hwp"), OLE),
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".webp": (b"RIFF",),
    ".mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
}
TEXTS = frozenset(
    ".bas .c .cpp .css .csv .go .ipynb .java .js .json .md .py .r .rs .sql .srt .toml .ts .tsv .txt"
    " .vtt .yaml .yml".split()
)
ENCODINGS = ("utf-8-sig", "cp949")
HEAD_BYTES = 1024
CHECKED_TEXT_BYTES = 1024 * 1024


def refuse_unlike_its_name(file: UploadedFile) -> None:
    """Raise ValidationError for a kind that is not taken, or one that the bytes contradict.

    Pages and drawings that browsers run (HTML, SVG, XML) are no kind that is taken.
    """
    suffix = PurePath(file.name or "").suffix.lower()
    head = _head(file)
    if suffix == ".mp4":
        fits = head[4:8] == b"ftyp"
    elif suffix in SIGNATURES:
        fits = head.startswith(SIGNATURES[suffix])
    elif suffix in TEXTS:
        fits = _is_text(file)
    else:
        kinds = ", ".join(sorted({".mp4", *SIGNATURES, *TEXTS}))
        raise ValidationError(
            _("Choose a file of one of these kinds: %(kinds)s.") % {"kinds": kinds}
        )
    if not fits:
        message = _("The content of this file is not what its name ending in %(suffix)s says.")
        raise ValidationError(message % {"suffix": suffix})


def drawn_anew(picture: UploadedFile) -> UploadedFile:
    """Return the picture with its pixels only: nothing hidden in it or behind it is kept.

    It is upright, in sRGB, and keeps its transparency; of several pictures (MPO) it is the first.
    The caller has checked its size. Raises ValidationError when it cannot be decoded to its end.
    """
    try:
        picture.seek(0)
        drawn = redraw(picture)
    except (OSError, SyntaxError, ValueError) as error:
        raise ValidationError(_("This picture is damaged. Choose another.")) from error
    picture.file, picture.size = drawn, drawn.getbuffer().nbytes
    return picture


def _head(file: UploadedFile) -> bytes:
    file.seek(0)
    head: bytes = file.read(HEAD_BYTES)
    file.seek(0)
    return head


def _is_text(file: UploadedFile) -> bool:
    file.seek(0)
    start: bytes = file.read(CHECKED_TEXT_BYTES)
    file.seek(0)
    return b"\x00" not in start and any(_decodes(start, encoding) for encoding in ENCODINGS)


def _decodes(start: bytes, encoding: str) -> bool:
    """A character that the end cuts in two is no fault."""
    try:
        start.decode(encoding)
    except UnicodeDecodeError as error:
        return len(start) == CHECKED_TEXT_BYTES and error.start >= len(start) - 4
    return True
