"""Take back a change of the e-mail address, by the link that its former address was sent."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.refusals import Refusal
from apps.students import services


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email_undo(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask on GET, which mail scanners follow; undo on POST, then lead to a new password."""
    response: HttpResponseBase
    try:
        if request.method == "POST":
            password_path = services.undo_email_change(token=token)
            logout(request)
            message = _("Your former address is back, and everybody is signed out.")
            messages.success(request, message)
            response = redirect(password_path)
        else:
            change = services.get_undoable_change(token=token)
            response = render(request, "students/email_undo.html", {"change": change})
    except Refusal as refusal:
        context = {"refusal": str(refusal)}
        response = render(request, "students/email_undo.html", context, status=HTTPStatus.NOT_FOUND)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
