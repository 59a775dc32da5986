"""What the OpenAPI schema says of enrollments."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from apps.lectures.api.serializers import (
    ChangedEnrollmentSerializer,
    EnrollmentChangeSerializer,
    EnrollmentQuery,
    EnrollmentSerializer,
    EnrollSerializer,
)
from apps.problems import STALE, problems

TAGS = ["Enrollments"]
ID = OpenApiParameter(
    "enrollment_id", int, OpenApiParameter.PATH, description="The id of the enrollment."
)
LESSON_ID = OpenApiParameter(
    "lesson_id", int, OpenApiParameter.PATH, description="The id of the lesson."
)

_PAYMENT = {
    "id": 9,
    "number": "P-7K3M-QX92",
    "status": "pending",
    "amount_minor": 50000,
    "refunded_minor": 0,
    "currency": "KRW",
}
_REQUESTED = {
    "id": 12,
    "course": 3,
    "course_title": "Introduction to SQL",
    "student": 7,
    "status": "requested",
    "price_minor": 50000,
    "currency": "KRW",
    "progress_percent": 0,
    "requested_at": "2026-03-02T09:00:00+09:00",
    "pay_by": "2026-03-03T09:00:00+09:00",
    "approved_at": None,
    "completed_at": None,
    "cancelled_at": None,
    "expired_at": None,
    "refundable_minor": 0,
    "payment": _PAYMENT,
}
_APPROVED = _REQUESTED | {
    "status": "approved",
    "progress_percent": 33,
    "pay_by": None,
    "approved_at": "2026-03-02T09:01:00+09:00",
    "refundable_minor": 33333,
    "payment": {**_PAYMENT, "status": "approved"},
}
_CANCELLED = _APPROVED | {
    "status": "cancelled",
    "cancelled_at": "2026-03-04T09:00:00+09:00",
    "refundable_minor": 0,
    "refund": {"amount_minor": 33333, "currency": "KRW"},
}

list_enrollments = extend_schema(
    operation_id="list_enrollments",
    tags=TAGS,
    summary="List enrollments",
    description="Newest first: one's own, or to staff everybody's.",
    parameters=[EnrollmentQuery],
    responses={
        200: EnrollmentSerializer(many=True),
        **problems({403: {"permission_denied": "Only staff may name another student."}}),
    },
    examples=[OpenApiExample("Enrollment", value=_APPROVED)],
)

request_enrollment = extend_schema(
    operation_id="request_enrollment",
    tags=TAGS,
    summary="Enroll",
    description="Holds a seat until `pay_by`; pay at `/payments/{id}/charges/`. A free course is "
    "approved at once and has no payment. A seat that the waiting list offers is taken. "
    "Staff may enroll another `student`.",
    request=EnrollSerializer,
    responses={
        201: OpenApiResponse(
            EnrollmentSerializer, description="`Location` is the enrollment's address."
        ),
        **problems(
            {
                409: {
                    "course_full": "Every seat of this course is taken.",
                    "too_many_holds": "You hold 5 seats that are not paid yet. Pay for one …",
                    "hold_paused": "Your seat was given up unpaid. You can enroll again from …",
                    "offer_lapsed": "The offer of this seat has ended.",
                    "course_not_open": "This course takes no enrollments at the moment.",
                    "enrollment_closed": "Enrollment in this course is closed.",
                    "enrollment_not_yet_open": "Enrollment in this course has not opened yet.",
                    "already_enrolled": "You are enrolled in this course already.",
                }
            }
        ),
    },
    examples=[
        OpenApiExample("Enroll", value={"course": 3}, request_only=True),
        OpenApiExample("Enroll another", value={"course": 3, "student": 7}, request_only=True),
        OpenApiExample("Requested", value=_REQUESTED, response_only=True, status_codes=["201"]),
    ],
)

show_enrollment = extend_schema(
    operation_id="show_enrollment",
    tags=TAGS,
    summary="Show an enrollment",
    description="One's own, or to staff anybody's.",
    parameters=[ID],
    responses={200: EnrollmentSerializer},
    examples=[OpenApiExample("Enrollment", value=_APPROVED)],
)

change_enrollment = extend_schema(
    operation_id="change_enrollment",
    tags=TAGS,
    summary="Cancel or complete an enrollment",
    description="`cancelled` by its student or staff: the seat is freed, and `refund` says what "
    "the agreed policy gives back. `completed` by staff, from `approved` only.",
    parameters=[ID],
    request=EnrollmentChangeSerializer,
    responses={
        **problems(STALE),
        200: ChangedEnrollmentSerializer,
        **problems(
            {
                403: {"permission_denied": "Only staff may complete an enrollment."},
                409: {"enrollment_state": "This enrollment has been cancelled already."},
            }
        ),
    },
    examples=[
        OpenApiExample("Cancel", value={"status": "cancelled"}, request_only=True),
        OpenApiExample("Complete", value={"status": "completed"}, request_only=True),
        OpenApiExample("Cancelled", value=_CANCELLED, response_only=True, status_codes=["200"]),
    ],
)

complete_lesson = extend_schema(
    operation_id="complete_lesson",
    tags=TAGS,
    summary="Complete a lesson",
    description="By the enrollment's student; no body is needed. Twice changes nothing. At the "
    "course's threshold the enrollment is completed, and its certificate follows shortly.",
    parameters=[ID, LESSON_ID],
    request=None,
    responses={
        200: EnrollmentSerializer,
        **problems({409: {"not_learning": "Lessons open once the enrollment is paid."}}),
    },
    examples=[
        OpenApiExample("Progress", value=_APPROVED, response_only=True, status_codes=["200"])
    ],
)
