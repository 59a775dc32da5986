"""The lists of the desk, found by the name of what they list."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse


def open_list(request: HttpRequest, label: str) -> Any:
    """Return the admin of a model such as ``courses.course``.

    Raises Http404, or PermissionDenied for a list that is closed to the reader.
    """
    lists = admin.site._registry.items()  # noqa: SLF001  (nothing public goes through all of them)
    found = [listed for model, listed in lists if model._meta.label_lower == label]
    if not found:
        raise Http404
    (listed,) = found
    if not listed.has_view_or_change_permission(request):
        raise PermissionDenied
    return listed


def list_address(listed: Any) -> str:
    return reverse(f"admin:{listed.opts.app_label}_{listed.opts.model_name}_changelist")
