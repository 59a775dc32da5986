"""Mend many rows, each on its own: one that cannot be mended does not keep the others from it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model

Row = TypeVar("Row", bound=Model)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mended:
    """How many rows were mended, and which ones failed, such as ``charge 7: ValueError(…)``."""

    count: int
    failed: list[str]


def mend_each(rows: Iterable[Row], mend: Callable[[Row], bool]) -> Mended:
    """Call ``mend``, which opens a transaction of its own, on every row; note and log failures."""
    count, failed = 0, []
    for row in rows:
        try:
            count += mend(row)
        except Exception as error:
            logger.exception("%s %s could not be mended", row._meta.verbose_name, row.pk)
            failed.append(f"{row._meta.model_name} {row.pk}: {error!r}")
    return Mended(count, failed)
