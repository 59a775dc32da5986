"""Certificates as the API gives them."""

from __future__ import annotations

from rest_framework import serializers

from apps.certification import queries
from apps.certification.models import Certificate, CertificateStatus
from apps.strict import IdParameter, ListQuery, StrictChoiceField


class CertificateSerializer(serializers.ModelSerializer):
    """The proof of completion."""

    lecture = serializers.IntegerField(
        source="lecture_id", read_only=True, help_text="The id of the enrollment."
    )
    student = serializers.IntegerField(
        source="student_id", read_only=True, help_text="The id of the student."
    )
    status = serializers.CharField(read_only=True, help_text="`issued` (valid) or `revoked`.")
    verify_url = serializers.SerializerMethodField(
        help_text="Where anyone can verify it, as a page or as JSON."
    )

    class Meta:
        model = Certificate
        fields = [
            "id", "code", "lecture", "student", "course_title", "student_name",
            "student_latin_name", "completed_at", "issued_at", "status", "revoked_at", "verify_url",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "id": {"help_text": "The id of the certificate."},
            "code": {"help_text": "What the certificate is verified by."},
            "course_title": {"help_text": "The title of the course, as certified."},
            "student_name": {"help_text": "The name of the student, as certified."},
            "student_latin_name": {"help_text": "The same in Latin letters, or empty."},
            "completed_at": {"help_text": "When the course was completed."},
            "issued_at": {"help_text": "When the certificate was issued."},
            "revoked_at": {"help_text": "When it was revoked, or null."},
        }

    def get_verify_url(self, certificate: Certificate) -> str:
        return queries.verify_url(certificate)


class CertificateQuery(ListQuery):
    """Filters of certificates."""

    status = StrictChoiceField(
        choices=CertificateStatus.values, required=False, help_text="Only this state."
    )
    lecture = IdParameter(help_text="Only certificates of the enrollment of this id.")
