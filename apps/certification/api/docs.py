"""What the OpenAPI schema says of certificates."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from apps.certification.api.serializers import CertificateQuery, CertificateSerializer

TAGS = ["Certificates"]
ID = OpenApiParameter(
    "certificate_id", int, OpenApiParameter.PATH, description="The id of the certificate."
)

_CERTIFICATE = {
    "id": 5,
    "code": "7K3M-9QXR-2FHT",
    "lecture": 12,
    "student": 7,
    "course_title": "Introduction to SQL",
    "student_name": "Alice Kim",
    "student_latin_name": "",
    "completed_at": "2026-04-28T17:30:00+09:00",
    "issued_at": "2026-04-28T17:30:02+09:00",
    "status": "issued",
    "revoked_at": None,
    "verify_url": "https://school.example/verify/7K3M-9QXR-2FHT/",
}

list_certificates = extend_schema(
    operation_id="list_certificates",
    tags=TAGS,
    summary="List certificates",
    description="Newest first: one's own, or to staff everybody's. A certificate follows its "
    "completion shortly.",
    parameters=[CertificateQuery],
    responses={200: CertificateSerializer(many=True)},
    examples=[OpenApiExample("Certificate", value=_CERTIFICATE)],
)

show_certificate = extend_schema(
    operation_id="show_certificate",
    tags=TAGS,
    summary="Show a certificate",
    description="One's own, or to staff anybody's. Anyone can verify it at `verify_url`.",
    parameters=[ID],
    responses={200: CertificateSerializer},
    examples=[OpenApiExample("Certificate", value=_CERTIFICATE)],
)
