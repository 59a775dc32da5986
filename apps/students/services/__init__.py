"""Commands on students and on their history."""

from apps.students.services.accounts import (
    change_account,
    choose_language,
    confirm_address,
    find_student_by_address,
    register_student,
    request_sign_up,
)
from apps.students.services.history import (
    Difference,
    apply_to_history,
    find_history_differences,
    rebuild_history,
)
from apps.students.services.mail import (
    MailCannotBeSentAgain,
    StillBeingSent,
    ask_for_mail_again,
    may_be_asked_for_again,
    send_account_mail,
    send_mail_again,
    send_mail_once,
)
from apps.students.services.mail_switches import (
    choose_mail_switches,
    is_switched_off,
    list_wanted_switches,
    read_unsubscribe_token,
    switch_off,
)
from apps.students.services.tokens import IssuedToken, LogInRefused, issue_token
from apps.students.services.waiting import apply_to_places

__all__ = [
    "Difference",
    "IssuedToken",
    "LogInRefused",
    "MailCannotBeSentAgain",
    "StillBeingSent",
    "apply_to_history",
    "apply_to_places",
    "ask_for_mail_again",
    "change_account",
    "choose_language",
    "choose_mail_switches",
    "confirm_address",
    "find_history_differences",
    "find_student_by_address",
    "is_switched_off",
    "issue_token",
    "list_wanted_switches",
    "may_be_asked_for_again",
    "read_unsubscribe_token",
    "rebuild_history",
    "register_student",
    "request_sign_up",
    "send_account_mail",
    "send_mail_again",
    "send_mail_once",
    "switch_off",
]
