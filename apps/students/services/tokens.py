"""Give programs a token for an e-mail address and a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.crypto import hash_token
from knox.models import AuthToken

from apps.refusals import NotFound, Refusal
from apps.students.models import TokenDetail, User, VerifiedToken
from apps.students.services.second_factor import (
    has_second_factor,
    needs_second_factor,
    use_code,
)

USE_NOTED_EVERY = timedelta(minutes=1)


class LogInRefused(Refusal):
    """One answer for every reason, so that it tells nobody which addresses have an account."""

    code = "log_in_refused"
    message = _(
        "E-mail address and password do not match, or the address is not confirmed yet."
        " Check both, and look for our e-mail."
    )


@dataclass(frozen=True)
class IssuedToken:
    """The token itself, which is told this once: only its digest is kept."""

    token: str
    expires_at: datetime


class SecondFactorRequired(LogInRefused):
    """Said only to who knows the password."""

    code = "second_factor_required"
    message = _("The password is right. Send the code of the authenticator app too, as code.")


class CodeRefused(LogInRefused):
    code = "code_refused"
    message = _("This code is not right, or it was used already. Take the next one.")


class SecondFactorMissing(LogInRefused):
    code = "second_factor_missing"
    message = _("Staff need a second factor here. Log in on the pages and switch it on first.")


@dataclass(frozen=True)
class OpenToken:
    """A token that its owner may end; ``is_this`` is the one that asks."""

    id: int
    name: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    is_this: bool


def issue_token(
    *, request: HttpRequest, email: str, password: str, code: str = "", name: str = ""
) -> IssuedToken:
    """Return a new token. Raises LogInRefused or one of its kinds, TooManyTries."""
    user = get_adapter(request).prove(
        request,
        email=email,
        password=password,
        confirmed=settings.API_TOKEN_NEEDS_CONFIRMED_EMAIL,
    )
    if user is None:
        raise LogInRefused()
    is_verified = _show_second_factor(user, code)
    return create_token(user_id=user.pk, name=name, is_verified=is_verified)


def create_token(*, user_id: int, name: str, is_verified: bool) -> IssuedToken:
    """Return a new token of a user who has just proved to be its owner.

    At the limit of API_TOKENS_PER_USER, the token that has been idle longest makes room.
    """
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user_id)
        _make_room(user)
        issued, token = AuthToken.objects.create(user=user)
        TokenDetail.objects.create(token=issued, name=name)
        if is_verified:
            VerifiedToken.objects.create(token=issued)
    return IssuedToken(token=token, expires_at=issued.expiry)


def token_is_live(*, token: str) -> bool:
    """Return whether the token still lets its owner in."""
    live = AuthToken.objects.filter(digest=hash_token(token), expiry__gt=timezone.now())
    return live.filter(user__is_active=True).exists()


def list_tokens(*, user_id: int, current_digest: str = "") -> list[OpenToken]:
    """Return the tokens that work, newest first, in one query."""
    rows = TokenDetail.objects.select_related("token").filter(token__user_id=user_id)
    return [
        OpenToken(
            id=row.pk,
            name=row.name,
            created_at=row.token.created,
            expires_at=row.token.expiry,
            last_used_at=row.last_used_at,
            is_this=row.token_id == current_digest,
        )
        for row in rows.filter(token__expiry__gt=timezone.now()).order_by("-pk")
    ]


def end_token(*, user_id: int, token_id: int) -> None:
    """End one token of the user at once. Raises NotFound, for somebody else's too."""
    tokens = AuthToken.objects.filter(user_id=user_id)
    deleted, _by_model = tokens.filter(
        pk__in=TokenDetail.objects.filter(pk=token_id).values("token")
    ).delete()
    if not deleted:
        raise NotFound(_("There is no such token. It may have ended already."))


def use_is_to_be_noted(last_used_at: datetime | None) -> bool:
    """Return whether the last use that was noted is older than a minute."""
    return last_used_at is None or last_used_at < timezone.now() - USE_NOTED_EVERY


def note_token_use(*, digest: str) -> None:
    """Remember that a token was used, to the minute: not every call writes."""
    now = timezone.now()
    used = TokenDetail.objects.filter(token_id=digest)
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    used.filter(stale).update(last_used_at=now)


def _make_room(user: User) -> None:
    tokens = AuthToken.objects.filter(user=user)
    tokens.filter(expiry__lte=timezone.now()).delete()
    details = TokenDetail.objects.filter(token__user=user)
    used_at = Coalesce("last_used_at", "token__created")
    newest_first = details.order_by(used_at.desc(), "-pk").values_list("token_id", flat=True)
    tokens.filter(pk__in=list(newest_first[settings.API_TOKENS_PER_USER - 1 :])).delete()


def _show_second_factor(user: User, code: str) -> bool:
    """Return whether the second factor was shown, which nobody who has one may leave out."""
    if not has_second_factor(user_id=user.pk):
        if needs_second_factor(user):
            raise SecondFactorMissing()
        return False
    if not code:
        raise SecondFactorRequired()
    if not use_code(user=user, code=code):
        raise CodeRefused()
    return True
