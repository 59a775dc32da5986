"""Enrollments as the API takes and gives them."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.lectures.models import EnrollmentStatus
from apps.lectures.queries import EnrollmentDetail
from apps.strict import (
    MAX_ID,
    IdParameter,
    ListQuery,
    StrictChoiceField,
    StrictIntegerField,
    StrictSerializer,
)

STATES = "`requested`, `approved`, `completed`, `cancelled` or `expired`."


class EnrollmentPaymentSerializer(serializers.Serializer):
    """What is owed and paid for an enrollment."""

    id = serializers.IntegerField(help_text="The id at `/payments/{id}/`.")
    number = serializers.CharField(help_text="What pages and e-mails call it, as `P-7K3M-QX92`.")
    status = serializers.CharField(
        help_text="`pending`, `processing`, `approved`, `declined`, `deferred`, `cancelled`, "
        "`partially_refunded` or `refunded`."
    )
    amount_minor = serializers.IntegerField(help_text="What is owed or paid, in minor units.")
    refunded_minor = serializers.IntegerField(help_text="What was given back, in minor units.")
    currency = serializers.CharField(help_text="ISO 4217 code.")


class EnrollmentSerializer(serializers.Serializer):
    """One student's taking of one course."""

    id = serializers.IntegerField(help_text="The id of the enrollment.")
    course = serializers.IntegerField(source="course.id", help_text="The id of the course.")
    course_title = serializers.CharField(source="course.title", help_text="Its title.")
    student = serializers.IntegerField(source="student_id", help_text="The id of the student.")
    status = serializers.CharField(help_text=STATES)
    price_minor = serializers.IntegerField(help_text="The price agreed, in minor units.")
    currency = serializers.CharField(help_text="ISO 4217 code.")
    progress_percent = serializers.IntegerField(
        help_text="How much of the lessons is completed, 0 to 100."
    )
    requested_at = serializers.DateTimeField(help_text="When the student enrolled.")
    pay_by = serializers.DateTimeField(
        allow_null=True, help_text="Until when the seat is held; null once it is approved."
    )
    approved_at = serializers.DateTimeField(allow_null=True, help_text="When approved, or null.")
    completed_at = serializers.DateTimeField(allow_null=True, help_text="When completed, or null.")
    cancelled_at = serializers.DateTimeField(allow_null=True, help_text="When cancelled, or null.")
    expired_at = serializers.DateTimeField(
        allow_null=True, help_text="When the hold ran out, or null."
    )
    refundable_minor = serializers.SerializerMethodField(
        help_text="What a cancellation now would give back, in minor units."
    )
    payment = EnrollmentPaymentSerializer(
        allow_null=True, help_text="What is owed and paid; null for a free course."
    )

    def get_refundable_minor(self, enrollment: EnrollmentDetail) -> int:
        return enrollment.refund_minor if enrollment.can_cancel else 0


class RefundSerializer(serializers.Serializer):
    """What a cancellation gives back."""

    amount_minor = serializers.IntegerField(help_text="What is being given back, in minor units.")
    currency = serializers.CharField(help_text="ISO 4217 code.")


class ChangedEnrollmentSerializer(EnrollmentSerializer):
    """The enrollment after a change."""

    refund = RefundSerializer(
        allow_null=True,
        help_text="After a cancellation: the refund, which follows shortly. Else null.",
    )


class EnrollSerializer(StrictSerializer):
    """The wish to enroll."""

    answer = EnrollmentSerializer

    course = StrictIntegerField(
        min_value=1, max_value=MAX_ID, help_text="The id of the course to enroll in."
    )
    student = StrictIntegerField(
        min_value=1,
        max_value=MAX_ID,
        required=False,
        help_text="For staff: whom to enroll. By default whoever asks.",
    )

    def validate_student(self, student_id: int) -> int:
        """Look the student up for who may; the view refuses everybody else, without a look."""
        users = get_user_model()._default_manager.filter(pk=student_id, is_active=True)
        if self.context["enrolls_others"] and not users.exists():
            raise serializers.ValidationError(_("There is no such student."), "does_not_exist")
        return student_id


class EnrollmentChangeSerializer(StrictSerializer):
    """The state that the enrollment shall have."""

    answer = ChangedEnrollmentSerializer

    status = StrictChoiceField(
        choices=["cancelled", "completed"],
        help_text="`cancelled`, or for staff `completed`.",
    )


class EnrollmentQuery(ListQuery):
    """Filters of enrollments."""

    status = StrictChoiceField(
        choices=EnrollmentStatus.values, required=False, help_text="Only this state."
    )
    course = IdParameter(help_text="Only enrollments in the course of this id.")
    student = IdParameter(help_text="For staff: only the student of this id.")
