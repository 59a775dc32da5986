"""One thread's way to the web server: kept alive, and trying again as an honest client does."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

ANSWER_SECONDS = 45
KEPT_ALIVE_SECONDS = 1.5  # the server hangs up after 2
TRIES = 4
PAUSE_SECONDS = 0.4


@dataclass(frozen=True)
class Answer:
    """``status`` 0: there was none, however often it was tried."""

    status: int
    body: Any = None
    tries: int = 1
    seconds: float = 0.0
    location: str = ""

    @property
    def code(self) -> str:
        return self.body.get("code", "") if isinstance(self.body, dict) else ""

    @property
    def results(self) -> list[dict[str, Any]]:
        return self.body["results"] if self.status == 200 else []

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip() + (f" try {self.tries}" * (self.tries > 1))


class Client:
    """Not shared between threads."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: http.client.HTTPConnection | None = None
        self._used_at = 0.0

    def api(self, token: str, method: str, path: str, body: Any = None) -> Answer:
        """Send it, and again under the same key while no answer comes or the server is busy."""
        headers = {
            "Authorization": f"Token {token}",
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        if method == "POST":
            headers["Idempotency-Key"] = uuid4().hex
        data = None if body is None else json.dumps(body)
        return self._persist(method, f"/api/v1/{path}", data, headers)

    def page(self, session: str, path: str) -> Answer:
        return self._persist("GET", path, None, {"Cookie": f"sessionid={session}"})

    def form(self, session: str, path: str, fields: dict[str, Any]) -> Answer:
        """Post a form of a page, once; a redirect is its success."""
        secret = "a" * 32
        headers = {
            "Cookie": f"sessionid={session}; csrftoken={secret}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        data = urlencode(fields | {"csrfmiddlewaretoken": secret}, doseq=True)
        return self._once("POST", path, data, headers)

    def _persist(self, method: str, path: str, data: str | None, headers: Any) -> Answer:
        for number in range(1, TRIES + 1):
            answer = self._once(method, path, data, headers)
            if answer.status not in (0, 503) or number == TRIES:
                break
            time.sleep(PAUSE_SECONDS * number)
        return replace(answer, tries=number)

    def _once(self, method: str, path: str, data: str | None, headers: Any) -> Answer:
        started_at = time.monotonic()
        try:
            connection = self._connect()
            connection.request(method, path, data, headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return Answer(0)
        is_json = "json" in (response.headers.get("Content-Type") or "")
        return Answer(
            response.status,
            json.loads(text) if is_json and text else text.decode(errors="replace"),
            seconds=time.monotonic() - started_at,
            location=response.headers.get("Location") or "",
        )

    def _connect(self) -> http.client.HTTPConnection:
        if time.monotonic() - self._used_at > KEPT_ALIVE_SECONDS:
            self.close()
        self._used_at = time.monotonic()
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self._port, timeout=ANSWER_SECONDS
            )
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
