"""One student's taking of one course, and the waiting for a seat in a full one."""

from apps.lectures.models.enrollment import (
    LIVE,
    Enrollment,
    EnrollmentStatus,
    LessonProgress,
    NotPaid,
    Review,
    payment_reference,
)
from apps.lectures.models.reminder import Reminder, ReminderKind
from apps.lectures.models.waiting_list import WAITS, WaitingListEntry, WaitingStatus

__all__ = [
    "LIVE",
    "WAITS",
    "Enrollment",
    "EnrollmentStatus",
    "LessonProgress",
    "NotPaid",
    "Reminder",
    "ReminderKind",
    "Review",
    "WaitingListEntry",
    "WaitingStatus",
    "payment_reference",
]
