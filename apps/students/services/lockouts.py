"""Tell the owners of accounts that the log-in was locked."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.events.services import publish
from apps.students.events import LogInLocked
from apps.students.models import TryCount, TryPurpose
from foundation.batches.services import run_each

QUIET = timedelta(hours=1)
"""An owner is told at most once in this time, however many addresses are tried from."""
TOLD_OF = [TryPurpose.LOG_IN, TryPurpose.LOG_IN_ACCOUNT, TryPurpose.CODE]


def tell_of_lockouts() -> int:
    """Publish LogInLocked for each account that was locked and whose owner is not told yet.

    By a periodic task and not by the try that locks: it would take longer where there is an owner.
    """
    now = timezone.now()
    told = TryCount.objects.filter(told_at__gt=now - QUIET, user__isnull=False).values("user_id")
    untold = TryCount.objects.locked().filter(purpose__in=TOLD_OF, user__isnull=False)
    untold = untold.exclude(user_id__in=told)

    def tell(owner_id: int) -> bool:
        with transaction.atomic():
            locked = untold.select_for_update(skip_locked=True, of=("self",))
            row = locked.filter(user_id=owner_id).order_by("pk").last()
            if row is None:
                return False
            TryCount.objects.filter(pk=row.pk).update(told_at=now)
            publish(LogInLocked(student_id=owner_id, locked_until=row.until.isoformat()))
        return True

    owners = list(untold.order_by("user_id").values_list("user_id", flat=True).distinct())
    return run_each(batch="students.tell_of_lockouts", keys=owners, step=tell).done
