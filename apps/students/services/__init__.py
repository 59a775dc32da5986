"""Commands on students and on their history."""

from apps.students.services.accounts import register_student, request_sign_up
from apps.students.services.history import (
    Difference,
    apply_to_history,
    find_history_differences,
    rebuild_history,
)

__all__ = [
    "Difference",
    "apply_to_history",
    "find_history_differences",
    "rebuild_history",
    "register_student",
    "request_sign_up",
]
