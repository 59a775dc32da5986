"""What was written to whom, and how every e-mail looks."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.desk import ReadOnlyAdmin, Text, button
from apps.students import services
from apps.students.letters import KINDS
from apps.students.letters.samples import NAMES, Sample, list_samples, render_sample
from apps.students.models import MailStatus, SentEmail
from foundation.agreement import Agreement

KIND_TITLES = {name: kind.title for name, kind in KINDS.items()}


class KindFilter(admin.SimpleListFilter):
    """The kinds as staff call them."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, str(title)) for name, title in KIND_TITLES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(SentEmail)
class SentEmailAdmin(ReadOnlyAdmin):
    """No body is kept, so none is shown: the preview shows how each kind reads."""

    tones = {
        MailStatus.WAITING: "info",
        MailStatus.SENDING: "info",
        MailStatus.SENT: "success",
        MailStatus.FAILED: "warning",
        MailStatus.REFUSED: "danger",
    }
    list_display = ["kind_title", "address", "subject", "state", "created_at", "sent_at"]
    list_filter = ["status", KindFilter, "created_at"]
    search_fields = ["address", "subject", "recipient__name", "recipient__latin_name"]
    search_help_text = _("E-mail address, name or subject")
    ordering = ["-pk"]
    list_before_template = "admin/students/mail_preview_link.html"
    actions_detail = ["send_again"]
    readonly_fields = ["kind_title", "state"]
    fields = [
        ("kind_title", "state"), ("recipient", "address"), "subject",
        ("created_at", "sent_at"), ("attempts", "edition"), "last_error",
    ]  # fmt: skip

    def describe(self, mail: SentEmail) -> str:
        return f"{mail.recipient or mail.address} · {mail.subject or self.kind_title(mail)}"

    @display(description=_("kind"), ordering="kind")
    def kind_title(self, mail: SentEmail) -> Text:
        return KIND_TITLES.get(mail.kind, mail.kind)

    @button(
        label=_("Send again"),
        icon="forward_to_inbox",
        offered=services.may_be_asked_for_again,
        warns=lambda admin, mail: [
            _("The e-mail goes out once more, to the account's address and as things stand now.")
        ],
    )
    def send_again(self, mail: SentEmail, *, agreed: Agreement) -> Text:
        services.ask_for_mail_again(mail_id=mail.pk, agreed=agreed)
        return _("The e-mail is on its way again.")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        pages = [
            path("preview/", view(self.preview), name="students_sentemail_previews"),
            path(
                "preview/<str:kind>/<str:language>/",
                view(self.preview_kind),
                name="students_sentemail_preview",
            ),
        ]
        return [*pages, *super().get_urls()]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """List every kind of e-mail."""
        context = self._context(request, _("How e-mails look"))
        return TemplateResponse(
            request, "admin/students/mail_previews.html", context | {"kinds": KINDS.values()}
        )

    def preview_kind(self, request: HttpRequest, kind: str, language: str) -> HttpResponse:
        """Show each case of a kind as text and HTML, wide and as on a phone."""
        if kind not in KINDS or language not in NAMES:
            raise Http404
        samples = [sample for sample in list_samples(language=language) if sample.kind == kind]
        context = self._context(request, KINDS[kind].title)
        shown = {
            "kind": KINDS[kind],
            "language": language,
            "cases": [_case(sample, language) for sample in samples],
        }
        return TemplateResponse(request, "admin/students/mail_preview.html", context | shown)

    def _context(self, request: HttpRequest, title: Text) -> dict[str, Any]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        common = self.admin_site.each_context(request)
        return {**common, "title": title, "opts": self.opts, "here": get_language()}


def _case(sample: Sample, language: str) -> dict[str, Any]:
    return {"title": sample.case, "mail": render_sample(sample, language=language)}
