"""The page behind the link that staff have mailed: its owner resets a lost second factor."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.students import services
from apps.students.models import User

PAGE = "students/second_factor_reset.html"


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask for the password; with it, switch the second factor off and end every session."""
    try:
        owner = services.find_owner_of_link(token=token)
    except services.LinkExpired as refusal:
        return _page(request, {"refusal": refusal}, status=404)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _is_password(request, owner, form):
        services.reset_second_factor(user_id=owner.pk)
        messages.success(request, _("The second factor is off. Log in with your password."))
        return redirect("account_login")
    return _page(request, {"form": form}, status=400 if form.errors else 200)


def _is_password(request: HttpRequest, owner: User, form: PasswordForm) -> bool:
    password = form.cleaned_data["password"]
    proved = get_adapter(request).prove(
        request, email=owner.email, password=password, confirmed=False
    )
    if proved is None or proved.pk != owner.pk:
        form.add_error("password", _("This is not the password of the account."))
        return False
    return True


def _page(request: HttpRequest, context: dict[str, object], *, status: int) -> HttpResponse:
    response = render(request, PAGE, context, status=status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
