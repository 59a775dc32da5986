"""Sign-up and the account page."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.students.models import User


class SignupForm(forms.Form):
    """What sign-up asks beside e-mail address and password."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        help_text=_("As it shall stand on your certificates."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """allauth asks for this method; the adapter has saved everything by now."""


class AccountForm(forms.ModelForm):
    """What students may change of themselves."""

    class Meta:
        model = User
        fields = ["name", "language"]
        labels = {"name": _("Name"), "language": _("Language")}
        help_texts = {
            "name": _("As it shall stand on your next certificates."),
            "language": _("Of the pages, and of the e-mails that we write you."),
        }
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
