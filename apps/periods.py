"""A stretch of time that numbers are counted over, cut into units, beside the stretch before it.

Mechanism, not rules: the contexts' queries group by it. Knows no context.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Case, DateTimeField, F, Q, When
from django.db.models.functions import Trunc

Bucket = datetime | None
"""When a unit of the period starts; None is the whole of the stretch before."""


@dataclass(frozen=True)
class Period:
    """From ``starts_at`` up to ``ends_at``, excluded; ``unit`` is hour, day, week or month.

    ``earlier_starts_at`` and ``earlier_ends_at`` bound what it is compared with.
    """

    starts_at: datetime
    ends_at: datetime
    earlier_starts_at: datetime
    earlier_ends_at: datetime
    unit: str
    zone: ZoneInfo

    def covers(self, field: str) -> Q:
        """Return the condition that the field lies in the period or in the stretch before."""
        return self._within(field, self.starts_at, self.ends_at) | self._within(
            field, self.earlier_starts_at, self.earlier_ends_at
        )

    def bucket(self, field: str) -> Trunc:
        """Return the expression of the unit that the field falls into, NULL in the stretch before.

        Weeks start on Monday, so the first unit may start before the period.
        """
        current = self._within(field, self.starts_at, self.ends_at)
        inside = Case(When(current, then=F(field)), output_field=DateTimeField())
        return Trunc(inside, self.unit, tzinfo=self.zone)

    def _within(self, field: str, start: datetime, end: datetime) -> Q:
        return Q(**{f"{field}__gte": start, f"{field}__lt": end})
