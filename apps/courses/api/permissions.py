"""Who may do what, where the address alone decides."""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.rights import staff_may

CHANGE = "courses.change_course"
RIGHTS = {"POST": "courses.add_course", "DELETE": "courses.delete_course"}


class StaffWithTheRight(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return staff_may(request.user, RIGHTS.get(request.method or "", CHANGE))


class StaffWritesAnyoneReads(APIView):
    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method in SAFE_METHODS else StaffWithTheRight()]


def sees_hidden(request: Request) -> bool:
    """Return whether drafts and withdrawn courses are shown, too."""
    return staff_may(request.user, "courses.view_course")
