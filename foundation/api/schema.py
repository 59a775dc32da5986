"""The OpenAPI document, built once per process: it is the same for every caller."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, ClassVar

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.encoding import force_bytes
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

MAX_AGE_SECONDS = 300


@dataclass(frozen=True)
class Document:
    """The rendered schema and its strong validator."""

    content: bytes
    content_type: str
    etag: str


class SchemaView(SpectacularAPIView):
    """Answers from memory, and 304 to a client that has the document.

    It is in English whatever language is asked for, and in each format rendered once; callers that
    come meanwhile wait for the one that builds it.
    """

    authentication_classes = []
    renderer_classes = [
        OpenApiYamlRenderer,
        OpenApiYamlRenderer2,
        OpenApiJsonRenderer,
        OpenApiJsonRenderer2,
    ]
    _documents: ClassVar[dict[str, Document]] = {}
    _schema: ClassVar[Mapping[str, Any] | None] = None
    _building = Lock()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: object, **kwargs: object) -> HttpResponseBase:
        document = self._document(request.accepted_renderer)
        headers = {
            "ETag": document.etag,
            "Cache-Control": f"public, max-age={MAX_AGE_SECONDS}",
            "Content-Disposition": f'inline; filename="{self._get_filename(request, None)}"',
        }
        answer = HttpResponse(document.content, document.content_type, headers=headers)
        found = get_conditional_response(request, etag=document.etag, response=answer)
        return found or answer

    def _document(self, renderer: BaseRenderer) -> Document:
        with self._building:
            if renderer.media_type not in self._documents:
                self._documents[renderer.media_type] = self._render(renderer)
            return self._documents[renderer.media_type]

    def _render(self, renderer: BaseRenderer) -> Document:
        cls = type(self)
        with translation.override("en"):
            cls._schema = cls._schema or self.generator_class().get_schema(public=True)
            content = force_bytes(renderer.render(cls._schema, renderer.media_type, {}))
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        digest = hashlib.sha256(content).hexdigest()[:32]
        return Document(content, f"{renderer.media_type}{charset}", f'"{digest}"')
