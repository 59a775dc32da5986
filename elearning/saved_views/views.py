"""Save and delete a view, from above its list."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.refusals import NotFound, Refusal
from elearning.desk_lists import list_address, open_list
from elearning.saved_views import services


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    model, query = request.POST.get("model", ""), request.POST.get("query", "")
    address = list_address(open_list(request, model))
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
    return HttpResponseRedirect(f"{list_address(open_list(request, view.model))}?{view.query}")
