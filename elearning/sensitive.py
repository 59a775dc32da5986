"""What takes more than an open session: the one list, and the middleware that holds to it.

An open session may be a phone left on a table or a stolen cookie. Each view that would let its
finder stay, or take data along, asks for the password or the second factor once more, and then not
again for ACCOUNT_REAUTHENTICATION_TIMEOUT seconds. Every URL of the account is in one of the three
lists: tests compare them with the URL table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows import reauthentication
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

GetResponse = Callable[[HttpRequest], HttpResponse]
SCOPE = ("accounts/", "api/v1/auth/", "api/v1/students/")
"""The routes whose views have to be in one of the lists."""

READ, WRITE = {"GET", "HEAD", "POST"}, {"POST"}
SENSITIVE = {
    "account_email": WRITE,
    "account_set_password": READ,
    "mfa_activate_totp": READ,
    "mfa_deactivate_totp": READ,
    "mfa_generate_recovery_codes": READ,
    "mfa_view_recovery_codes": READ,
    "mfa_download_recovery_codes": READ,
    "students:session_end": WRITE,
    "students:tokens": READ,
    "students:token_end": WRITE,
    "own_data:json": READ,
    "own_data:pdf": READ,
}
"""The methods of each view that are let through only shortly after the password or the factor."""
LEADS_BACK_TO = {"own_data:json": "own_data:overview", "own_data:pdf": "own_data:overview"}
"""After the proof: a download would leave the page of the proof standing."""

ASKS_ITSELF = {
    "account_change_password": "the form asks for the current password",
    "own_data:removal": "the form asks for the password, and the page for the second factor",
    "account_reauthenticate": "it is where the password is given",
    "mfa_reauthenticate": "it is where the code is given",
    "api-token": "the body holds the password, and the code of the second factor",
}
NOT_SENSITIVE = {
    "account_login": "for visitors",
    "account_logout": "ends this session only",
    "account_signup": "for visitors",
    "account_inactive": "a notice",
    "account_email_verification_sent": "a notice",
    "account_confirm_email": "proven by the link of an e-mail",
    "account_confirm_login_code": "for visitors",
    "account_reset_password": "for visitors",
    "account_reset_password_done": "a notice",
    "account_reset_password_from_key": "proven by the link of an e-mail",
    "account_reset_password_from_key_done": "a notice",
    "mfa_authenticate": "for visitors: the second step of a log-in",
    "mfa_index": "shows which factors are on",
    "usersessions": "leads to the list of sessions",
    "usersessions_list": "leads to the list of sessions",
    "students:account": "names, language and time zone",
    "students:notifications": "reminders",
    "students:sessions": "shows where the account is open",
    "students:sign_outs": "takes access away and gives none: nothing may keep an owner from it",
    "students:confirmation": "for visitors",
    "own_data:overview": "counts",
    "students:email_undo": "proven by the link of an e-mail",
    "students:second_factor_reset": "proven by the link of an e-mail, and the password",
    "students:staff_setup": "proven by a link that is printed once",
    "api-students": "for visitors",
    "api-tokens": "a session has to be confirmed first; a token shows its owner's list",
    "api-token-end": "takes access away; a session has to be confirmed first",
    "api-me": "names and address",
}


class ReauthenticationMiddleware:
    """Ask for the password or the second factor before what is sensitive; then go on with it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        methods = SENSITIVE.get(name, set())
        if request.method not in methods or not request.user.is_authenticated:
            return None
        if reauthentication.did_recently_reauthenticate(request):
            return None
        url = get_adapter(request).get_reauthentication_methods(request.user)[0]["url"]
        if page := LEADS_BACK_TO.get(name):
            return redirect(f"{url}?{urlencode({REDIRECT_FIELD_NAME: reverse(page)})}")
        return reauthentication.suspend_request(request, url)
