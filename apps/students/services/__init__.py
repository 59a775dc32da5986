"""Commands on students and on their history."""

from apps.students.services.accounts import (
    change_account,
    choose_language,
    register_student,
    request_sign_up,
)
from apps.students.services.history import (
    Difference,
    apply_to_history,
    find_history_differences,
    rebuild_history,
)
from apps.students.services.tokens import IssuedToken, LogInRefused, issue_token
from apps.students.services.waiting import apply_to_places

__all__ = [
    "Difference",
    "IssuedToken",
    "LogInRefused",
    "apply_to_history",
    "apply_to_places",
    "change_account",
    "choose_language",
    "find_history_differences",
    "issue_token",
    "rebuild_history",
    "register_student",
    "request_sign_up",
]
