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
from apps.refusals import InvalidInput, NotFound
from apps.strict import NothingSerializer, read_body, read_query, viewer_id


class EnrollmentListView(GenericAPIView):
    filter_backends = []
    serializer_class = EnrollmentSerializer

    @docs.list_enrollments
    def get(self, request: Request) -> Response:
        filters = read_query(EnrollmentQuery, request)
        _refuse_naming_others(request, filters.get("student"))
        visible = queries.visible_enrollments(**_viewer(request)).filter(**_columns(filters))
        details = queries.describe(self.paginate_queryset(visible) or [])
        return self.get_paginated_response(EnrollmentSerializer(details, many=True).data)

    @docs.request_enrollment
    def post(self, request: Request) -> Response:
        given = read_body(EnrollSerializer, request, context=_viewer(request))
        student_id: int = given.get("student", viewer_id(request))
        _refuse_naming_others(request, student_id)
        try:
            enrollment_id = services.request_enrollment(
                student_id=student_id, course_id=given["course"]
            )
        except NotFound as refusal:
            raise InvalidInput("course", refusal.message) from refusal
        address = reverse("api-lecture", args=[enrollment_id], request=request)
        return Response(
            _answer(request, enrollment_id),
            status=status.HTTP_201_CREATED,
            headers={"Location": address},
        )


class EnrollmentView(APIView):
    @docs.show_enrollment
    def get(self, request: Request, enrollment_id: int) -> Response:
        return Response(_answer(request, enrollment_id))

    @docs.change_enrollment
    def patch(self, request: Request, enrollment_id: int) -> Response:
        queries.get_detail(enrollment_id=enrollment_id, **_viewer(request))
        wanted = read_body(EnrollmentChangeSerializer, request)["status"]
        if wanted == "cancelled":
            return Response(_cancel(request, enrollment_id))
        if not request.user.is_staff:
            raise PermissionDenied()
        services.complete_enrollment(enrollment_id=enrollment_id)
        return Response({**_answer(request, enrollment_id), "refund": None})


def _cancel(request: Request, enrollment_id: int) -> dict[str, Any]:
    refund_minor = services.cancel_enrollment(
        enrollment_id=enrollment_id,
        student_id=None if request.user.is_staff else viewer_id(request),
    )
    answer = _answer(request, enrollment_id)
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
    return {"viewer_id": viewer_id(request), "viewer_is_staff": request.user.is_staff}


def _refuse_naming_others(request: Request, student_id: int | None) -> None:
    if student_id not in (None, viewer_id(request)) and not request.user.is_staff:
        raise PermissionDenied(_("Only staff may name another student. Leave student out."))


def _columns(filters: dict[str, Any]) -> dict[str, Any]:
    names = {"course": "course_id", "student": "student_id"}
    return {names.get(name, name): value for name, value in filters.items()}


def _answer(request: Request, enrollment_id: int) -> dict[str, Any]:
    detail = queries.get_detail(enrollment_id=enrollment_id, **_viewer(request))
    return dict(EnrollmentSerializer(detail).data)
