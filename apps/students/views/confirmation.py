"""Send the e-mail that confirms a sign-up again, from the page that asks to look for it."""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.students import services
from apps.students.address import client_address
from apps.students.counted_forms import SIGNED_UP


@require_POST
def send_again(request: HttpRequest) -> HttpResponseBase:
    """Send it to the address that signed up in this browser, known or new, and say the same.

    Each counts as a sign-up, so that nobody is flooded. Raises TooManyTries.
    """
    email, sent_at = request.session.get(SIGNED_UP, ("", 0))
    if not email:
        messages.warning(request, _("Please sign up again: this page no longer knows the address."))
        return redirect("account_signup")
    _allowed, pause_seconds = settings.TRY_LIMITS["confirmation"]
    if time.time() - sent_at < pause_seconds:
        messages.warning(
            request,
            _("The message was sent a moment ago. You can ask for another one in a few minutes."),
        )
        return redirect("account_email_verification_sent")
    services.count_sign_up(email=email, address=client_address(request))
    services.send_sign_up_mail_again(request=request, email=email)
    request.session[SIGNED_UP] = (email, time.time())
    messages.success(request, _("We have sent the message again."))
    return redirect("account_email_verification_sent")
