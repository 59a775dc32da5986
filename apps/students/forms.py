"""Sign-up and the account page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.students.letters import SWITCHES
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


class RemindersForm(forms.Form):
    """Which reminders a student wants: a box for each group of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for switch in SWITCHES.values():
            self.fields[switch.name] = forms.BooleanField(
                label=str(switch.title), help_text=str(switch.help_text), required=False
            )

    def wanted(self) -> set[str]:
        return {name for name, is_wanted in self.cleaned_data.items() if is_wanted}
