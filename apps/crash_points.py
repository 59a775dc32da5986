"""Named places where a process may die or freeze, so that tests make it so at each, one by one.

A point is armed by a file of its name in CRASH_POINTS_DIR. Whoever reaches it first takes the file,
which then bears its process id, and dies as by ``kill -9``; where the file holds ``freeze``, it
stands still until it is continued, as on a machine that is paused. Without that setting, as always
in production, reaching does nothing.
"""

import os
import signal
from enum import StrEnum
from pathlib import Path

from django.conf import settings

FREEZE = "freeze"


class CrashPoint(StrEnum):
    SEAT_TAKEN = "seat_taken"
    """A seat is taken and the enrollment written; nothing is committed."""
    CHARGE_BEGUN = "charge_begun"
    """``processing`` is committed; the gateway has not heard of the charge."""
    CHARGE_CAPTURED = "charge_captured"
    """The gateway has answered and may have the money; our books do not know."""
    CHARGE_BOOKED = "charge_booked"
    """The payment is approved; the payer has had no answer."""
    WITHDRAWAL_HALFWAY = "withdrawal_halfway"
    """One enrollment of a withdrawn course is cancelled; the others are not."""
    REFUND_MADE = "refund_made"
    """The gateway has given the money back; our books do not know."""
    BULK_ITEM_DONE = "bulk_item_done"
    """An item of a bulk job is carried out and committed; the job does not know."""
    POST_DONE = "post_done"
    """A POST under an Idempotency-Key has done its work; its answer is not kept."""
    CERTIFICATE_WRITTEN = "certificate_written"
    """The certificate's row is written; its event is not."""
    DELIVERY_HANDLED = "delivery_handled"
    """A handler has run to its end; its delivery does not say so."""
    REMOVAL_HALFWAY = "removal_halfway"
    """One enrollment of an account to be removed is cancelled; the account is still there."""
    MAIL_HANDED_OVER = "mail_handed_over"
    """The mail server has taken the e-mail; our books do not know."""


def reach(point: CrashPoint) -> None:
    """Die or freeze here if the point is armed."""
    if not settings.CRASH_POINTS_DIR:
        return
    armed = Path(settings.CRASH_POINTS_DIR) / point
    try:
        how = armed.rename(armed.with_name(f"{point}.{os.getpid()}")).read_text()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGSTOP if how == FREEZE else signal.SIGKILL)
