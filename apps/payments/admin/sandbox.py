"""The switch of the sandbox gateway, on a page of its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminRadioSelectWidget

from apps.desk import ReadOnlyAdmin
from apps.payments import queries, services
from apps.payments.models import SandboxBehaviour, SandboxSwitch
from apps.payments.services.sandbox import MAX_DELAY_MILLISECONDS

BREAKER_WORDS = {
    "closed": (_("Closed: calls go through"), "success"),
    "open": (_("Open: students are asked to pay later"), "danger"),
    "half_open": (_("Half open: the next call is a trial"), "warning"),
}


CONSEQUENCES = (
    _("The switch works at once, for every payment of every student."),
    _("Slow, failing or down: students are asked to pay later and keep their seats; refunds wait."),
    _("Working: the circuit breaker closes by itself, and what waits is made up for."),
)


class SwitchForm(forms.Form):
    behaviour = forms.ChoiceField(
        label=_("The gateway is"),
        choices=SandboxBehaviour.choices,
        widget=UnfoldAdminRadioSelectWidget(),
    )
    delay_milliseconds = forms.IntegerField(
        label=capfirst(_("delay in milliseconds")),
        required=False,
        min_value=0,
        max_value=MAX_DELAY_MILLISECONDS,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=_("How long each call takes when slow."),
    )

    def clean_delay_milliseconds(self) -> int:
        return self.cleaned_data["delay_milliseconds"] or 0


@admin.register(SandboxSwitch)
class SandboxSwitchAdmin(ReadOnlyAdmin):
    """One row that is a switch: the list is the page, and nothing else is there."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return settings.PAYMENT_GATEWAY == "sandbox" and super().has_view_permission(request, obj)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        switch = SandboxSwitch.objects.first() or SandboxSwitch()
        current = {
            "behaviour": switch.behaviour, "delay_milliseconds": switch.delay_milliseconds
        }  # fmt: skip
        form = SwitchForm(request.POST if request.method == "POST" else None, initial=current)
        if request.method == "POST" and self._switch(request, form):
            return HttpResponseRedirect(request.path)
        words, tone = BREAKER_WORDS[queries.breaker_state()]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Sandbox gateway"),
            "opts": self.opts,
            "form": form,
            "switch": switch,
            "may_switch": self.may(request, "change"),
            "warnings": CONSEQUENCES,
            "breaker_words": words,
            "breaker_tone": tone,
        }
        return TemplateResponse(request, "admin/payments/sandbox.html", context)

    def _switch(self, request: HttpRequest, form: SwitchForm) -> bool:
        if not self.may(request, "change"):
            raise PermissionDenied
        if not form.is_valid():
            return False
        services.set_sandbox_behaviour(**form.cleaned_data)
        messages.success(request, _("The sandbox gateway is switched."))
        return True

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        return HttpResponseRedirect("../../")
