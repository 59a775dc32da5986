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
from apps.students.services.lockouts import tell_of_lockouts
from apps.students.services.tokens import IssuedToken, LogInRefused, issue_token
from apps.students.services.tries import (
    CountedTry,
    count_code,
    count_log_in,
    count_password_reset,
    count_sign_up,
    forget_old_tries,
    forgive,
    lift_lockout,
    may_send_confirmation,
    spend_code,
)
from apps.students.services.waiting import apply_to_places

__all__ = [
    "CountedTry",
    "Difference",
    "IssuedToken",
    "LogInRefused",
    "apply_to_history",
    "apply_to_places",
    "change_account",
    "choose_language",
    "count_code",
    "count_log_in",
    "count_password_reset",
    "count_sign_up",
    "find_history_differences",
    "forget_old_tries",
    "forgive",
    "issue_token",
    "lift_lockout",
    "may_send_confirmation",
    "rebuild_history",
    "register_student",
    "request_sign_up",
    "spend_code",
    "tell_of_lockouts",
]
