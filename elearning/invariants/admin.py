"""How the invariants stand, at the desk; a button checks them now."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import display

from apps import acting
from apps.desk import ReadOnlyAdmin, Text
from elearning.invariants import INVARIANTS, list_standing, report_invariants
from foundation.invariants.models import CheckState, InvariantCheck
from foundation.invariants.services import state_of

BY_NAME = {invariant.name: invariant for invariant in INVARIANTS}
SENTENCES = {invariant.name: invariant.sentence for invariant in INVARIANTS}
TONES = {
    CheckState.HOLDS: "success",
    CheckState.BROKEN: "danger",
    CheckState.FAILED: "danger",
    CheckState.TOO_OLD: "warning",
}


@admin.register(InvariantCheck)
class InvariantCheckAdmin(ReadOnlyAdmin):
    list_display = ["sentence", "standing", "broken", "checked_at", "since"]
    list_before_template = "admin/invariants/list_top.html"
    fields = ["sentence", ("standing", "broken"), ("checked_at", "since"), "first_rows", "failure"]
    readonly_fields = ["sentence", "standing", "first_rows", "failure"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.check_now)
        own = path("check-now/", view, name="invariants_invariantcheck_check_now")
        return [own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if old := [found for found in list_standing() if found.state == CheckState.TOO_OLD]:
            text = ngettext(
                "%(n)s invariant was not checked lately: is beat running?",
                "%(n)s invariants were not checked lately: is beat running?",
                len(old),
            )
            messages.warning(request, text % {"n": len(old)})
        may = {"may_check": self.may(request, "change")}
        return super().changelist_view(request, (extra_context or {}) | may)

    @method_decorator(require_POST)
    def check_now(self, request: HttpRequest) -> HttpResponse:
        """Check those that the periodic task checks, and show how they stand."""
        if not self.may(request, "change"):
            raise PermissionDenied
        acting.doing(_("Check now"))
        open_ones = [finding for finding in report_invariants() if not finding.holds]
        if open_ones:
            text = ngettext("%(n)s invariant does not hold.", "%(n)s invariants do not hold.",
                            len(open_ones))  # fmt: skip
            messages.error(request, text % {"n": len(open_ones)})
        else:
            messages.success(request, _now("All that was checked holds."))
        return HttpResponseRedirect(reverse("admin:invariants_invariantcheck_changelist"))

    @display(description=_("invariant"), ordering="name")
    def sentence(self, row: InvariantCheck) -> Text:
        return SENTENCES.get(row.name, row.name)

    @display(description=_("state"), ordering="state")
    def standing(self, row: InvariantCheck) -> Text:
        state = state_of(row, BY_NAME[row.name]) if row.name in BY_NAME else row.state
        label = {"text": CheckState(state).label, "type": TONES[CheckState(state)]}
        return render_to_string("unfold/helpers/label.html", label)

    @display(description=_("first rows"))
    def first_rows(self, row: InvariantCheck) -> str:
        return format_html('<pre class="desk-payload">{}</pre>', "\n".join(map(str, row.rows)))

    @display(description=_("last error"))
    def failure(self, row: InvariantCheck) -> str:
        return format_html('<pre class="desk-payload">{}</pre>', row.error)
