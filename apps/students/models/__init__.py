"""The people, and the history that each of them looks back on."""

from apps.students.models.history import HistoryEntry, TimelineEntry
from apps.students.models.mail import MailStatus, MailSwitch, SentEmail
from apps.students.models.parting import Parting
from apps.students.models.staff_setup import StaffSetupLink
from apps.students.models.tokens import VerifiedToken
from apps.students.models.tries import TryCount, TryPurpose
from apps.students.models.user import User, UserManager
from apps.students.models.waiting import WaitingPlace

__all__ = [
    "HistoryEntry",
    "MailStatus",
    "MailSwitch",
    "Parting",
    "SentEmail",
    "StaffSetupLink",
    "TimelineEntry",
    "TryCount",
    "TryPurpose",
    "User",
    "UserManager",
    "VerifiedToken",
    "WaitingPlace",
]
