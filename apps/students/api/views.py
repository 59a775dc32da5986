"""Log in, sign up, and look back."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.strict import ListQuery, read_body, read_query, viewer_id
from apps.students import queries, services
from apps.students.api import docs
from apps.students.api.authentication import TokenAuthentication, require_recent_proof
from apps.students.api.serializers import (
    HistorySerializer,
    LogInSerializer,
    OpenTokenSerializer,
    SignedUpSerializer,
    SignUpSerializer,
    StudentSerializer,
    TokenSerializer,
)


class TokenView(APIView):
    authentication_classes = []
    permission_classes = []

    def get_authenticate_header(self, request: Request) -> str:
        """Say how to authenticate, so that a refused log-in is a 401."""
        return TokenAuthentication().authenticate_header(request)

    @docs.log_in
    def post(self, request: Request) -> Response:
        given = read_body(LogInSerializer, request)
        try:
            issued = services.issue_token(request=cast(HttpRequest, request), **given)
        except services.LogInRefused as refusal:
            raise AuthenticationFailed(str(refusal), code=refusal.code) from refusal
        return Response(TokenSerializer(issued).data, headers={"Cache-Control": "no-store"})


class TokenListView(GenericAPIView):
    serializer_class = OpenTokenSerializer
    filter_backends = []

    @docs.list_tokens
    def get(self, request: Request) -> Response:
        read_query(ListQuery, request)
        require_recent_proof(request)
        tokens = services.list_tokens(
            user_id=viewer_id(request), current_digest=getattr(request.auth, "digest", "")
        )
        page = self.paginate_queryset(tokens) or []
        return self.get_paginated_response(OpenTokenSerializer(page, many=True).data)


class OpenTokenView(APIView):
    @docs.end_token
    def delete(self, request: Request, token_id: int) -> Response:
        require_recent_proof(request)
        services.end_token(user_id=viewer_id(request), token_id=token_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class StudentListView(APIView):
    authentication_classes = []
    permission_classes = []

    @docs.sign_up
    def post(self, request: Request) -> Response:
        given = {"language": get_language(), "latin_name": ""} | read_body(
            SignUpSerializer, request
        )
        services.request_sign_up(request=cast(HttpRequest, request), **given)
        detail = _("We have sent you an e-mail. Follow its link to confirm the address.")
        answer = SignedUpSerializer({**given, "detail": detail}).data
        return Response(answer, status=status.HTTP_201_CREATED)


class MeView(APIView):
    @docs.me
    def get(self, request: Request) -> Response:
        return Response(StudentSerializer(request.user).data)


class HistoryView(GenericAPIView):
    serializer_class = HistorySerializer
    filter_backends = []

    @docs.history
    def get(self, request: Request) -> Response:
        """Three queries, for the number, the page and its timelines, however long it is."""
        read_query(ListQuery, request)
        history = queries.list_history(student_id=viewer_id(request))
        entries = self.paginate_queryset(history) or []
        timelines = queries.list_timelines(lecture_ids=[entry.lecture_id for entry in entries])
        page = HistorySerializer(entries, many=True, context={"timelines": timelines})
        return self.get_paginated_response(page.data)
