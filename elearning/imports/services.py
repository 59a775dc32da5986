"""Draft an import from a file, and draft it again where the file was read wrong."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy

from apps.desk import Text
from apps.refusals import NotFound
from elearning.bulk.kinds import BulkKind
from elearning.bulk.models import BulkStatus
from elearning.bulk.services import NewItem, discard_draft, draft_job
from elearning.imports.decoding import ENCODINGS, list_fitting
from elearning.imports.models import ImportedFile
from elearning.imports.reading import sample


class FileIsGone(NotFound):
    code = "import_file_gone"
    message = gettext_lazy("This import has been started or discarded. Choose the file again.")

    def __init__(self) -> None:
        super().__init__(self.message)


@dataclass(frozen=True)
class Reading:
    """How a file was read: its encoding, the heading, the first records, and what else fits."""

    label: Text
    heading: Sequence[str]
    rows: Sequence[Sequence[str]]
    others: Sequence[tuple[str, Text]]


def draft_import(
    *,
    kind: BulkKind,
    started_by_id: int,
    items: Sequence[NewItem],
    content: bytes,
    encoding: str,
    replaced_id: int | None = None,
) -> int:
    """Draft the job and keep the file with it; discard the draft that it replaces.

    Raises TooManyItems, NotFound and BulkJobRefused.
    """
    with transaction.atomic():
        if replaced_id is not None:
            discard_draft(job_id=replaced_id)
        job_id = draft_job(kind=kind, started_by_id=started_by_id, items=items)
        packed = zlib.compress(content)
        ImportedFile.objects.create(job_id=job_id, content=packed, encoding=encoding)
    return job_id


def get_content(*, job_id: int, started_by_id: int) -> bytes:
    """Return the file of the user's own draft. Raises FileIsGone."""
    own = ImportedFile.objects.filter(
        job_id=job_id, job__started_by_id=started_by_id, job__status=BulkStatus.DRAFT
    )
    if (file := own.first()) is None:
        raise FileIsGone()
    return zlib.decompress(file.content)


def find_reading(job_id: int) -> Reading | None:
    """Return how the draft's file was read, for its page."""
    file = ImportedFile.objects.filter(job_id=job_id).first()
    if file is None:
        return None
    content = zlib.decompress(file.content)
    heading, *rows = sample(content, file.encoding)
    others = [name for name in list_fitting(content) if name != file.encoding]
    return Reading(
        label=ENCODINGS[file.encoding],
        heading=heading,
        rows=rows,
        others=[(name, ENCODINGS[name]) for name in others],
    )


def delete_file(job_id: int) -> None:
    """Delete the file of a job that starts: its items hold what is to be done."""
    ImportedFile.objects.filter(job_id=job_id).delete()
