"""Enroll, learn, cancel."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.lectures import queries, services
from apps.lectures.api import docs
from apps.lectures.api.serializers import (
    EnrollmentChangeSerializer,
    EnrollmentQuery,
    EnrollmentSerializer,
    EnrollSerializer,
)
from apps.lectures.queries import EnrollmentDetail
from apps.refusals import InvalidInput, NotFound
from apps.rights import staff_may
from apps.strict import NothingSerializer, read_body, read_query, viewer_id
from foundation.api.preconditions import precondition, tagged

ENROLL_OTHERS = "lectures.add_enrollment"


class EnrollmentListView(GenericAPIView):
    filter_backends = []
    serializer_class = EnrollmentSerializer

    @docs.list_enrollments
    def get(self, request: Request) -> Response:
        filters = read_query(EnrollmentQuery, request)
        _refuse_naming_others(request, filters.get("student"), "lectures.view_enrollment")
        visible = queries.visible_enrollments(**_viewer(request)).filter(**_columns(filters))
        details = queries.describe(self.paginate_queryset(visible) or [])
        return self.get_paginated_response(EnrollmentSerializer(details, many=True).data)

    @docs.request_enrollment
    def post(self, request: Request) -> Response:
        given = read_body(
            EnrollSerializer,
            request,
            context={"enrolls_others": staff_may(request.user, ENROLL_OTHERS)},
        )
        student_id: int = given.get("student", viewer_id(request))
        _refuse_naming_others(request, student_id, ENROLL_OTHERS)
        try:
            enrollment_id = services.request_enrollment(
                student_id=student_id,
                course_id=given["course"],
                by_staff=student_id != viewer_id(request),
            )
        except NotFound as refusal:
            raise InvalidInput("course", refusal.message) from refusal
        except services.AlreadyEnrolled as refusal:
            raise _leading_there(request, refusal, student_id, given["course"]) from refusal
        address = reverse("api-lecture", args=[enrollment_id], request=request)
        detail = queries.get_detail(enrollment_id=enrollment_id, viewer_id=student_id)
        return Response(
            EnrollmentSerializer(detail).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": address},
        )


def _leading_there(
    request: Request, refusal: services.AlreadyEnrolled, student_id: int, course_id: int
) -> services.AlreadyEnrolled:
    """Add which enrollment it is that is there already, and its address."""
    live = queries.find_live_enrollment(student_id=student_id, course_id=course_id)
    if live is not None:
        address = reverse("api-lecture", args=[live.id], request=request)
        refusal.detail |= {"instance": address, "lecture": live.id}
    return refusal


class EnrollmentView(APIView):
    @docs.show_enrollment
    def get(self, request: Request, enrollment_id: int) -> Response:
        return tagged(_answer(request, enrollment_id))

    @docs.change_enrollment
    def patch(self, request: Request, enrollment_id: int) -> Response:
        found = queries.get_detail(enrollment_id=enrollment_id, **_viewer(request))
        wanted = read_body(EnrollmentChangeSerializer, request)["status"]
        if wanted == "cancelled":
            return Response(_cancel(request, found))
        if not _may_change(request):
            raise PermissionDenied()
        agreed = precondition(request, lambda: _answer(request, enrollment_id))
        services.complete_enrollment(enrollment_id=enrollment_id, agreed=agreed)
        return Response({**_answer(request, enrollment_id), "refund": None})


def _cancel(request: Request, found: EnrollmentDetail) -> dict[str, Any]:
    """Cancel one's own as a student, and another's as staff who may."""
    student_id = None if _may_change(request) else viewer_id(request)
    if student_id not in (None, found.student_id):
        raise PermissionDenied()
    agreed = precondition(request, lambda: _answer(request, found.id))
    refund_minor = services.cancel_enrollment(
        enrollment_id=found.id, student_id=student_id, agreed=agreed
    )
    answer = _answer(request, found.id)
    refund = {"amount_minor": refund_minor, "currency": answer["currency"]}
    return {**answer, "refund": refund}


class CompletionView(APIView):
    @docs.complete_lesson
    def post(self, request: Request, enrollment_id: int, lesson_id: int) -> Response:
        read_body(NothingSerializer, request)
        services.complete_lesson(
            enrollment_id=enrollment_id, student_id=viewer_id(request), lesson_id=lesson_id
        )
        return Response(_answer(request, enrollment_id))


def _viewer(request: Request) -> dict[str, Any]:
    sees_all = staff_may(request.user, "lectures.view_enrollment")
    return {"viewer_id": viewer_id(request), "viewer_is_staff": sees_all}


def _may_change(request: Request) -> bool:
    return staff_may(request.user, "lectures.change_enrollment")


def _refuse_naming_others(request: Request, student_id: int | None, right: str) -> None:
    if student_id not in (None, viewer_id(request)) and not staff_may(request.user, right):
        raise PermissionDenied(_("Only staff may name another student. Leave student out."))


def _columns(filters: dict[str, Any]) -> dict[str, Any]:
    names = {"course": "course_id", "student": "student_id"}
    return {names.get(name, name): value for name, value in filters.items()}


def _answer(request: Request, enrollment_id: int) -> dict[str, Any]:
    detail = queries.get_detail(enrollment_id=enrollment_id, **_viewer(request))
    return dict(EnrollmentSerializer(detail).data)
