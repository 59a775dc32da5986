"""How a person reads: in which language and which time zone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone, translation

from apps.students.models import User


@contextmanager
def as_read_by(student: User) -> Iterator[None]:
    """Write what follows in the student's language, and its times in the student's time zone."""
    with translation.override(student.language), timezone.override(student.zone):
        yield
