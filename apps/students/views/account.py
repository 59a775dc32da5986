"""The account: names, language and time zone. Password and e-mail address are allauth's pages."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language as set_language_of_visitor

from apps.students import services
from apps.students.adapter import remember_language
from apps.students.forms import AccountForm
from apps.students.models import User
from apps.students.views import StudentRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: StudentRequest) -> HttpResponseBase:
    student = User.objects.get(pk=request.user.pk)  # the form writes on it, valid or not
    form = AccountForm(request.POST if request.method == "POST" else None, instance=student)
    if form.is_valid():
        services.change_account(user=form.save(commit=False))
        with translation.override(student.language):
            messages.success(request, _("Your account is saved."))
        return remember_language(redirect("students:account"), student.language)
    address = EmailAddress.objects.filter(user=student, primary=True).first()
    context = {"form": form, "address": address}
    return render(request, "students/account.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def sign_out_everywhere(request: StudentRequest) -> HttpResponseBase:
    """End every session and token of the account: a phone was lost, a screen left open."""
    services.sign_out_everywhere(user_id=request.user.pk)
    logout(request)
    messages.success(request, _("You are signed out everywhere. Programs need a new token."))
    return redirect("courses:catalogue")


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language of the pages, and of the e-mails to whoever is logged in."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        services.choose_language(student_id=request.user.pk, language=language)
    return set_language_of_visitor(request)
