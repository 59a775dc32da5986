"""Send uploaded files so that they cannot act for the site, whatever their bytes are.

They come from ``/files/``, a path of their own, or from FILES_ORIGIN, a host of their own that no
cookie of the site is sent to: who may read a file is decided before, and the address that is handed
out says so for a short time. Every file is a download that browsers neither show, guess nor run.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.core import signing
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.urls import reverse
from django.views.decorators.http import require_safe

SALT = "apps.serving"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none';"
    " base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-site",
}


def address_of(stored_name: str, *, shown_as: str = "") -> str:
    """Return where the file can be fetched for FILES_LINK_SECONDS, by whoever is told.

    It is downloaded as ``shown_as``, else under the name that it is stored under.
    """
    names = [stored_name, shown_as or PurePath(stored_name).name]
    signed = signing.dumps(names, salt=SALT, compress=True)
    path = reverse("file", args=[signed, PurePath(stored_name).name])
    return str(settings.FILES_ORIGIN) + path


def attachment(file: IO[Any] | Any, *, name: str, content_type: str = "") -> FileResponse:
    """Return the file as a download: not shown as a page, not guessed at, with no script to run."""
    kind = content_type or "application/octet-stream"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=kind)
    for header, value in HEADERS.items():
        response.headers[header] = value
    return response


@require_safe
def file(request: HttpRequest, signed: str, name: str) -> FileResponse:
    """Send what the address was signed for, under the name it has. Raises Http404."""
    try:
        stored_name, shown_as = signing.loads(
            signed, salt=SALT, max_age=settings.FILES_LINK_SECONDS
        )
        opened = default_storage.open(stored_name)
    except (signing.BadSignature, FileNotFoundError) as error:
        raise Http404("This address is no longer good. Open the file from its page.") from error
    response = attachment(opened, name=shown_as)
    response.headers["Cache-Control"] = "private, no-store"
    return response
