"""Anyone verifies a certificate by its code; its owner downloads it."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps import names
from apps.certification import queries, services
from apps.certification.forms import CodeForm
from apps.certification.models import Certificate, CertificateStatus
from apps.certification.pdf import NameCannotBePrinted, certificate_pdf
from apps.refusals import Refusal
from apps.rights import staff_may


@require_safe
def ask_code(request: HttpRequest) -> HttpResponse:
    """Show the form to type a code, and lead from it to the certificate's own address."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_valid():
        return redirect("certification:verify", form.cleaned_data["code"])
    status = 400 if form.errors else 200
    return render(request, "certification/ask_code.html", {"form": form}, status=status)


@require_safe
@never_cache
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether the certificate is valid: a page, or the same as JSON to who accepts that."""
    certificate = queries.find_certificate(code=code)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        response: HttpResponse = _as_json(certificate)
    elif certificate and certificate.code != code:
        response = redirect("certification:verify", certificate.code)
    else:
        response = _as_page(request, certificate, code)
    patch_vary_headers(response, ["Accept"])
    response.headers["X-Robots-Tag"] = "noindex"  # a name is not found by searching for it
    return response


@login_required
@require_safe
@never_cache
def pdf(request: HttpRequest, code: str) -> HttpResponse:
    own = queries.visible_certificates(
        viewer_id=cast("int", request.user.pk), viewer_is_staff=_sees_all(request)
    )
    certificate = get_object_or_404(own, code=code)
    if certificate.status == CertificateStatus.REVOKED:
        messages.error(request, _("A revoked certificate cannot be downloaded."))
        return redirect("certification:verify", code)
    try:
        content = certificate_pdf(certificate)
    except NameCannotBePrinted as refusal:
        messages.error(request, str(refusal))
        return redirect("certification:verify", code)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="certificate-{code}.pdf"'},
    )


@login_required
@require_POST
def latin_name(request: HttpRequest, code: str) -> HttpResponse:
    """Add the account's name in Latin letters to a certificate that cannot be printed without."""
    user = cast("Any", request.user)
    own = queries.visible_certificates(viewer_id=user.pk, viewer_is_staff=False)
    certificate = get_object_or_404(own, code=code)
    try:
        services.add_latin_name(
            certificate_id=certificate.pk, student_id=user.pk, latin_name=user.latin_name
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The certificate can be downloaded now."))
    return redirect("certification:verify", code)


def _sees_all(request: HttpRequest) -> bool:
    return staff_may(request.user, "certification.view_certificate")


def _as_page(request: HttpRequest, certificate: Certificate | None, code: str) -> HttpResponse:
    if certificate is None:
        context: dict[str, Any] = {"code": code[:40], "form": CodeForm(initial={"code": code[:40]})}
        return render(request, "certification/unknown.html", context, status=404)
    both = (certificate.student_name, certificate.student_latin_name)
    shown = names.as_read(*both)
    is_owner = request.user.pk == certificate.student_id
    context = {
        "certificate": certificate,
        "replaced_by": getattr(certificate, "replaced_by", None),
        "verify_url": queries.verify_url(certificate),
        "name": shown,
        "other_name": next((name for name in both if name not in ("", shown)), ""),
        "may_download": is_owner or _sees_all(request),
        "is_owner": is_owner,
    }
    with timezone.override(None):  # its dates are the school's, as they are printed on it
        return render(request, "certification/certificate.html", context)


def _as_json(certificate: Certificate | None) -> JsonResponse:
    if certificate is None:
        body = {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "code": "certificate_unknown",
            "detail": _("No certificate has this code. Compare it with the printed one."),
        }
        return JsonResponse(body, status=404, content_type="application/problem+json")
    return JsonResponse(_facts(certificate))


def _facts(certificate: Certificate) -> dict[str, Any]:
    """Return what stands on the certificate, and no more of its student."""
    replaced_by = getattr(certificate, "replaced_by", None)
    return {
        "status": certificate.status,
        "code": certificate.code,
        "student_name": certificate.student_name,
        "student_latin_name": certificate.student_latin_name,
        "course_title": certificate.course_title,
        "completed_at": certificate.completed_at,
        "issued_at": certificate.issued_at,
        "revoked_at": certificate.revoked_at,
        "replaces": certificate.replaces.code if certificate.replaces else None,
        "replaced_by": replaced_by.code if replaced_by else None,
        "verify_url": queries.verify_url(certificate),
    }
