"""The tokens of programs: listed, created under a name, and ended one by one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.refusals import NotFound
from apps.students import services
from apps.students.forms import TokenForm
from apps.students.views import StudentRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def tokens(request: StudentRequest) -> HttpResponseBase:
    """Show the tokens; one that is created shows itself this once."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    issued = None
    if form.is_valid():
        has_factor = services.has_second_factor(user_id=request.user.pk)
        is_verified = has_factor and services.session_has_second_factor(
            request=request, user=request.user
        )
        issued = services.create_token(
            user_id=request.user.pk, name=form.cleaned_data["name"], is_verified=is_verified
        )
        form = TokenForm()
    open_tokens = services.list_tokens(user_id=request.user.pk)
    context = {"tokens": open_tokens, "form": form, "issued": issued}
    return render(request, "students/tokens.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def end_token(request: StudentRequest, token_id: int) -> HttpResponseBase:
    try:
        services.end_token(user_id=request.user.pk, token_id=token_id)
    except NotFound as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The token has ended."))
    return redirect("students:tokens")
