"""Upload a file, see what it would do, and go on to the bulk job that does it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.refusals import InvalidInput, NotFound, Refusal
from elearning.bulk.kinds import may_run
from elearning.imports.carrying_out import STUDENTS, kind_for
from elearning.imports.checking import check_rows
from elearning.imports.decoding import ENCODINGS, FIELD, is_certain, recognize
from elearning.imports.forms import ImportForm, keep
from elearning.imports.reading import read_rows, sample
from elearning.imports.services import draft_import, get_content
from elearning.spreadsheet import csv_response
from foundation.limits.jobs import one_at_a_time


@one_at_a_time("import")
def upload(request: HttpRequest) -> HttpResponseBase:
    """Show the form; on POST draw up the dry run as the draft of a bulk job.

    A file whose encoding is in doubt is shown first as it reads in each: nothing is planned before
    somebody has chosen one.
    """
    if not may_run(request.user, STUDENTS):
        raise PermissionDenied
    is_sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if is_sent else ImportForm()
    if is_sent and form.is_valid():
        try:
            return _go_on(request, form.cleaned_data["content"], form.cleaned_data["encoding"])
        except InvalidInput as invalid:
            form.add_error(FIELD, str(invalid))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    status, page = (400 if form.errors else 200), _page(request, form)
    return TemplateResponse(request, "admin/imports/upload.html", page, status=status)


def _go_on(request: HttpRequest, content: bytes, encoding: str) -> HttpResponse:
    encodings = [encoding] if encoding else recognize(content)
    if not encoding and not is_certain(encodings):
        return _ask_encoding(request, content, encodings)
    return _lead_to(_draw_up(request, content, encodings[0]))


@require_POST
@one_at_a_time("import")
def read_again(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Draw the draft up anew from its file, read in another encoding.

    Where the file cannot be read so, the draft stays as it is, with the reason.
    """
    if not may_run(request.user, STUDENTS):
        raise PermissionDenied
    encoding = request.POST.get("encoding", "")
    try:
        content = get_content(job_id=pk, started_by_id=request.user.pk or 0)
        if encoding not in ENCODINGS:
            raise InvalidInput("encoding", _("Choose an encoding."))
        return _lead_to(_draw_up(request, content, encoding, replaced_id=pk))
    except NotFound as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("desk_import"))
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _lead_to(pk)


def _lead_to(job_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:elearning_bulkjob_change", args=[job_id]))


def _ask_encoding(request: HttpRequest, content: bytes, encodings: list[str]) -> HttpResponse:
    """Show the first rows as they read in each encoding, to choose the one that reads right."""
    readings = [
        {"encoding": name, "label": ENCODINGS[name], "rows": sample(content, name)}
        for name in encodings
    ]
    page = _page(request, ImportForm()) | {"readings": readings, "kept": keep(content)}
    return TemplateResponse(request, "admin/imports/encoding.html", page)


def _draw_up(
    request: HttpRequest, content: bytes, encoding: str, replaced_id: int | None = None
) -> int:
    rows = read_rows(content, encoding)
    kind = kind_for([row.values for row in rows])
    if not may_run(request.user, kind):
        message = _(
            "You may register students, but not enroll them or book payments. Leave those columns"
            " out, or ask an administrator for the rights."
        )
        raise InvalidInput(FIELD, message)
    return draft_import(
        kind=kind,
        started_by_id=request.user.pk or 0,
        items=check_rows(rows, now=timezone.now()),
        content=content,
        encoding=encoding,
        replaced_id=replaced_id,
    )


def _page(request: HttpRequest, form: ImportForm) -> dict[str, Any]:
    return {
        **admin.site.each_context(request),
        "title": _("Import students and enrollments"),
        "form": form,
        "columns": _columns(),
    }


def _columns() -> list[tuple[str, str]]:
    """Return how the columns are called in the reader's language, and what they mean."""
    return [
        (_("email"), _("Needed. Whose account it is; a known one is not changed.")),
        (_("name"), _("Needed for a new student, as it shall stand on certificates.")),
        (
            _("name in Latin letters"),
            _("As in the passport, such as HONG GILDONG. May be left empty."),
        ),
        (_("language"), _("ko or en, of the e-mails. Left empty, the school's own.")),
        (_("course"), _("The last part of the address of the course's page, to enroll there.")),
        (
            _("transfer reference"),
            _("What the bank's statement calls the transfer, to book the course as paid."),
        ),
    ]


def template(request: HttpRequest) -> HttpResponseBase:
    """Send an empty file with the headings."""
    if not may_run(request.user, STUDENTS):
        raise PermissionDenied
    return csv_response("students.csv", header=[name for name, _meaning in _columns()], rows=[])
