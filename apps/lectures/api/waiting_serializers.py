"""Places on waiting lists as the API takes and gives them."""

from __future__ import annotations

from rest_framework import serializers

from apps.lectures.models import WaitingStatus
from apps.strict import (
    MAX_ID,
    IdParameter,
    ListQuery,
    StrictChoiceField,
    StrictIntegerField,
    StrictSerializer,
)


class WaitingPlaceSerializer(serializers.Serializer):
    """One student's place on the waiting list of a course."""

    id = serializers.IntegerField(help_text="The id of the place.")
    course = serializers.IntegerField(source="course.id", help_text="The id of the course.")
    course_title = serializers.CharField(source="course.title", help_text="Its title.")
    student = serializers.IntegerField(source="student_id", help_text="The id of the student.")
    status = serializers.CharField(
        help_text="`waiting`, `offered`, `accepted`, `lapsed` or `left`."
    )
    position = serializers.IntegerField(
        allow_null=True, help_text="From 1, while `waiting`; else null."
    )
    joined_at = serializers.DateTimeField(help_text="When the student joined.")
    offered_at = serializers.DateTimeField(
        allow_null=True, help_text="When a seat was offered, or null."
    )
    offered_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the seat is or was held, or null."
    )
    ended_at = serializers.DateTimeField(
        allow_null=True, help_text="When the waiting was over, or null."
    )
    lecture = serializers.IntegerField(
        source="enrollment_id",
        allow_null=True,
        help_text="The id of the enrollment that took the seat offered, or null.",
    )


class JoinSerializer(StrictSerializer):
    """The wish to wait for a seat."""

    answer = WaitingPlaceSerializer

    course = StrictIntegerField(
        min_value=1, max_value=MAX_ID, help_text="The id of the full course."
    )


class WaitingPlaceQuery(ListQuery):
    """Filters of places."""

    status = StrictChoiceField(
        choices=WaitingStatus.values, required=False, help_text="Only this state."
    )
    course = IdParameter(help_text="Only places on the waiting list of the course of this id.")
