"""Sign students up. No answer tells whether an e-mail address has an account already."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from apps.events.services import publish
from apps.refusals import InvalidInput
from apps.students.address import client_address
from apps.students.events import StudentConfirmed, StudentRegistered
from apps.students.models import User
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


def change_account(*, user: User) -> None:
    """Save what students may change of themselves: name, language and time zone."""
    user.save(update_fields=["name", "language", "time_zone"])


def choose_language(*, student_id: int, language: str) -> None:
    """Keep the language in which the student reads pages and gets e-mails."""
    User.objects.filter(pk=student_id).update(language=language)


def request_sign_up(
    *, request: HttpRequest, email: str, password: str, name: str, language: str
) -> None:
    """Sign up, or tell the owner of a known address by e-mail; the caller cannot see which.

    Raises InvalidInput for a weak password, TooManyTries.
    """
    user = User(email=email.lower(), name=name, language=language)
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
