"""How allauth makes our users: the sign-up page takes the same way as the API."""

from __future__ import annotations

import logging
from typing import Any, TypeVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from apps.students import services
from apps.students.address import UNKNOWN, client_address
from apps.students.letters import Kind, find_account_kind, kind_of_templates
from apps.students.models import User
from foundation.site_links import site_link

logger = logging.getLogger(__name__)
R = TypeVar("R", bound=HttpResponseBase)
CONFIRMATION_SENT = "account/messages/email_confirmation_sent.txt"
SAID_BY_THE_PAGE = {CONFIRMATION_SENT, "account/messages/logged_in.txt"}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": services.LogInRefused.message
    }

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check a password of the pages, at log-in or once more later. Raises TooManyTries."""
        return self.prove(request, confirmed=True, **credentials)

    def prove(
        self, request: HttpRequest, *, email: str, password: str, confirmed: bool
    ) -> User | None:
        """Return whose e-mail address and password these are, or None. Raises TooManyTries.

        Every password is counted here before it is looked at. Where the address must be
        ``confirmed`` and is not, the answer is that of a wrong password, else signing up and then
        logging in would tell whether an address was free; its owner gets the e-mail again.
        """
        counted = services.count_log_in(email=email, address=client_address(request))
        user = services.find_student_by_address(email=email)
        is_right = (user or User()).check_password(password)
        if user is None or not user.is_active or password in settings.PUBLISHED_PASSWORDS:
            return None
        if not is_right:
            return None
        if confirmed and not EmailAddress.objects.filter(user=user, verified=True).exists():
            self._send_confirmation_again(request, user)
            return None
        services.forgive(counted)
        return user

    def send_account_already_exists_mail(self, email: str) -> None:
        """Flood nobody here either."""
        if services.may_send_confirmation(email=email):
            super().send_account_already_exists_mail(email)

    def _send_confirmation_again(self, request: HttpRequest, user: User) -> None:
        address, _created = EmailAddress.objects.get_or_create(
            user=user, email=user.email, defaults={"primary": True}
        )
        address.send_confirmation(request)

    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: Any, *more: Any, **how: Any
    ) -> None:
        """Flood nobody: whoever asks again soon has the last e-mail's link, which still works."""
        if services.may_send_confirmation(email=emailconfirmation.email_address.email):
            super().send_confirmation_mail(request, emailconfirmation, *more, **how)

    def save_user(  # the signature is allauth's
        self,
        request: HttpRequest,
        user: User,
        form: Any,
        commit: bool = True,  # noqa: FBT001, FBT002
    ) -> User:
        super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data["name"]
        user.latin_name = form.cleaned_data["latin_name"]
        user.language = get_language() or user.language
        if commit:
            services.register_student(user=user)
        return user

    def set_password(self, user: User, password: str) -> None:
        """Take the address of whoever had no password as confirmed: the link came by e-mail."""
        is_first = bool(user.pk) and not user.has_usable_password()
        super().set_password(user, password)
        if is_first:
            unconfirmed = EmailAddress.objects.filter(user=user, email=user.email, verified=False)
            services.confirm_address(
                student_id=user.pk, confirm=lambda: unconfirmed.update(verified=True) > 0
            )

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        return services.confirm_address(
            student_id=email_address.user_id,
            confirm=lambda: super(AccountAdapter, self).confirm_email(request, email_address),
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is down undoes no sign-up: logging in sends the e-mail again."""
        try:
            services.send_account_mail(
                kind=account_kind(template_prefix),
                address=email,
                student=services.find_student_by_address(email=email),
                language=get_language() or settings.LANGUAGE_CODE,
                facts={**_with_links_of_this_site(context), "email": email},
            )
        except OSError:  # SMTPException is one too
            logger.exception("The e-mail %s could not be sent", template_prefix)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *more: Any,
        **how: Any,
    ) -> None:
        """Leave out what the next page says by itself."""
        if message_template in SAID_BY_THE_PAGE and not (
            message_template == CONFIRMATION_SENT and request.user.is_authenticated
        ):
            return
        super().add_message(request, level, message_template, *more, **how)

    def send_notification_mail(self, template_prefix: str, *given: Any, **more: Any) -> None:
        """Leave the change of an address to the event, whose e-mail can take it back."""
        if not template_prefix.endswith("/email_changed"):
            super().send_notification_mail(template_prefix, *given, **more)

    def is_safe_url(self, url: str) -> bool:
        """Follow addresses of this very host; allauth's own breaks on some that are none."""
        here = {context.request.get_host()}
        return bool(url_has_allowed_host_and_scheme(url, allowed_hosts=here))

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return an address that fits a column of addresses; of IPv6 only the network is told."""
        address = client_address(request)
        return services.NO_ADDRESS if address == UNKNOWN else address.partition("/")[0]

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponseBase:
        """Go on in the account's language, whatever the visitor read before logging in."""
        return remember_language(super().post_login(request, user, **facts), user.language)


def _with_links_of_this_site(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts with links from SITE_URL; allauth makes them from the request's host."""
    return {
        name: site_link(value) if name.endswith("_url") else value for name, value in facts.items()
    }


def account_kind(template_prefix: str) -> Kind:
    """Return how allauth's e-mail of this name is written: by us, or by its text templates."""
    name = template_prefix.rpartition("/")[2]
    return find_account_kind(name) or kind_of_templates(template_prefix)


def remember_language(response: R, language: str) -> R:
    """Make the language that of the next pages, by the cookie that Django's own switch sets."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response
