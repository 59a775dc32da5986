"""How allauth makes our users: the sign-up page takes the same way as the API."""

from __future__ import annotations

from typing import Any, TypeVar

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language

from apps.students import services
from apps.students.models import User

R = TypeVar("R", bound=HttpResponseBase)


class AccountAdapter(DefaultAccountAdapter):
    def save_user(  # the signature is allauth's
        self,
        request: HttpRequest,
        user: User,
        form: Any,
        commit: bool = True,  # noqa: FBT001, FBT002
    ) -> User:
        super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data["name"]
        user.language = get_language() or user.language
        if commit:
            services.register_student(user=user)
        return user

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponseBase:
        """Go on in the account's language, whatever the visitor read before logging in."""
        return remember_language(super().post_login(request, user, **facts), user.language)


def remember_language(response: R, language: str) -> R:
    """Make the language that of the next pages, by the cookie that Django's own switch sets."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response
