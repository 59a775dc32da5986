"""The people, and the history that each of them looks back on."""

from apps.students.models.email_change import EmailChange
from apps.students.models.history import HistoryEntry, TimelineEntry
from apps.students.models.mail import MailStatus, MailSwitch, SentEmail
from apps.students.models.parting import Parting
from apps.students.models.staff_setup import StaffSetupLink
from apps.students.models.tokens import MAX_TOKEN_NAME_LENGTH, TokenDetail, VerifiedToken
from apps.students.models.tries import TryCount, TryPurpose
from apps.students.models.user import NOWHERE, User, UserManager
from apps.students.models.waiting import WaitingPlace

__all__ = [
    "MAX_TOKEN_NAME_LENGTH",
    "NOWHERE",
    "EmailChange",
    "HistoryEntry",
    "MailStatus",
    "MailSwitch",
    "Parting",
    "SentEmail",
    "StaffSetupLink",
    "TimelineEntry",
    "TokenDetail",
    "TryCount",
    "TryPurpose",
    "User",
    "UserManager",
    "VerifiedToken",
    "WaitingPlace",
]
