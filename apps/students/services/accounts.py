"""Sign students up. No answer tells whether an e-mail address has an account already."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.events.services import publish
from apps.refusals import InvalidInput, NotFound, Refusal
from apps.students.address import client_address
from apps.students.events import StudentConfirmed, StudentInvited, StudentRegistered
from apps.students.models import NOWHERE, EmailChange, User
from apps.students.services.email_changes import record_email_change
from apps.students.services.links import mail_link, password_url
from apps.students.services.second_factor import sign_out_everywhere
from apps.students.services.tries import count_sign_up
from foundation.email_addresses import normalize_email, normalize_email_or_keep
from foundation.inserts import insert_each_unless_exists, insert_unless_exists


def register_student(*, user: User) -> None:
    """Save a new user. Publishes StudentRegistered. Raises EmailTaken for a known address."""
    with transaction.atomic():
        if not insert_unless_exists(user):
            raise EmailTaken()
        user.forget_raw_password()
        publish(
            StudentRegistered(
                student_id=user.pk,
                language=user.language,
                registered_at=timezone.now().isoformat(),
            )
        )


def confirm_address(*, student_id: int, confirm: Callable[[], bool]) -> bool:
    """Confirm an address by ``confirm`` and return its answer.

    Publishes StudentConfirmed for the first address of an account, EmailChanged for another.
    """
    with transaction.atomic():
        known = EmailAddress.objects.filter(user_id=student_id, verified=True).exists()
        before = User.objects.values_list("email", flat=True).get(pk=student_id)
        confirmed = confirm()
        if known and not User.objects.filter(pk=student_id, email=before).exists():
            record_email_change(user_id=student_id, old_email=before)
        if confirmed and not known:
            at = timezone.now().isoformat()
            publish(StudentConfirmed(student_id=student_id, confirmed_at=at))
    return confirmed


def find_student_by_address(*, email: str) -> User | None:
    """Return whose address it is; one that only waits for its confirmation is nobody's."""
    address = EmailAddress.objects.filter(
        email=normalize_email_or_keep(email), verified=True
    ).first()
    if address is not None:
        return User.objects.get(pk=address.user_id)
    return User.objects.filter(email=email).first()


def replace_email(*, user_id: int, email: str) -> None:
    """Give an account another address, to be confirmed, and sign it out everywhere.

    Raises NotFound, EmailTaken.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=user_id, removed_at=None).first()
        if user is None:
            raise NotFound(_("There is no such account."))
        if _is_known(email):
            raise EmailTaken()
        EmailAddress.objects.filter(user=user).delete()
        EmailAddress.objects.create(user=user, email=email, primary=True)
        user.email = email
        user.save(update_fields=["email"])
        sign_out_everywhere(user_id=user_id)


class EmailTaken(Refusal):
    """Said to staff only: no answer to a stranger tells whether an address has an account."""

    code = "email_taken"
    message = _("This address has an account already.")


@dataclass(frozen=True, kw_only=True)
class Invitee:
    """Somebody whom the school registers."""

    email: str
    name: str
    latin_name: str
    language: str


def invite_student(*, invitee: Invitee) -> tuple[int, bool]:
    """Register who has no account yet; an e-mail asks to choose a password.

    Returns the student's id, and whether the account is new; a known one is left as it is.
    Publishes StudentRegistered and StudentInvited.
    """
    return invite_students(invitees=[invitee])[0]


def invite_students(*, invitees: Sequence[Invitee]) -> list[tuple[int, bool]]:
    """Register those of the many who have no account yet, as ``invite_student`` does one.

    All or nothing, in as many queries for a hundred as for one.
    """
    emails = [normalize_email(invitee.email) for invitee in invitees]
    with transaction.atomic():
        known = _ids_by_email(emails)
        fresh = {
            email: invitee
            for email, invitee in zip(emails, invitees, strict=True)
            if email not in known
        }
        registered = _register_invited(fresh) if fresh else {}
        known |= registered if len(registered) == len(fresh) else _ids_by_email(emails)
    return [
        (known[email], email in registered and emails.index(email) == place)
        for place, email in enumerate(emails)
    ]


def _ids_by_email(emails: Sequence[str]) -> dict[str, int]:
    return dict(User.objects.filter(email__in=emails).values_list("email", "pk"))


def _register_invited(fresh: dict[str, Invitee]) -> dict[str, int]:
    """Return the ids of the new students by address, without those who just signed up."""
    users = insert_each_unless_exists(
        [
            User(
                email=email,
                name=invitee.name,
                latin_name=invitee.latin_name,
                language=invitee.language,
                password=make_password(None),
            )
            for email, invitee in fresh.items()
        ]
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, primary=True) for user in users
    )
    now = timezone.now().isoformat()
    publish(
        *(
            StudentRegistered(student_id=user.pk, language=user.language, registered_at=now)
            for user in users
        ),
        *(StudentInvited(student_id=user.pk) for user in users),
    )
    return {user.email: user.pk for user in users}


def send_invitation(*, student_id: int, reason: str) -> None:
    """Ask an invited student, once for the reason, to choose a password, unless one is chosen.

    The link is made as it is sent and never kept. Raises what keeps the mail server from taking it.
    """
    student = User.objects.get(pk=student_id)
    if student.has_usable_password() or not student.is_active:
        return
    mail_link(student=student, kind="invited", reason=reason, password_url=password_url(student))


def invite_new_student(*, user: User) -> None:
    """Save a new user without a password; an e-mail asks to choose one.

    Publishes StudentRegistered and StudentInvited. Raises EmailTaken for a known address.
    """
    user.set_unusable_password()
    with transaction.atomic():
        register_student(user=user)
        EmailAddress.objects.create(user=user, email=user.email, primary=True)
        publish(StudentInvited(student_id=user.pk))


def change_account(*, user: User) -> None:
    """Save what students may change of themselves: names, language and time zone."""
    user.save(update_fields=["name", "latin_name", "language", "time_zone"])


def choose_language(*, student_id: int, language: str) -> None:
    """Keep the language in which the student reads pages and gets e-mails."""
    User.objects.filter(pk=student_id).update(language=language)


def request_sign_up(
    *,
    request: HttpRequest,
    email: str,
    password: str,
    name: str,
    language: str,
    latin_name: str = "",
) -> None:
    """Sign up, or tell the owner of a known address by e-mail; the caller cannot see which.

    Raises InvalidInput for a weak password, TooManyTries.
    """
    user = User(email=email, name=name, latin_name=latin_name, language=language)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput("password", error.messages[0]) from error
    count_sign_up(email=email, address=client_address(request))
    user.set_password(password)
    if address := sign_up(user=user):
        address.send_confirmation(request, signup=True)
    else:
        get_adapter(request).send_account_already_exists_mail(email)


def sign_up(*, user: User) -> EmailAddress | None:
    """Register a user, and return the address to be confirmed; None where it is known already.

    The work is the same either way: for a known address a stand-in is registered and rolled back,
    so that neither the time nor the number of statements tells which it was.
    """
    is_free = not _is_known(user.email)
    if not is_free:
        user.email = f"{secrets.token_hex(16)}@{NOWHERE}"
    with transaction.atomic():
        is_registered = insert_unless_exists(user)
        user.forget_raw_password()
        publish(
            StudentRegistered(
                student_id=user.pk,
                language=user.language,
                registered_at=timezone.now().isoformat(),
            )
        )
        address = EmailAddress(user=user, email=user.email, primary=True)
        if is_registered:
            address.save()
        is_done = is_free and is_registered
        transaction.set_rollback(not is_done)
    return address if is_done else None


def _is_known(email: str) -> bool:
    """Return whether the address has an account, or had one until its owner may still undo that."""
    verified = EmailAddress.objects.filter(email=email, verified=True)
    given_up = EmailChange.objects.open().filter(old_email=email)
    known = Q(email=email) | Q(Exists(verified)) | Q(Exists(given_up))
    return User.objects.filter(known).exists()


def send_sign_up_mail_again(*, request: HttpRequest, email: str) -> None:
    """Send what sign-up sent once more: the link, or that the address has an account already."""
    address = EmailAddress.objects.filter(email=email).order_by("-verified").first()
    if address is None or address.verified:
        get_adapter(request).send_account_already_exists_mail(email)
    else:
        address.send_confirmation(request, signup=True)
