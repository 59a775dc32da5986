"""Wait for a seat of a full course, and stop waiting."""

from __future__ import annotations

from typing import Any

from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.lectures import queries, services
from apps.lectures.api import waiting_docs as docs
from apps.lectures.api.waiting_serializers import (
    JoinSerializer,
    WaitingPlaceQuery,
    WaitingPlaceSerializer,
)
from apps.lectures.queries import WaitingPlace
from apps.refusals import InvalidInput, NotFound
from apps.rights import staff_may
from apps.strict import read_body, read_query, viewer_id
from foundation.api.preconditions import precondition, tagged


class WaitingListView(GenericAPIView):
    filter_backends = []
    serializer_class = WaitingPlaceSerializer

    @docs.list_places
    def get(self, request: Request) -> Response:
        """Three queries: the number, the page with its positions, its courses."""
        filters = read_query(WaitingPlaceQuery, request)
        columns = {"course_id" if name == "course" else name: v for name, v in filters.items()}
        visible = queries.visible_places(
            viewer_id=viewer_id(request), viewer_is_staff=_sees_all(request)
        )
        places = queries.describe_places(self.paginate_queryset(visible.filter(**columns)) or [])
        return self.get_paginated_response(WaitingPlaceSerializer(places, many=True).data)

    @docs.join_waiting_list
    def post(self, request: Request) -> Response:
        course_id = read_body(JoinSerializer, request)["course"]
        try:
            entry_id = services.join_waiting_list(
                student_id=viewer_id(request), course_id=course_id
            )
        except NotFound as refusal:
            raise InvalidInput("course", refusal.message) from refusal
        address = reverse("api-waiting-place", args=[entry_id], request=request)
        return Response(
            _answer(_get_visible(request, entry_id)),
            status=status.HTTP_201_CREATED,
            headers={"Location": address},
        )


class WaitingPlaceView(APIView):
    @docs.show_place
    def get(self, request: Request, entry_id: int) -> Response:
        return tagged(_answer(_get_visible(request, entry_id)))

    @docs.leave_waiting_list
    def delete(self, request: Request, entry_id: int) -> Response:
        if _get_visible(request, entry_id).student_id != viewer_id(request):
            raise PermissionDenied()
        agreed = precondition(request, lambda: _answer(_get_visible(request, entry_id)))
        services.leave_waiting_list(entry_id=entry_id, student_id=viewer_id(request), agreed=agreed)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _get_visible(request: Request, entry_id: int) -> WaitingPlace:
    return queries.get_place(
        entry_id=entry_id, viewer_id=viewer_id(request), viewer_is_staff=_sees_all(request)
    )


def _sees_all(request: Request) -> bool:
    return staff_may(request.user, "lectures.view_waitinglistentry")


def _answer(place: WaitingPlace) -> dict[str, Any]:
    return dict(WaitingPlaceSerializer(place).data)
