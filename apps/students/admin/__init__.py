"""People and what was written to them, at the desk."""

from apps.students.admin.mail import SentEmailAdmin
from apps.students.admin.people import GroupAdmin, UserAdmin

__all__ = ["GroupAdmin", "SentEmailAdmin", "UserAdmin"]
