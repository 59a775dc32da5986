"""The student's own data: to take away, and to remove with the account."""

from __future__ import annotations

import json
from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.refusals import Refusal
from apps.students import services as students
from elearning.own_data.forms import RemovalForm
from elearning.own_data.held import collect
from elearning.own_data.pdf import own_data_pdf
from elearning.own_data.removal import RemovalPlan, plan_removal, remove_account
from elearning.own_data.sections import list_sections
from foundation.agreement import FIELD, token_of
from foundation.limits.jobs import one_at_a_time


@require_safe
@login_required
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """Show how much is held, and lead to the files and to the removal."""
    sections = list_sections(collect(student_id=_own_id(request)))
    counts = [(section.title, len(section.records)) for section in sections if section.records]
    return render(request, "own_data/overview.html", {"counts": counts})


@require_safe
@login_required
@never_cache
@one_at_a_time("own data")
def as_json(request: HttpRequest) -> HttpResponseBase:
    data = collect(student_id=_own_id(request)).as_json()
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    return _attachment(text.encode(), content_type="application/json", name="my-data.json")


@require_safe
@login_required
@never_cache
@one_at_a_time("own data")
def as_pdf(request: HttpRequest) -> HttpResponseBase:
    pdf = own_data_pdf(collect(student_id=_own_id(request)))
    return _attachment(pdf, content_type="application/pdf", name="my-data.pdf")


def has_second_factor(request: HttpRequest) -> bool:
    """Return whether the password alone, asked for on the page itself, is not enough."""
    return students.has_second_factor(user_id=_own_id(request))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@reauthentication_required(enabled=has_second_factor)
def removal(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays; remove the account once the password says it is its owner."""
    plan = plan_removal(student_id=_own_id(request))
    if request.method != "POST":
        return _ask(request, plan, RemovalForm())
    form = RemovalForm(request.POST)
    if not (form.is_valid() and _is_the_owner(request, form)):
        return _ask(request, plan, form, status=400)
    return _remove(request)


def _is_the_owner(request: HttpRequest, form: RemovalForm) -> bool:
    """Return whether the password is right; wrong ones count as failed log-ins do."""
    try:
        right = get_adapter(request).reauthenticate(request.user, form.cleaned_data["password"])
    except ValidationError as error:
        form.add_error("password", error)
        return False
    if not right:
        form.add_error("password", _("That is not your password. Nothing has been removed."))
    return bool(right)


def _remove(request: HttpRequest) -> HttpResponse:
    student_id = _own_id(request)
    agreed = request.POST.get(FIELD, "")
    try:
        remove_account(student_id=student_id, is_staff=request.user.is_staff, agreed=agreed)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        plan = plan_removal(student_id=student_id)
        return _ask(request, plan, RemovalForm(), status=409)
    logout(request)
    messages.success(request, _("Your account is removed. We have written you an e-mail."))
    return redirect("courses:catalogue")


def _ask(
    request: HttpRequest, plan: RemovalPlan, form: RemovalForm, *, status: int = 200
) -> HttpResponse:
    context = {"plan": plan, "agreed": token_of(plan.facts), "form": form}
    return render(request, "own_data/removal.html", context, status=status)


def _own_id(request: HttpRequest) -> int:
    return cast("int", request.user.pk)


def _attachment(content: bytes, *, content_type: str, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    headers = {"Content-Disposition": disposition}
    return HttpResponse(content, content_type=content_type, headers=headers)
