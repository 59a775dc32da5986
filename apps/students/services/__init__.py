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
from apps.students.services.lockouts import tell_of_lockouts
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
    "MailCannotBeSentAgain",
    "StillBeingSent",
    "apply_to_history",
    "apply_to_places",
    "ask_for_mail_again",
    "change_account",
    "choose_language",
    "choose_mail_switches",
    "confirm_address",
    "count_code",
    "count_log_in",
    "count_password_reset",
    "count_sign_up",
    "find_history_differences",
    "find_student_by_address",
    "forget_old_tries",
    "forgive",
    "is_switched_off",
    "issue_token",
    "lift_lockout",
    "list_wanted_switches",
    "may_be_asked_for_again",
    "may_send_confirmation",
    "read_unsubscribe_token",
    "rebuild_history",
    "register_student",
    "request_sign_up",
    "send_account_mail",
    "send_mail_again",
    "send_mail_once",
    "spend_code",
    "switch_off",
    "tell_of_lockouts",
]
