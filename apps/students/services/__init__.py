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
from apps.students.services.removal import (
    forget_history,
    forget_partings,
    forget_sessions,
    lock_account,
    remove_student,
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
    "forget_history",
    "forget_partings",
    "forget_sessions",
    "issue_token",
    "lock_account",
    "rebuild_history",
    "register_student",
    "remove_student",
    "request_sign_up",
]
