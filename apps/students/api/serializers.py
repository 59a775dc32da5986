"""Students and their history as the API takes and gives them."""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps import names
from apps.strict import (
    StrictCharField,
    StrictChoiceField,
    StrictEmailField,
    StrictSerializer,
)
from apps.students.models import MAX_TOKEN_NAME_LENGTH, HistoryEntry, TimelineEntry, User

MAX_PASSWORD_LENGTH = 128


class LogInSerializer(StrictSerializer):
    """The credentials of an account."""

    email = StrictEmailField(max_length=254, help_text="The address of the account.")
    password = StrictCharField(
        max_length=MAX_PASSWORD_LENGTH, trim_whitespace=False, help_text="Its password."
    )
    code = StrictCharField(
        max_length=32,
        required=False,
        help_text="Of the authenticator app, or a recovery code; where the account has one.",
    )
    name = StrictCharField(
        max_length=MAX_TOKEN_NAME_LENGTH,
        required=False,
        allow_blank=True,
        help_text="What the token is for, as its owner's list shows it.",
    )


class OpenTokenSerializer(serializers.Serializer):
    """A token of one's own. What it says of itself is told once, when it is issued."""

    id = serializers.IntegerField(help_text="To end it by.")
    name = serializers.CharField(help_text="As it was given, or empty.")
    created_at = serializers.DateTimeField(help_text="When it was issued.")
    expires_at = serializers.DateTimeField(help_text="From then on it is refused.")
    last_used_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was last used, to the minute; null before that."
    )
    is_current = serializers.BooleanField(
        source="is_this", help_text="Whether it is the token of this call."
    )


class TokenSerializer(serializers.Serializer):
    """A new token."""

    token = serializers.CharField(help_text="Send it as `Authorization: Token …`. Told this once.")
    expires_at = serializers.DateTimeField(help_text="From then on the token is refused.")


class SignUpSerializer(StrictSerializer):
    """A new account."""

    email = StrictEmailField(max_length=254, help_text="Where the confirmation is sent.")
    password = StrictCharField(
        max_length=MAX_PASSWORD_LENGTH,
        trim_whitespace=False,
        help_text="At least 8 characters; not common, no date, not like the name of the account or"
        " the school's.",
    )
    name = StrictCharField(max_length=150, help_text="As it shall stand on certificates.")
    latin_name = StrictCharField(
        max_length=names.MAX_NAME_LENGTH,
        required=False,
        allow_blank=True,
        validators=[names.refuse_unless_latin],
        help_text="In Latin letters, as in the passport: letters, spaces, hyphens, apostrophes.",
    )
    language = StrictChoiceField(
        choices=settings.LANGUAGES,
        required=False,
        help_text="Of the e-mails: `ko` or `en`. By default the one of `Accept-Language`.",
    )


class SignedUpSerializer(serializers.Serializer):
    """The same for a new and for a known address: only its owner learns which, by e-mail."""

    email = serializers.CharField(help_text="In the form in which it is stored.")
    name = serializers.CharField(help_text="As it was sent.")
    latin_name = serializers.CharField(help_text="As it was sent, or empty.")
    language = serializers.CharField(help_text="Of the e-mails: `ko` or `en`.")
    detail = serializers.CharField(help_text="What to do next.")


class StudentSerializer(serializers.ModelSerializer):
    """An account as its owner sees it."""

    class Meta:
        model = User
        fields = [
            "id", "email", "name", "latin_name", "language", "time_zone", "is_staff", "date_joined",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "id": {"help_text": "Stands as `student` on enrollments and certificates."},
            "email": {"help_text": "The address to log in with."},
            "name": {"help_text": "As it stands on certificates."},
            "latin_name": {"help_text": "In Latin letters, as in the passport; or empty."},
            "language": {"help_text": "Of the e-mails: `ko` or `en`."},
            "time_zone": {
                "help_text": "Of the times in pages and e-mails, such as `Asia/Seoul`;"
                " empty for the school's own."
            },
            "is_staff": {"help_text": "Whether this is staff."},
            "date_joined": {"help_text": "When the account was made."},
        }


class TimelineSerializer(serializers.ModelSerializer):
    """One thing that happened to an enrollment."""

    class Meta:
        model = TimelineEntry
        fields = ["kind", "occurred_at", "amount_minor", "currency", "detail"]
        read_only_fields = fields
        extra_kwargs = {
            "kind": {
                "help_text": "What happened: `requested`, `deferred`, `declined`, `paid`, "
                "`approved`, `lesson_completed`, `completed`, `certified`, `reissued`, "
                "`certificate_revoked`, `cancelled`, `expired`, `payment_cancelled`, "
                "`refund_requested` or `refunded`."
            },
            "occurred_at": {"help_text": "When it happened."},
            "amount_minor": {"help_text": "The money it was about, in minor units; or null."},
            "currency": {"help_text": "ISO 4217 code of the amount, or empty."},
            "detail": {
                "help_text": "More about it: a lesson's title, a certificate's code, a reason."
            },
        }


class HistorySerializer(serializers.ModelSerializer):
    """One enrollment with all that happened to it."""

    lecture = serializers.IntegerField(
        source="lecture_id", read_only=True, help_text="The id of the enrollment."
    )
    course = serializers.IntegerField(
        source="course_id", read_only=True, help_text="The id of the course."
    )
    payment = serializers.IntegerField(
        source="payment_id", read_only=True, allow_null=True,
        help_text="The id of the payment; null for a free course.",
    )  # fmt: skip
    timeline = serializers.SerializerMethodField(help_text="What happened, in order.")

    @extend_schema_field(TimelineSerializer(many=True))
    def get_timeline(self, entry: HistoryEntry) -> list[dict[str, object]]:
        lines = self.context["timelines"][entry.lecture_id]
        return list(TimelineSerializer(lines, many=True).data)

    class Meta:
        model = HistoryEntry
        fields = [
            "lecture", "course", "course_title", "course_slug", "course_withdrawn", "status",
            "price_minor", "currency", "progress_percent", "payment", "payment_number",
            "payment_status",
            "paid_minor", "refund_requested_minor", "refunded_minor", "certificate_code",
            "requested_at", "pay_by", "approved_at", "completed_at", "certified_at",
            "cancelled_at", "expired_at", "timeline",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "course_title": {"help_text": "The title when the student enrolled."},
            "course_slug": {"help_text": "The last part of the address of the course's page."},
            "course_withdrawn": {"help_text": "Whether the course is no longer offered."},
            "status": {
                "help_text": "`requested`, `approved`, `completed`, `cancelled` or `expired`."
            },
            "price_minor": {"help_text": "The price agreed, in minor units."},
            "currency": {"help_text": "ISO 4217 code of all amounts."},
            "progress_percent": {"help_text": "How much of the lessons is completed, 0 to 100."},
            "payment_number": {
                "help_text": "What pages and e-mails call the payment; empty for a free course."
            },
            "payment_status": {"help_text": "As of the payment; empty for a free course."},
            "paid_minor": {"help_text": "What was paid, in minor units."},
            "refund_requested_minor": {"help_text": "What is to be given back, in minor units."},
            "refunded_minor": {"help_text": "What has been given back, in minor units."},
            "certificate_code": {"help_text": "The code of the valid certificate, or empty."},
            "requested_at": {"help_text": "When the student enrolled."},
            "pay_by": {"help_text": "Until when the seat is held, while it is not paid."},
            "approved_at": {"help_text": "When it was approved, or null."},
            "completed_at": {"help_text": "When it was completed, or null."},
            "certified_at": {"help_text": "When it was certified, or null."},
            "cancelled_at": {"help_text": "When it was cancelled, or null."},
            "expired_at": {"help_text": "When the hold ran out, or null."},
        }
