"""Lists of the API come in pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

ADDRESS = {"type": ["string", "null"], "format": "uri"}
EXAMPLE = "https://school.example/api/v1/courses/?page="
LINKS = {
    "count": {"type": "integer", "description": "How many there are on all pages.", "example": 123},
    "next": {**ADDRESS, "description": "The next page, or null.", "example": f"{EXAMPLE}3"},
    "previous": {**ADDRESS, "description": "The page before, or null.", "example": f"{EXAMPLE}1"},
}


class Pagination(PageNumberPagination):
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    page_query_description = "The page, from 1; a page that does not exist is a 404."
    page_size_query_description = f"Entries per page, from 1 to {max_page_size}."
    invalid_page_message = gettext_lazy(  # type: ignore[assignment]  # DRF's own is lazy too
        "There is no such page. Follow next and previous."
    )

    def get_page_size(self, request: Request) -> int:
        """Refuse a size that cannot be had, rather than give another."""
        text = request.query_params.get(self.page_size_query_param, str(self.page_size))
        size = int(text) if text.isdecimal() and len(text) <= 3 else 0
        if not 1 <= size <= self.max_page_size:
            message = _("Choose from 1 to %(most)d entries per page.") % {
                "most": self.max_page_size
            }
            raise ValidationError({self.page_size_query_param: [ErrorDetail(message, "invalid")]})
        return size

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Return the parameters that turn the pages, with their bounds."""
        page, size = super().get_schema_operation_parameters(view)
        page["schema"] |= {"minimum": 1}
        size["schema"] |= {"minimum": 1, "maximum": self.max_page_size}
        return [page, size]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["description"] = "One page; `results` holds its entries."
        page["required"] = ["count", "next", "previous", "results"]
        page["properties"] |= LINKS
        return page
