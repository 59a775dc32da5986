"""What a student wants to be reminded of: chosen on the account, or by a link in a reminder."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.refusals import NotFound
from apps.students import services
from apps.students.forms import RemindersForm
from apps.students.views import StudentRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: StudentRequest) -> HttpResponseBase:
    """Show which reminders the student gets, and keep what is chosen."""
    wanted = services.list_wanted_switches(student_id=request.user.pk)
    form = RemindersForm(
        request.POST if request.method == "POST" else None,
        initial=dict.fromkeys(wanted, True),
    )
    if form.is_valid():
        services.choose_mail_switches(student_id=request.user.pk, wanted=form.wanted())
        messages.success(request, _("Your choice is saved."))
        return redirect("students:notifications")
    return render(request, "students/notifications.html", {"form": form})


@csrf_exempt  # the mail system posts here in the reader's name (RFC 8058); the token is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask on GET, which mail scanners follow; switch off on POST, without logging in."""
    try:
        if request.method == "POST":
            named, done = services.switch_off(token=token), True
        else:
            named, done = services.read_unsubscribe_token(token=token), False
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    context = {"switch": named.switch, "done": done}
    response = render(request, "students/unsubscribe.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
