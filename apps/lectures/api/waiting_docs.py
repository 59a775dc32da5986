"""What the OpenAPI schema says of waiting lists."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from apps.lectures.api.docs import TAGS
from apps.lectures.api.waiting_serializers import (
    JoinSerializer,
    WaitingPlaceQuery,
    WaitingPlaceSerializer,
)
from apps.problems import STALE, problems

ID = OpenApiParameter("entry_id", int, OpenApiParameter.PATH, description="The id of the place.")

_WAITING = {
    "id": 5,
    "course": 3,
    "course_title": "Introduction to SQL",
    "student": 7,
    "status": "waiting",
    "position": 2,
    "joined_at": "2026-03-02T09:00:00+09:00",
    "offered_at": None,
    "offered_until": None,
    "ended_at": None,
    "lecture": None,
}
_OFFERED = _WAITING | {
    "status": "offered",
    "position": None,
    "offered_at": "2026-03-04T10:00:00+09:00",
    "offered_until": "2026-03-05T10:00:00+09:00",
}

list_places = extend_schema(
    operation_id="list_waiting_places",
    tags=TAGS,
    summary="List places on waiting lists",
    description="Newest first: one's own, or to staff everybody's.",
    parameters=[WaitingPlaceQuery],
    responses={200: WaitingPlaceSerializer(many=True)},
    examples=[OpenApiExample("Seat offered", value=_OFFERED)],
)

join_waiting_list = extend_schema(
    operation_id="join_waiting_list",
    tags=TAGS,
    summary="Join the waiting list",
    description="Of a full course, at its end. A seat that becomes free is held for the first and "
    "`offered` until `offered_until`: take it by enrolling at `/lectures/`, or leave it to the "
    "next by DELETE.",
    request=JoinSerializer,
    responses={
        201: OpenApiResponse(
            WaitingPlaceSerializer, description="`Location` is the place's address."
        ),
        **problems(
            {
                409: {
                    "seat_is_free": "A seat of this course is free. Enroll instead of waiting.",
                    "already_waiting": "You are on the waiting list of this course already.",
                    "too_many_waiting_places": "You wait for seats in too many courses. …",
                    "already_enrolled": "You are enrolled in this course already.",
                    "course_not_open": "This course takes no enrollments at the moment.",
                    "enrollment_closed": "Enrollment in this course is closed.",
                    "enrollment_not_yet_open": "Enrollment in this course has not opened yet.",
                }
            }
        ),
    },
    examples=[
        OpenApiExample("Join", value={"course": 3}, request_only=True),
        OpenApiExample("Waiting", value=_WAITING, response_only=True, status_codes=["201"]),
    ],
)

show_place = extend_schema(
    operation_id="show_waiting_place",
    tags=TAGS,
    summary="Show a place on a waiting list",
    description="One's own, or to staff anybody's.",
    parameters=[ID],
    responses={200: WaitingPlaceSerializer},
    examples=[OpenApiExample("Seat offered", value=_OFFERED)],
)

leave_waiting_list = extend_schema(
    operation_id="leave_waiting_list",
    tags=TAGS,
    summary="Leave the waiting list",
    description="By the student. A seat that was offered goes on to the next at once. "
    "The place is shown as `left` from then on.",
    parameters=[ID],
    request=None,
    responses={
        **problems(STALE),
        204: OpenApiResponse(description="You wait no longer."),
        **problems(
            {
                403: {"permission_denied": "Only the student may leave."},
                409: {"not_waiting": "You are no longer on this waiting list."},
            }
        ),
    },
)
