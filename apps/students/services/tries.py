"""Count a try before it is looked at, so that fifty at once count as fifty.

One row per what is counted and one statement per try, committed by itself: PostgreSQL puts parallel
tries into a row, whatever process they come through. See decision 0011.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.refusals import NotFound, TooManyTries
from apps.students.models import TryCount, TryPurpose
from foundation.agreement import Agreement, require
from foundation.batches.services import delete_each
from foundation.email_addresses import normalize_email_or_keep

FAMILIAR = timedelta(days=60)
"""For so long an address from which an account logged in stays familiar to it."""
KEPT = timedelta(days=1)

_COUNT = """
    INSERT INTO students_trycount AS counted
        (purpose, account, address, user_id, tries, allowed, until)
    VALUES (%(purpose)s, %(account)s, %(address)s,
            (SELECT id FROM students_user WHERE email = %(email)s), 1, %(allowed)s, %(until)s)
    ON CONFLICT (purpose, account, address) DO UPDATE SET
        tries = CASE WHEN counted.until <= %(now)s THEN 1 ELSE counted.tries + 1 END,
        until = CASE WHEN counted.until <= %(now)s OR counted.tries < %(allowed)s
                     THEN excluded.until ELSE counted.until END,
        allowed = excluded.allowed,
        user_id = excluded.user_id
    RETURNING id, tries, until, succeeded_at
"""


@dataclass(frozen=True)
class CountedTry:
    """A try that was let through: the row of the account at the address, and the other rows."""

    row_id: int
    other_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Row:
    pk: int
    tries: int
    until: datetime
    succeeded_at: datetime | None


def count_log_in(*, email: str, address: str) -> CountedTry:
    """Count a password that is about to be checked. Raises TooManyTries.

    Where the account has logged in before, only its own tries from there count: nobody locks it
    out from afar, and no neighbor behind the same address does.
    """
    row = _count(TryPurpose.LOG_IN, email=email, address=address)
    if row.succeeded_at and row.succeeded_at > timezone.now() - FAMILIAR:
        return CountedTry(row.pk)
    by_address = _count(TryPurpose.LOG_IN_ADDRESS, address=address)
    by_account = _count(TryPurpose.LOG_IN_ACCOUNT, email=email)
    return CountedTry(row.pk, (by_address.pk, by_account.pk))


def count_code(*, email: str) -> CountedTry:
    """Count a code of the second factor, wherever it is tried. Raises TooManyTries.

    Whoever gets here knows the password, so there is no stranger who could lock the owner out.
    """
    return CountedTry(_count(TryPurpose.CODE, email=email).pk)


def forgive(counted: CountedTry) -> None:
    """Take a try back that was right: the account starts anew, for the others it was no failure."""
    now = timezone.now()
    TryCount.objects.filter(pk=counted.row_id).update(tries=0, until=now, succeeded_at=now)
    TryCount.objects.filter(pk__in=counted.other_ids).update(tries=Greatest(F("tries") - 1, 0))


def spend_code(*, email: str, code: str) -> bool:
    """Return whether the code is used for the first time. An authenticator's code counts once."""
    digits = "".join(sign for sign in code if sign.isalnum())
    try:
        _count(TryPurpose.SPENT_CODE, email=email, more=digits)
    except TooManyTries:
        return False
    return True


def count_sign_up(*, email: str, address: str) -> None:
    """Count a sign-up, which sends an e-mail. Raises TooManyTries."""
    _count(TryPurpose.SIGN_UP_ADDRESS, address=address)
    _count(TryPurpose.SIGN_UP, email=email)


def count_password_reset(*, email: str, address: str) -> None:
    """Count a request to reset a password, which sends an e-mail. Raises TooManyTries."""
    _count(TryPurpose.PASSWORD_RESET_ADDRESS, address=address)
    _count(TryPurpose.PASSWORD_RESET, email=email)


def may_send_confirmation(*, email: str) -> bool:
    """Return whether the last e-mail to confirm this address is old enough for another."""
    try:
        _count(TryPurpose.CONFIRMATION, email=email)
    except TooManyTries:
        return False
    return True


def lift_lockout(*, row_id: int, agreed: Agreement | None = None) -> None:
    """Let the account or address try again at once. Raises NotFound, and what ``agreed`` raises."""
    with transaction.atomic():
        row = TryCount.objects.select_for_update(no_key=True).filter(pk=row_id)
        if not row.exists():
            raise NotFound()
        require(agreed)
        row.update(tries=0, until=timezone.now())


def forget_old_tries() -> int:
    """Delete what no longer counts, and addresses that are no longer familiar."""
    now = timezone.now()
    unfamiliar = Q(succeeded_at__isnull=True) | Q(succeeded_at__lt=now - FAMILIAR)
    old = TryCount.objects.filter(unfamiliar, until__lt=now - KEPT)
    return delete_each(batch="students.forget_old_tries", rows=old)


def _count(purpose: TryPurpose, *, email: str = "", address: str = "", more: str = "") -> _Row:
    allowed, seconds = settings.TRY_LIMITS[purpose]
    now = timezone.now()
    email = normalize_email_or_keep(email)
    account = f"{email} {more}".strip()
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "purpose": purpose,
                "account": _digest(account) if account else "",
                "address": address,
                "email": email,
                "allowed": allowed,
                "now": now,
                "until": now + timedelta(seconds=seconds),
            },
        )
        row = _Row(*cursor.fetchone())
    if row.tries > allowed:
        raise TooManyTries(until=row.until)
    return row


def _digest(account: str) -> str:
    return salted_hmac("elearning.tries", account, algorithm="sha256").hexdigest()
