"""Where one is logged in: shown to whoever it is, and ended one by one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.refusals import NotFound
from apps.students import services
from apps.students.views import StudentRequest


@login_required
@require_safe
@never_cache
def sessions(request: StudentRequest) -> HttpResponseBase:
    open_sessions = services.list_sessions(
        user_id=request.user.pk, session_key=request.session.session_key
    )
    return render(request, "students/sessions.html", {"sessions": open_sessions})


@login_required
@require_POST
def end_session(request: StudentRequest, session_id: int) -> HttpResponseBase:
    """End one; before, the password or the second factor is asked for."""
    try:
        ended = services.end_session(user_id=request.user.pk, session_id=session_id)
    except NotFound as refusal:
        messages.error(request, str(refusal))
    else:
        if ended == request.session.session_key:
            logout(request)
        messages.success(request, _("That log-in has ended."))
    return redirect("students:sessions")
