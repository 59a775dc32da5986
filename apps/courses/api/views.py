"""The catalogue for everyone, and its care for staff."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.courses import queries, services
from apps.courses.api import docs
from apps.courses.api.permissions import CHANGE, StaffWritesAnyoneReads, sees_hidden
from apps.courses.api.serializers import (
    CatalogueQuery,
    ChangedCourseSerializer,
    CourseSerializer,
    LessonSerializer,
    NewCourseSerializer,
)
from apps.rights import staff_may
from apps.strict import ListQuery, claim_id, read_body, read_query
from foundation.api.preconditions import precondition, tagged


class CourseListView(StaffWritesAnyoneReads, GenericAPIView):
    filter_backends = []
    serializer_class = CourseSerializer

    @docs.list_courses
    def get(self, request: Request) -> Response:
        filters = read_query(CatalogueQuery, request)
        if "status" in filters and not sees_hidden(request):
            raise PermissionDenied() if request.user.is_authenticated else NotAuthenticated()
        courses = queries.catalogue(**filters, include_hidden=sees_hidden(request))
        page = CourseSerializer(self.paginate_queryset(courses), many=True)
        return self.get_paginated_response(page.data)

    @docs.register_course
    def post(self, request: Request) -> Response:
        fields = read_body(NewCourseSerializer, request)
        state = fields.pop("status")
        if state == "open" and not staff_may(request.user, CHANGE):
            raise PermissionDenied(_("You may register courses, not open them. Leave status out."))
        course_id = services.register_course(
            fields=fields, opened=state == "open", claim_id=claim_id(request)
        )
        course = queries.get_visible_course(course_id=course_id, include_hidden=True)
        return Response(
            CourseSerializer(course).data,
            status=status.HTTP_201_CREATED,
            headers={"Location": reverse("api-course", args=[course_id], request=request)},
        )


class CourseView(StaffWritesAnyoneReads, GenericAPIView):
    serializer_class = CourseSerializer

    @docs.show_course
    def get(self, request: Request, course_id: int) -> Response:
        course = queries.get_visible_course(
            course_id=course_id, include_hidden=sees_hidden(request)
        )
        return tagged(CourseSerializer(course).data)

    @docs.change_course
    def patch(self, request: Request, course_id: int) -> Response:
        course = queries.get_visible_course(course_id=course_id, include_hidden=True)
        fields = read_body(ChangedCourseSerializer, request, instance=course)
        state = fields.pop("status", None)
        agreed = precondition(request, lambda: _represent(course_id))
        services.change_course(course_id=course_id, fields=fields, status=state, agreed=agreed)
        return self.get(request, course_id)

    @docs.withdraw_course
    def delete(self, request: Request, course_id: int) -> Response:
        agreed = precondition(request, lambda: _represent(course_id))
        services.withdraw_course(course_id=course_id, agreed=agreed)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _represent(course_id: int) -> dict[str, Any]:
    course = queries.get_visible_course(course_id=course_id, include_hidden=True)
    return dict(CourseSerializer(course).data)


class LessonListView(StaffWritesAnyoneReads, GenericAPIView):
    serializer_class = LessonSerializer

    @docs.list_lessons
    def get(self, request: Request, course_id: int) -> Response:
        read_query(ListQuery, request)
        queries.get_visible_course(course_id=course_id, include_hidden=sees_hidden(request))
        lessons = queries.list_outline(course_id=course_id)
        page = LessonSerializer(self.paginate_queryset(lessons), many=True)
        return self.get_paginated_response(page.data)
