"""What the OpenAPI schema says of log-in, sign-up and history."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from apps.problems import problems
from apps.students.api.serializers import (
    HistorySerializer,
    LogInSerializer,
    OpenTokenSerializer,
    SignedUpSerializer,
    SignUpSerializer,
    StudentSerializer,
    TokenSerializer,
)

THROTTLED = {429: {"throttled": "Too many tries. Nothing was checked. Wait, and then try again."}}

_ALICE = {"email": "alice@example.com", "password": "learn-by-doing"}
_STUDENT = {
    "id": 7,
    "email": "alice@example.com",
    "name": "Alice Kim",
    "latin_name": "",
    "language": "en",
    "time_zone": "Asia/Seoul",
    "is_staff": False,
    "date_joined": "2026-03-02T09:00:00+09:00",
}
_ENTRY = {
    "lecture": 12,
    "course": 3,
    "course_title": "Introduction to SQL",
    "course_slug": "introduction-to-sql",
    "course_withdrawn": False,
    "status": "approved",
    "price_minor": 50000,
    "currency": "KRW",
    "progress_percent": 33,
    "payment": 9,
    "payment_number": "P-7K3M-QX92",
    "payment_status": "approved",
    "paid_minor": 50000,
    "refund_requested_minor": 0,
    "refunded_minor": 0,
    "certificate_code": "",
    "requested_at": "2026-03-02T09:00:00+09:00",
    "pay_by": None,
    "approved_at": "2026-03-02T09:01:00+09:00",
    "completed_at": None,
    "certified_at": None,
    "cancelled_at": None,
    "expired_at": None,
    "timeline": [
        {
            "kind": "requested",
            "occurred_at": "2026-03-02T09:00:00+09:00",
            "amount_minor": 50000,
            "currency": "KRW",
            "detail": "",
        },
        {
            "kind": "paid",
            "occurred_at": "2026-03-02T09:01:00+09:00",
            "amount_minor": 50000,
            "currency": "KRW",
            "detail": "sandbox",
        },
    ],
}

log_in = extend_schema(
    operation_id="log_in",
    tags=["Log-in and students"],
    summary="Get a token",
    description="Tokens last 30 days. A refusal does not tell whether the address is known. What "
    "failed counts against a limit, by account and network address; then every try is refused "
    "for a while, the right password too. Whoever has a second factor sends its code too; a token "
    "that staff got without it has no use where staff need it.",
    request=LogInSerializer,
    responses={
        200: TokenSerializer,
        **problems(
            {
                401: {
                    "log_in_refused": "E-mail address and password do not match, …",
                    "second_factor_required": "The password is right. Send the code …, as code.",
                    "code_refused": "This code is not right, or it was used already. …",
                    "second_factor_missing": "Staff need a second factor here. …",
                }
            }
            | THROTTLED
        ),
    },
    examples=[
        OpenApiExample("Log in", value=_ALICE, request_only=True),
        OpenApiExample(
            "Token",
            value={"token": "9f2c…", "expires_at": "2026-04-01T09:00:00+09:00"},
            response_only=True,
            status_codes=["200"],
        ),
    ],
)

TOKEN_ID = OpenApiParameter(
    "token_id", int, OpenApiParameter.PATH, description="The id of the token."
)
_REAUTHENTICATION = {
    403: {"reauthentication_required": "Give the password once more …, or send a token instead."}
}
_TOKEN = {
    "id": 7,
    "name": "Payroll",
    "created_at": "2026-03-02T09:00:00+09:00",
    "expires_at": "2026-04-01T09:00:00+09:00",
    "last_used_at": None,
    "is_current": True,
}

list_tokens = extend_schema(
    operation_id="list_tokens",
    tags=["Log-in and students"],
    summary="List my tokens",
    description="Newest first, without those that have expired. An account has a limited number; a "
    "new one beyond it ends the one that has not been used for longest.",
    responses={
        200: OpenTokenSerializer(many=True),
        **problems(_REAUTHENTICATION),
    },
    examples=[OpenApiExample("Token of mine", value=_TOKEN)],
)

end_token = extend_schema(
    operation_id="end_token",
    tags=["Log-in and students"],
    summary="End a token",
    parameters=[TOKEN_ID],
    description="At once; also the one of this call.",
    responses={
        204: None,
        **problems(_REAUTHENTICATION | {404: {"not_found": "There is no such token. …"}}),
    },
)

sign_up = extend_schema(
    operation_id="sign_up",
    tags=["Log-in and students"],
    summary="Sign up",
    description="The answer is the same for a new and for a known address; what follows comes by "
    "e-mail. The address must be confirmed before it can log in.",
    request=SignUpSerializer,
    responses={201: SignedUpSerializer, **problems(THROTTLED)},
    examples=[
        OpenApiExample("Sign up", value={**_ALICE, "name": "Alice Kim"}, request_only=True),
        OpenApiExample(
            "Signed up",
            value={
                "email": "alice@example.com",
                "name": "Alice Kim",
                "latin_name": "",
                "language": "en",
                "detail": "We have sent you an e-mail. Follow its link to confirm the address.",
            },
            response_only=True,
            status_codes=["201"],
        ),
    ],
)

me = extend_schema(
    operation_id="show_me",
    tags=["Log-in and students"],
    summary="Show me",
    description="The account that the token or the session belongs to.",
    responses={200: StudentSerializer},
    examples=[OpenApiExample("Student", value=_STUDENT)],
)

history = extend_schema(
    operation_id="list_history",
    tags=["History"],
    summary="List my enrollments with all that happened to them",
    description="Newest first, from a read model of its own: three queries for one enrollment or a "
    "thousand. Staff too see their own only; they look others up at `/lectures/`.",
    responses={200: HistorySerializer(many=True)},
    examples=[OpenApiExample("Entry", value=_ENTRY)],
)
