"""allauth's forms, each of whose tries is counted before anything is looked at or sent."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import fields, forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import EmailAddress, Login
from allauth.core import context
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from django.forms import CharField, TextInput
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.students import services
from apps.students.address import client_address
from apps.students.models import User
from foundation.email_addresses import NormalizesEmail

SIGNED_UP = "signed_up"
"""In the session: the address that has signed up in this browser, and when it was written to."""


def code_field() -> CharField:
    attributes = {"autocomplete": "one-time-code", "inputmode": "numeric"}
    return CharField(label=_("Code"), max_length=32, widget=TextInput(attrs=attributes))


class EmailField(NormalizesEmail, fields.EmailField):
    """allauth's field of e-mail addresses, normalized."""


class LoginForm(forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = EmailField()


class AddEmailForm(forms.AddEmailForm):
    email = EmailField()


class SignupForm(forms.SignupForm):
    """Does the same work for a known address as for a new one."""

    email = EmailField()

    def validate_unique_email(self, value: str) -> str:
        """Look nothing up yet: ``try_save`` finds out in the same statements either way."""
        return value

    def try_save(self, request: HttpRequest) -> tuple[None, HttpResponse]:
        adapter = get_adapter()
        user = adapter.save_user(request, adapter.new_user(request), self, commit=False)
        email = user.email
        address = services.sign_up(user=user)
        if address is not None:
            EmailAddress.objects.fill_cache_for_user(user, [address])
        login = Login(user=user if address else None, email=email, signup=True)
        return None, perform_login(request, login)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            address = client_address(context.request)
            services.count_sign_up(email=cleaned["email"], address=address)
            context.request.session[SIGNED_UP] = (cleaned["email"], time.time())
        return cleaned


class ResetPasswordForm(forms.ResetPasswordForm):
    email = EmailField()

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        services.count_password_reset(email=email, address=client_address(context.request))
        user = services.find_student_by_address(email=email)
        self.users = [user] if user and user.is_active else []
        return email


class ChangePasswordForm(forms.ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        """The password is guessed at here, too, by whoever finds an open session."""
        address = client_address(context.request)
        counted = services.count_log_in(email=self.user.email, address=address)
        password = super().clean_oldpassword()
        services.forgive(counted)
        return password


class CountedCode:
    """A code of the second factor: counted before it is looked at, and good once."""

    user: User

    def clean_code(self) -> str:
        counted = services.count_code(email=self.user.email)
        code: str = super().clean_code()  # type: ignore[misc]  # of the form beside this class
        if not services.spend_code(email=self.user.email, code=code):
            raise get_mfa_adapter().validation_error("incorrect_code")
        services.forgive(counted)
        return code


class AuthenticateForm(CountedCode, mfa_forms.AuthenticateForm):
    code = code_field()


class ReauthenticateForm(CountedCode, mfa_forms.ReauthenticateForm):
    code = code_field()


class ActivateTOTPForm(CountedCode, totp_forms.ActivateTOTPForm):
    """Whoever switches it on has just proved it, so the session has it at once."""

    code = code_field()

    @property
    def is_required(self) -> bool:
        return services.needs_second_factor(self.user)

    def clean_code(self) -> str:
        code = super().clean_code()
        services.note_second_factor(context.request, self.user)
        return code
