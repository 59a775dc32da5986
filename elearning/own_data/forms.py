"""What is asked before an account is removed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class RemovalForm(forms.Form):
    """The password: what is agreed to stands beside it on the page."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
