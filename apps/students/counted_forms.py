"""allauth's forms, each of whose tries is counted before anything is looked at or sent."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from allauth.core import context

from apps.students import services
from apps.students.address import client_address


class SignupForm(forms.SignupForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            address = client_address(context.request)
            services.count_sign_up(email=cleaned["email"], address=address)
        return cleaned


class ResetPasswordForm(forms.ResetPasswordForm):
    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        services.count_password_reset(email=email, address=client_address(context.request))
        return super().clean_email()


class ChangePasswordForm(forms.ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        """The password is guessed at here, too, by whoever finds an open session."""
        address = client_address(context.request)
        counted = services.count_log_in(email=self.user.email, address=address)
        password = super().clean_oldpassword()
        services.forgive(counted)
        return password
