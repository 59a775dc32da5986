"""Who asks."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def student_id(request: HttpRequest) -> int:
    """Return whose request it is; behind ``login_required`` it is always somebody's."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user.pk
