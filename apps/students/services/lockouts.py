"""Tell the owners of accounts that the log-in was locked."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.events.services import publish
from apps.students.events import LogInLocked
from apps.students.models import TryCount, TryPurpose

QUIET = timedelta(hours=1)
"""An owner is told at most once in this time, however many addresses are tried from."""
TOLD_OF = [TryPurpose.LOG_IN, TryPurpose.LOG_IN_ACCOUNT, TryPurpose.CODE]


def tell_of_lockouts() -> int:
    """Publish LogInLocked for each account that was locked and whose owner is not told yet.

    By a periodic task and not by the try that locks: it would take longer where there is an owner.
    """
    now = timezone.now()
    told = TryCount.objects.filter(told_at__gt=now - QUIET, user__isnull=False).values("user_id")
    with transaction.atomic():
        untold = TryCount.objects.locked().filter(purpose__in=TOLD_OF, user__isnull=False)
        rows = untold.exclude(user_id__in=told).select_for_update(skip_locked=True, of=("self",))
        owners = {row.user_id: row for row in rows if row.user_id}
        TryCount.objects.filter(pk__in=[row.pk for row in owners.values()]).update(told_at=now)
        for owner_id, row in owners.items():
            publish(LogInLocked(student_id=owner_id, locked_until=row.until.isoformat()))
    return len(owners)
