"""Where the link of ``manage.py create_staff`` leads: a password, then the second factor."""

from __future__ import annotations

from allauth.account.forms import SetPasswordForm
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.students import services
from apps.students.models import User

TEMPLATE = "students/staff_setup.html"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def staff_setup(request: HttpRequest, token: str) -> HttpResponseBase:
    """Looking uses nothing up: programs look at links too."""
    staff = services.find_staff_to_set_up(token=token)
    if staff is None:
        return render(request, TEMPLATE, status=404)
    form = SetPasswordForm(data=request.POST if request.method == "POST" else None, user=staff)
    if not form.is_valid():
        context = {"form": form, "email": staff.email}
        return render(request, TEMPLATE, context, status=400 if form.errors else 200)
    try:
        user = services.set_up_staff(token=token, password=form.cleaned_data["password1"])
    except services.SetupLinkInvalid:
        return render(request, TEMPLATE, status=404)
    return _log_in(request, user)


def _log_in(request: HttpRequest, user: User) -> HttpResponseBase:
    # Chosen this moment: the page of the second factor does not ask for it again.
    record_authentication(request, user, method="password", email=user.email, reauthenticated=True)
    needed = services.needs_second_factor(user)
    next_url = reverse("mfa_activate_totp" if needed else "admin:index")
    return perform_login(request, Login(user=user, email=user.email, redirect_url=next_url))
