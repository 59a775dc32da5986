"""Sign students up. No answer tells whether an e-mail address has an account already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils import timezone

from apps.events.services import publish
from apps.refusals import InvalidInput
from apps.students.address import client_address
from apps.students.events import StudentConfirmed, StudentInvited, StudentRegistered
from apps.students.models import User
from apps.students.services.links import mail_link, password_url
from apps.students.services.tries import count_sign_up


def register_student(*, user: User) -> None:
    """Save a new user. Publishes StudentRegistered. Raises IntegrityError for a known address."""
    with transaction.atomic():
        user.save()
        publish(
            StudentRegistered(
                student_id=user.pk,
                language=user.language,
                registered_at=timezone.now().isoformat(),
            )
        )


def confirm_address(*, student_id: int, confirm: Callable[[], bool]) -> bool:
    """Confirm an address by ``confirm`` and return its answer.

    Publishes StudentConfirmed for the first address of an account.
    """
    with transaction.atomic():
        known = EmailAddress.objects.filter(user_id=student_id, verified=True).exists()
        confirmed = confirm()
        if confirmed and not known:
            at = timezone.now().isoformat()
            publish(StudentConfirmed(student_id=student_id, confirmed_at=at))
    return confirmed


def find_student_by_address(*, email: str) -> User | None:
    """Return whose address it is; one that only waits for its confirmation is nobody's."""
    address = EmailAddress.objects.filter(email__iexact=email, verified=True).first()
    student_id = address.user_id if address else None
    return User.objects.filter(Q(pk=student_id) | Q(email__iexact=email)).first()


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
    try:
        return invite_students(invitees=[invitee])[0]
    except IntegrityError:  # signed up at the same moment
        return User.objects.get(email__iexact=invitee.email).pk, False


def invite_students(*, invitees: Sequence[Invitee]) -> list[tuple[int, bool]]:
    """Register those of the many who have no account yet, as ``invite_student`` does one.

    All or nothing, in as many queries for a hundred as for one. Raises IntegrityError where one of
    them signs up at the same moment.
    """
    emails = [invitee.email.lower() for invitee in invitees]
    with transaction.atomic():
        rows = User.objects.annotate(lower_email=Lower("email")).filter(lower_email__in=emails)
        known = dict(rows.values_list("lower_email", "pk"))
        fresh = {
            email: invitee
            for email, invitee in zip(emails, invitees, strict=True)
            if email not in known
        }
        known |= _register_invited(fresh)
    return [
        (known[email], email in fresh and emails.index(email) == place)
        for place, email in enumerate(emails)
    ]


def _register_invited(fresh: dict[str, Invitee]) -> dict[str, int]:
    users = User.objects.bulk_create(
        User(
            email=email,
            name=invitee.name,
            latin_name=invitee.latin_name,
            language=invitee.language,
            password=make_password(None),
        )
        for email, invitee in fresh.items()
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

    Publishes StudentRegistered and StudentInvited. Raises IntegrityError for a known address.
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
    user = User(email=email.lower(), name=name, latin_name=latin_name, language=language)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput("password", error.messages[0]) from error
    count_sign_up(email=email, address=client_address(request))
    user.set_password(password)
    try:
        with transaction.atomic():
            register_student(user=user)
            address = EmailAddress.objects.create(user=user, email=user.email, primary=True)
    except IntegrityError:
        get_adapter(request).send_account_already_exists_mail(email)
        return
    address.send_confirmation(request, signup=True)


def send_sign_up_mail_again(*, request: HttpRequest, email: str) -> None:
    """Send what sign-up sent once more: the link, or that the address has an account already."""
    address = EmailAddress.objects.filter(email=email.lower()).order_by("-verified").first()
    if address is None or address.verified:
        get_adapter(request).send_account_already_exists_mail(email)
    else:
        address.send_confirmation(request, signup=True)
