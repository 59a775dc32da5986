"""What a person types to verify a certificate."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.certification.policies import code_in
from foundation.text.fields import LookupField

MAX_CODE_LENGTH = 40


class CodeForm(forms.Form):
    """The code as it is printed, or its page's address; case, dashes and width do not matter."""

    code = LookupField(
        label=_("Code of the certificate"),
        max_length=300,
        help_text=_("Twelve letters and digits, such as 7K3M-9QXR-2FHT."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": _("Type the code that is printed on the certificate.")},
    )

    def clean_code(self) -> str:
        code = code_in(self.cleaned_data["code"])
        if not 0 < len(code) <= MAX_CODE_LENGTH:
            raise forms.ValidationError(self.fields["code"].error_messages["required"])
        return code
