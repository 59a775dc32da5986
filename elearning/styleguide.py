"""``/styleguide/``: every component in every variant and state, for staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from apps.courses.queries import CourseCard
from elearning.templatetags.steps import Situation
from elearning.tokens import list_colors

TONES = ("info", "success", "warning", "error")
STATES = {
    "enrollment": ("requested", "approved", "completed", "cancelled", "expired"),
    "payment": (
        *("pending", "processing", "approved", "declined", "deferred"),
        *("cancelled", "partially_refunded", "refunded"),
    ),
    "refund": ("requested", "failing", "succeeded"),
    "certificate": ("issued", "revoked"),
    "course": ("draft", "open", "closed", "withdrawn"),
}
SITUATIONS = (
    Situation("requested"),
    Situation("approved"),
    Situation("approved", is_free=True),
    Situation("completed"),
    Situation("completed", certificate="issued"),
    Situation("completed", certificate="revoked"),
    Situation("cancelled"),
    Situation("cancelled", is_paid=True, refund="requested"),
    Situation("cancelled", is_paid=True, refund="refunded"),
    Situation("expired"),
)


class ExampleForm(forms.Form):
    """One field of each kind that the pages use."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=20)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), help_text=gettext_lazy("We write to it.")
    )
    search = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("ko", gettext_lazy("Korean")), ("en", gettext_lazy("English"))],
    )
    review = forms.CharField(
        label=gettext_lazy("Review"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    plan = forms.ChoiceField(
        label=gettext_lazy("When do you pay?"),
        choices=[("now", gettext_lazy("Pay now")), ("later", gettext_lazy("Pay later"))],
        widget=forms.RadioSelect,
    )
    agreed = forms.BooleanField(label=gettext_lazy("I agree to the terms"))
    locked = forms.CharField(
        label=gettext_lazy("Locked"), required=False, disabled=True, initial="CERT-2026"
    )


class RatingForm(forms.Form):
    rating = forms.ChoiceField(
        label=gettext_lazy("Rating"),
        choices=[(n, str(n)) for n in range(1, 6)],
        widget=forms.RadioSelect,
        initial=4,
    )


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show the parts to staff; to everybody else there is no such page."""
    if not request.user.is_staff:
        raise Http404("There is no such page.")
    return render(request, "styleguide/index.html", _parts())


def _parts() -> dict[str, Any]:
    wrong = ExampleForm(
        {"wrong-name": "가" * 21, "wrong-email": "alice@", "wrong-language": "fr"}, prefix="wrong"
    )
    wrong.is_valid()
    now = timezone.now()
    return {
        "colors": list_colors(),
        "tones": TONES,
        "states": STATES,
        "situations": SITUATIONS,
        "form": ExampleForm(prefix="example"),
        "wrong": wrong,
        "rating_form": RatingForm(prefix="example"),
        "page_obj": Paginator(range(120), 12).page(4),
        "cards": [
            _card(1, "open", 8, price="₩180,000"),
            _card(2, "open", 2, price="US$89.00"),
            _card(3, "full", 0, price=""),
        ],
        "moments": [
            {"at": now - timedelta(days=number), "title": str(title), "text": "", "tone": tone}
            for number, (title, tone) in enumerate(
                [
                    (_("Certificate issued"), "accent"),
                    (_("Course completed"), "success"),
                    (_("Payment put off: pay later"), "warning"),
                    (_("Payment declined"), "error"),
                    (_("Enrollment requested"), "info"),
                ]
            )
        ],
        "facts": [(_("Completed on"), now.date()), (_("Code"), "0E4M-MMGK-KDSX")],
        "headers": [_("Course"), _("State"), _("Amount")],
        "rows": [["SQL", _("Paid"), "₩180,000"], ["데이터 분석 입문", _("Refunded"), "₩90,000"]],
    }


def _card(number: int, availability: str, seats_left: int, *, price: str) -> CourseCard:
    titles = {1: "데이터 분석 입문", 2: "Introduction to SQL", 3: "디자인 시스템"}
    return CourseCard(
        id=number,
        slug="example",
        title=titles[number],
        summary=_("What the course is about, in one or two lines."),
        category=_("Category"),
        language="ko",
        cover_url="",
        price_text=price,
        starts_at=None,
        enrollment_opens_at=None,
        capacity=20,
        seats_left=seats_left,
        availability=availability,
        rating_average=4.4 if number < 3 else None,
        rating_count=5 if number < 3 else 0,
        participants=12,
        lesson_count=7,
        duration_minutes=300,
    )
