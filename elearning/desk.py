"""The desk as a whole: who gets in, the menu, its first page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import EmptyPage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from elearning.dashboard import page as dashboard
from elearning.imports.carrying_out import STUDENTS

IMPORT = "desk_import"
MENU = (
    (_("Teaching"), (
        (_("Courses"), "school", "courses_course"),
        (_("Enrollments"), "assignment_ind", "lectures_enrollment"),
        (_("Waiting list"), "hourglass_top", "lectures_waitinglistentry"),
        (_("Certificates"), "workspace_premium", "certification_certificate"),
        (_("Reviews"), "star", "lectures_review"),
    )),
    (_("Money"), (
        (_("Payments"), "payments", "payments_payment"),
        (_("Refunds"), "undo", "payments_refund"),
        (_("Sandbox gateway"), "toggle_on", "payments_sandboxswitch"),
    )),
    (_("People"), (
        (_("Users"), "person", "students_user"),
        (_("Groups"), "group", "auth_group"),
        (_("Import"), "upload_file", IMPORT),
        (_("E-mails"), "mail", "students_sentemail"),
        (_("Lockouts"), "lock_clock", "students_trycount"),
    )),
    (_("System"), (
        (_("Events"), "history", "events_loggedevent"),
        (_("Deliveries"), "local_shipping", "events_delivery"),
        (_("Failed rows"), "error", "batches_batchfailure"),
        (_("Bulk jobs"), "checklist", "elearning_bulkjob"),
        (_("Invariants"), "verified", "invariants_invariantcheck"),
        (_("Audit log"), "policy", "elearning_auditentry"),
    )),
)  # fmt: skip


def log_in(request: HttpRequest) -> HttpResponse:
    """Send to our log-in page; whoever is logged in and may not enter gets a 403, no circle."""
    if admin.site.has_permission(request):
        return redirect("admin:index")
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect(reverse("account_login", query=request.GET))


def search(request: HttpRequest) -> HttpResponse:
    """Search as the theme does, which breaks on a page that is no number or is not there."""
    if not request.GET.get("page", "1").isdecimal():
        raise Http404
    site: Any = admin.site
    try:
        return site.search(request)
    except EmptyPage as error:
        raise Http404 from error


def list_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of the side menu, with what the user may see."""
    overview = {"title": _("Overview"), "icon": "dashboard", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"items": [overview]}]
    visible = _visible_addresses(request)
    for title, entries in MENU:
        items = [
            {"title": name, "icon": icon, "link": address}
            for name, icon, route in entries
            if (address := _address_of(route)) in visible
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def _address_of(route: str) -> str:
    return reverse(route if route == IMPORT else f"admin:{route}_changelist")


def _visible_addresses(request: HttpRequest) -> set[str]:
    addresses = {reverse(IMPORT)} if request.user.has_perms(STUDENTS.permissions) else set()
    return addresses | {
        model["admin_url"]
        for app in admin.site.get_app_list(request)
        for model in app["models"]
        if model.get("admin_url")
    }


def show_dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the first page what the reader may see of how the school is doing."""
    return {**context, **dashboard.describe(request)}


def find_style(request: HttpRequest) -> str:
    return static("desk/desk.css")


def find_script(request: HttpRequest) -> str:
    return static("desk/desk.js")


def find_icon(request: HttpRequest) -> str:
    return static("img/mark.svg")
