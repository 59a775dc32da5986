"""What is asked before an account is removed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class RemovalForm(forms.Form):
    """The password, and the plan that was shown."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput, max_length=100_000)
