"""What a student sends from the pages of an enrollment."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

SANDBOX_CARDS = [
    ("tok_approved", _("A card that works")),
    ("tok_declined", _("A card that the bank declines")),
    ("tok_insufficient_funds", _("A card without enough money on it")),
    ("tok_slow", _("A card that works, but slowly")),
    ("tok_timeout_after_capture", _("A card that is charged while the answer gets lost")),
]


class EnrollmentForm(forms.Form):
    """Which course."""

    course = forms.IntegerField(min_value=1)


class CardForm(forms.Form):
    """The card to pay with: one of the sandbox gateway's test cards."""

    token = forms.ChoiceField(
        label=_("Test card"),
        choices=SANDBOX_CARDS,
        initial="tok_approved",
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a card."),
            "invalid_choice": _("Choose one of these cards."),
        },
    )


class ReviewForm(forms.Form):
    """What a student says of a completed course."""

    rating = forms.TypedChoiceField(
        label=_("Your rating"),
        coerce=int,
        choices=[
            (1, _("1 star: poor")),
            (2, _("2 stars: fair")),
            (3, _("3 stars: good")),
            (4, _("4 stars: very good")),
            (5, _("5 stars: excellent")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose from 1 to 5 stars."),
            "invalid_choice": _("Choose from 1 to 5 stars."),
        },
    )
    text = forms.CharField(
        label=_("Your review"),
        required=False,
        widget=forms.Textarea(attrs={"maxlength": 2000, "rows": 6}),
        help_text=_("At most 2,000 characters. Your name stands beside it."),
    )

    def clean_text(self) -> str:
        """Count a line break as one character, as the browser did."""
        return self.cleaned_data["text"].replace("\r\n", "\n")
