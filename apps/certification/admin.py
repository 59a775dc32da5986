"""Certificates at the desk: revoked or issued again, never edited."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_fsm import can_proceed
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.certification import queries, services
from apps.certification.models import Certificate, CertificateStatus
from apps.certification.services import MAX_REASON_LENGTH
from apps.desk import ReadOnlyAdmin, Text, button
from apps.names import MAX_NAME_LENGTH, as_read
from foundation.agreement import Agreement


class RevocationForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON_LENGTH,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("The student sees it in the history."),
    )


class ReissueForm(RevocationForm):
    field_order = ["student_name", "student_latin_name", "reason"]
    student_name = forms.CharField(
        label=_("Corrected name"), max_length=MAX_NAME_LENGTH, widget=UnfoldAdminTextInputWidget()
    )
    student_latin_name = forms.CharField(
        label=_("The same in Latin letters"),
        max_length=MAX_NAME_LENGTH,
        required=False,
        help_text=_("As in the passport, such as HONG GILDONG. May be left empty."),
        widget=UnfoldAdminTextInputWidget(),
    )


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    tones = {CertificateStatus.ISSUED: "success", CertificateStatus.REVOKED: "danger"}
    list_display = ["code", "named", "course_title", "state", "issued_at"]
    list_filter = ["status", "issued_at"]
    search_numbers = ("lecture_id",)
    search_fields = [
        "code", "student_name", "student_latin_name", "course_title", "student__email",
    ]  # fmt: skip
    actions_detail = ["reissue", "revoke"]
    readonly_fields = ["state", "page"]
    fields = [
        ("code", "state"), "student", ("student_name", "student_latin_name"),
        ("course_title", "lecture"),
        ("completed_at", "issued_at"), ("revoked_at", "revocation_reason"), ("replaces", "page"),
    ]  # fmt: skip

    @button(
        label=_("Issue again with another name"),
        icon="edit_document",
        form=ReissueForm,
        initial=lambda certificate: {
            "student_name": certificate.student_name,
            "student_latin_name": certificate.student_latin_name,
        },
        offered=lambda certificate: can_proceed(certificate.revoke),
        warns=lambda admin, certificate: [
            _("This certificate is revoked, and a new one with a new code replaces it."),
            _("The student gets an e-mail with the new code."),
        ],
    )
    def reissue(self, certificate: Certificate, *, agreed: Agreement, **corrected: str) -> Text:
        services.reissue_certificate(certificate_id=certificate.pk, **corrected, agreed=agreed)
        return _("A new certificate is issued; this one is revoked.")

    @button(
        label=_("Revoke the certificate"),
        icon="block",
        variant=ActionVariant.DANGER,
        form=RevocationForm,
        offered=lambda certificate: can_proceed(certificate.revoke),
        warns=lambda admin, certificate: [
            _("Whoever verifies its code is told that it is revoked. This is final.")
        ],
    )
    def revoke(self, certificate: Certificate, *, agreed: Agreement, reason: str) -> Text:
        services.revoke_certificate(certificate_id=certificate.pk, reason=reason, agreed=agreed)
        return _("The certificate is revoked.")

    def describe(self, certificate: Certificate) -> str:
        return f"{self.named(certificate)} · {certificate.course_title} · {certificate.code}"

    @display(description=_("student's name"), ordering="student_name")
    def named(self, certificate: Certificate) -> str:
        return as_read(certificate.student_name, certificate.student_latin_name)

    @display(description=_("page"))
    def page(self, certificate: Certificate) -> str:
        url = queries.verify_url(certificate)
        return format_html('<a class="text-link" href="{}">{}</a>', url, url)
