"""What the OpenAPI schema says of courses."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from apps.courses.api.serializers import (
    CatalogueQuery,
    ChangedCourseSerializer,
    CourseSerializer,
    LessonSerializer,
    NewCourseSerializer,
)
from apps.problems import STALE, problems

TAGS = ["Courses"]
ID = OpenApiParameter("course_id", int, OpenApiParameter.PATH, description="The id of the course.")
STATE = {"course_state": "The course cannot change to this state from the one it is in."}

_OFFER = {
    "title": "Introduction to SQL",
    "summary": "From SELECT to window functions.",
    "description": "## What you learn\n\nTo ask a database what you want to know.",
    "category": "Data",
    "language": "en",
    "price_minor": 50000,
    "currency": "KRW",
    "capacity": 30,
    "enrollment_opens_at": "2026-02-01T09:00:00+09:00",
    "enrollment_closes_at": "2026-03-01T18:00:00+09:00",
    "starts_at": "2026-03-02T09:00:00+09:00",
    "ends_at": "2026-04-30T18:00:00+09:00",
    "completion_threshold_percent": 80,
    "refund_policy": "tuition_law",
}
_COURSE = {
    "id": 3,
    "slug": "introduction-to-sql",
    **_OFFER,
    "seats_taken": 12,
    "status": "open",
    "availability": "open",
    "seats_left": 18,
    "cover_url": "",
    "rating_average": 4.5,
    "rating_count": 2,
    "lesson_count": 8,
    "duration_minutes": 240,
}
_LESSON = {"id": 21, "title": "SELECT", "duration_minutes": 30, "is_preview": True}
_ANSWER = OpenApiExample("Course", value=_COURSE, response_only=True)

list_courses = extend_schema(
    operation_id="list_courses",
    tags=TAGS,
    summary="Search the catalogue",
    description="Open courses to everyone, courses in every state to staff. All filters may be "
    "combined; a parameter that does not exist is refused.",
    parameters=[CatalogueQuery],
    responses={
        200: CourseSerializer(many=True),
        **problems({403: {"permission_denied": "Only staff may filter by status."}}),
    },
    examples=[_ANSWER],
)

register_course = extend_schema(
    operation_id="register_course",
    tags=TAGS,
    summary="Register a course",
    description="For staff. What is left out: Korean, free, any number of seats, no dates, every "
    "lesson to be completed, refunds by law. Lessons and the cover picture are added in the "
    "administration.",
    request=NewCourseSerializer,
    responses={
        201: OpenApiResponse(CourseSerializer, description="`Location` is the course's address."),
        **problems({403: {"permission_denied": "Only staff may do this."}}),
    },
    examples=[
        OpenApiExample("Register", value={**_OFFER, "status": "open"}, request_only=True),
        _ANSWER,
    ],
)

show_course = extend_schema(
    operation_id="show_course",
    tags=TAGS,
    summary="Show a course",
    description="Open and closed courses to everyone, courses in every state to staff.",
    parameters=[ID],
    responses={200: CourseSerializer},
    examples=[_ANSWER],
)

change_course = extend_schema(
    operation_id="change_course",
    tags=TAGS,
    summary="Change a course, or open or close it",
    description="For staff. Fields left out stay as they are; all changes are made or none. What "
    "is agreed with those enrolled already (price, refund policy, dates) stays.",
    parameters=[ID],
    request=ChangedCourseSerializer,
    responses={**problems(STALE), 200: CourseSerializer, **problems({409: STATE})},
    examples=[
        OpenApiExample("Close", value={"status": "closed"}, request_only=True),
        OpenApiExample("Change", value={"price_minor": 60000, "capacity": None}, request_only=True),
        _ANSWER,
    ],
)

withdraw_course = extend_schema(
    operation_id="withdraw_course",
    tags=TAGS,
    summary="Withdraw a course",
    description="For staff. The offer is gone for good; requested and approved enrollments are "
    "cancelled and refunded in full shortly after, completed ones and their certificates stay.",
    parameters=[ID],
    responses={
        **problems(STALE),
        204: OpenApiResponse(description="Withdrawn."),
        **problems({409: STATE}),
    },
)

list_lessons = extend_schema(
    operation_id="list_lessons",
    tags=TAGS,
    summary="List a course's lessons",
    description="The outline in its order, for whoever sees the course: the ids stand in the "
    "address of a lesson's completion. The contents are in the classroom.",
    parameters=[ID],
    responses={200: LessonSerializer(many=True)},
    examples=[OpenApiExample("Lesson", value=_LESSON)],
)
