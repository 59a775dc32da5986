"""The facts that certification publishes."""

from __future__ import annotations

from dataclasses import dataclass

from apps.events.registry import Event, event


@dataclass(frozen=True, kw_only=True)
class CertificateEvent(Event):
    certificate_id: int
    code: str
    enrollment_id: int
    student_id: int
    course_title: str
    occurred_at: str


@event("certification.certificate_issued.v1")
@dataclass(frozen=True, kw_only=True)
class CertificateIssued(CertificateEvent):
    """``replaces_code`` names the certificate that a reissue replaces, or is empty."""

    replaces_code: str = ""


@event("certification.certificate_revoked.v1")
@dataclass(frozen=True, kw_only=True)
class CertificateRevoked(CertificateEvent):
    reason: str
