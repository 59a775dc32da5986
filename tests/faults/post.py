"""One POST of the API in a process of its own, which may die in it."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient


def post(*, address: str, body: Any, token: str, key: str) -> Any:
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    headers = {"HTTP_AUTHORIZATION": f"Token {token}", "HTTP_IDEMPOTENCY_KEY": key}
    return client.post(address, body, format="json", **headers)
