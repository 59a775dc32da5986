"""Let the demo school have a past: services read the clock at their edge, and here it is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Make ``timezone.now()`` say ``moment`` inside the block, in this process only."""
    with patch("django.utils.timezone.now", return_value=moment):
        yield
