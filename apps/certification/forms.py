"""What a person types to verify a certificate."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """The code as it is printed; case, dashes and spaces do not matter."""

    code = forms.CharField(
        label=_("Code of the certificate"),
        max_length=40,
        help_text=_("Twelve letters and digits, such as 7K3M-9QXR-2FHT."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": _("Type the code that is printed on the certificate.")},
    )

    def clean_code(self) -> str:
        code = "".join(filter(str.isalnum, self.cleaned_data["code"]))
        if not code:
            raise forms.ValidationError(self.fields["code"].error_messages["required"])
        return code
