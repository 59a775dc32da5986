"""Sign-up and the account page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps import names, zones
from apps.students.letters import SWITCHES
from apps.students.models import MAX_TOKEN_NAME_LENGTH, User


def zone_choices() -> list[tuple[str, Any]]:
    """Return the school's own zone first, then all there are."""
    own = _("The school's: %(zone)s") % {"zone": settings.TIME_ZONE}
    return [("", own), *zones.list_zones()]


class SignupForm(forms.Form):
    """What sign-up asks beside e-mail address and password."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        help_text=_("As it shall stand on your certificates."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    latin_name = forms.CharField(
        label=_("Name in Latin letters"),
        max_length=names.MAX_NAME_LENGTH,
        required=False,
        help_text=_("As in your passport, such as HONG GILDONG. You may leave it empty."),
        validators=[names.refuse_unless_latin],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """allauth asks for this method; the adapter has saved everything by now."""


class AccountForm(forms.ModelForm):
    """What students may change of themselves."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=zone_choices,
        help_text=_("Of the times on the pages, and in the e-mails that we write you."),
        widget=forms.Select(attrs={"data-this-device": _("This device")}),
    )

    class Meta:
        model = User
        fields = ["name", "latin_name", "language", "time_zone"]
        labels = {
            "name": _("Name"),
            "latin_name": _("Name in Latin letters"),
            "language": _("Language"),
        }
        help_texts = {
            "name": _("As it shall stand on your next certificates."),
            "latin_name": _(
                "As in your passport, such as HONG GILDONG. Certificates print it below the name,"
                " and who does not read Korean sees it instead."
            ),
            "language": _("Of the pages, and of the e-mails that we write you."),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "latin_name": forms.TextInput(attrs={"autocomplete": "off"}),
        }


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


class TokenForm(forms.Form):
    """What a new token is for."""

    name = forms.CharField(
        label=_("Name"),
        max_length=MAX_TOKEN_NAME_LENGTH,
        help_text=_("What the token is for, such as “Payroll”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
