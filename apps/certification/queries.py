"""Reads on certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse

from apps.certification.models import Certificate
from apps.certification.policies import code_in
from apps.held import read_as


@dataclass(frozen=True)
class HeldCertificate:
    """All that is held of a certificate, for its student to take away."""

    id: int
    code: str
    lecture_id: int
    student_name: str
    student_latin_name: str
    course_title: str
    status: str
    completed_at: datetime
    issued_at: datetime
    revoked_at: datetime | None
    revocation_reason: str
    replaced_code: str | None


def visible_certificates(*, viewer_id: int, viewer_is_staff: bool) -> QuerySet[Certificate]:
    """Return the viewer's own certificates, or all of them to staff, newest first."""
    certificates = Certificate.objects.order_by("-issued_at", "-pk")
    return certificates if viewer_is_staff else certificates.filter(student_id=viewer_id)


def find_certificate(*, code: str) -> Certificate | None:
    """Return the certificate of a code as people type it (``policies.code_in``)."""
    certificates = Certificate.objects.select_related("replaces", "replaced_by")
    return certificates.filter(code=code_in(code)).first()


def verify_url(certificate: Certificate) -> str:
    """Return the full address at which anyone can verify the certificate."""
    return settings.SITE_URL + reverse("certification:verify", args=[certificate.code])


def count_certificates(*, lecture_ids: list[int]) -> int:
    """Return how many of these enrollments hold a valid certificate."""
    return Certificate.objects.filter(lecture_id__in=lecture_ids, status="issued").count()


def list_held(*, student_id: int) -> tuple[HeldCertificate, ...]:
    """Return all of the student's certificates, the revoked too, in one query."""
    certificates = Certificate.objects.filter(student_id=student_id).order_by("pk")
    return read_as(HeldCertificate, certificates.annotate(replaced_code=F("replaces__code")))


def count_uncertified(*, lecture_ids: list[int]) -> int:
    """Return how many of these completed enrollments have no certificate yet, nor had one."""
    had = Certificate.objects.filter(lecture_id__in=lecture_ids)
    return len(lecture_ids) - had.values("lecture_id").distinct().count()
