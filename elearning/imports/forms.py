"""The file to import, and the encoding that it is in."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from typing import Any

from django import forms
from django.core.signing import BadSignature, TimestampSigner
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from elearning.imports.decoding import ENCODINGS, FIELD, MAX_BYTES

MAX_AGE_SECONDS = 3600
_SALT = "elearning.imports.kept"


class ImportForm(forms.Form):
    """A file, or the one of the page before, which ``kept`` carries along, signed."""

    file = forms.FileField(
        label=_("CSV file"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt"}),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=[("", _("Recognize it, and ask where it is in doubt")), *ENCODINGS.items()],
        widget=UnfoldAdminSelectWidget(),
        help_text=_("How the program that wrote the file stored its letters."),
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if file := cleaned.get("file"):
            cleaned["content"] = file.read(MAX_BYTES + 1)
        elif cleaned.get("kept"):
            cleaned["content"] = self._open(cleaned["kept"])
        elif FIELD not in self.errors:
            self.add_error(FIELD, _("Choose a file."))
        return cleaned

    def _open(self, kept: str) -> bytes:
        try:
            packed = TimestampSigner(salt=_SALT).unsign(kept, max_age=MAX_AGE_SECONDS)
        except BadSignature:
            self.add_error(FIELD, _("This took too long. Choose the file again."))
            return b""
        return zlib.decompress(b64decode(packed))


def keep(content: bytes) -> str:
    """Return the file as a hidden field carries it to the next step; nothing of it is stored."""
    return TimestampSigner(salt=_SALT).sign(b64encode(zlib.compress(content)).decode())
