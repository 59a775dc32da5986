"""Save and delete a view, from above its list."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.refusals import NotFound, Refusal
from elearning.saved_views import services


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    model, query = request.POST.get("model", ""), request.POST.get("query", "")
    address = _address_of(request, model)
    try:
        view = services.save_view(
            user_id=request.user.pk or 0,
            model=model,
            name=request.POST.get("name", ""),
            query=query,
            is_shared=request.POST.get("is_shared") == "on",
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(f"{address}?{services.lasting_query(query)}")
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return HttpResponseRedirect(f"{address}?{view.query}")


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        view = services.delete_view(view_id=pk, user_id=request.user.pk or 0)
    except NotFound as refusal:
        raise Http404 from refusal
    messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
    return HttpResponseRedirect(f"{_address_of(request, view.model)}?{view.query}")


def _address_of(request: HttpRequest, label: str) -> str:
    """Return where the list is. Raises Http404, or PermissionDenied for one that is closed."""
    found: ModelAdmin | None = next(
        (
            model_admin
            for model, model_admin in admin.site._registry.items()  # noqa: SLF001
            if model._meta.label_lower == label
        ),
        None,
    )
    if found is None:
        raise Http404
    if not found.has_view_or_change_permission(request):
        raise PermissionDenied
    return reverse(f"admin:{found.opts.app_label}_{found.opts.model_name}_changelist")
