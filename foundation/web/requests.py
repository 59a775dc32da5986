"""A request is handed to a thread once it is whole; one that is too large is never stored."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

from foundation.limits.bodies import body_limit

DRAIN_BYTES = 16 * 1024 * 1024
"""So much of a refused body is received and dropped, so that its sender reads the answer."""
HEADER_SECONDS = 20
BODY_BYTES_PER_SECOND = 8 * 1024
"""A request has so long for its headers, and then so much more time as its body is long."""


class DroppedBody:
    """Receives what nobody will read, and keeps none of it."""

    error = None

    def __init__(self, length: int) -> None:
        self.remaining = length
        self.completed = length <= 0

    def __len__(self) -> int:
        return 0

    def received(self, chunk: bytes) -> int:
        taken = min(len(chunk), self.remaining)
        self.remaining -= taken
        self.completed = self.remaining <= 0
        return taken

    def getfile(self) -> BytesIO:
        return BytesIO()

    def getbuf(self) -> BytesIO:
        return BytesIO()


class BoundedParser(HTTPRequestParser):
    """Knows from the headers how large the body may be at this address.

    The application sees the Content-Length as it was sent, and says no by it; the connection ends.
    """

    refused = False
    body_rcv: Any
    expect_continue: bool
    content_length: int

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.content_length > body_limit(self.path):
            self._refuse()

    def received(self, data: bytes) -> int:
        consumed = int(super().received(data))
        if self.chunked and not self.refused and len(self.body_rcv or b"") > body_limit(self.path):
            self.content_length = self.body_bytes_received
            self._refuse()
            self.completed = True
            self.headers["CONTENT_LENGTH"] = str(self.content_length)
        return consumed

    @property
    def seconds(self) -> float:
        """How long it may take to arrive."""
        waits_for = self.content_length or (body_limit(self.path) if self.chunked else 0)
        return HEADER_SECONDS + waits_for / BODY_BYTES_PER_SECOND

    def _refuse(self) -> None:
        self.refused = True
        if self.body_rcv is not None:
            self.body_rcv.getbuf().close()
        waits = self.expect_continue or self.chunked or self.content_length > DRAIN_BYTES
        self.expect_continue = False
        self.body_rcv = None if waits else DroppedBody(self.content_length)


class BoundedTask(WSGITask):
    """Ends the connection after a refused body, and sends no body to a HEAD."""

    def __init__(self, channel: Any, request: Any) -> None:
        super().__init__(channel, request)
        self.logged_write_no_body = request.command == "HEAD"

    @property
    def has_body(self) -> bool:
        return bool(super().has_body) and self.request.command != "HEAD"

    def build_response_header(self) -> bytes:
        if self.status.startswith("413") or self.request.refused:
            self.request.headers["CONNECTION"] = "close"
        return bytes(super().build_response_header())


class BoundedChannel(HTTPChannel):
    """A connection; ``started_at`` is when the request under way began to arrive."""

    parser_class = BoundedParser
    task_class = BoundedTask
    started_at: float | None = None

    def received(self, data: bytes) -> bool:
        going_on = bool(super().received(data))
        if self.request is None:
            self.started_at = None
        elif self.started_at is None:
            self.started_at = time.monotonic()
        return going_on

    def is_too_slow(self, now: float) -> bool:
        """Return whether the request under way has had its time; ``now`` is monotonic."""
        request, started_at = self.request, self.started_at
        if request is None or started_at is None:
            return False
        seconds = request.seconds if request.headers_finished else HEADER_SECONDS
        return now - started_at > float(seconds)
