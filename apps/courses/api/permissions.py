"""Who may do what, where the address alone decides."""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAdminUser
from rest_framework.views import APIView


class StaffWritesAnyoneReads(APIView):
    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method in SAFE_METHODS else IsAdminUser()]
