"""Many clients at once: every connection is open before the first request is sent."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

ANSWER_SECONDS = 60


@dataclass(frozen=True)
class Call:
    token: str
    method: str
    path: str
    body: Any = None

    def encoded(self) -> bytes:
        body = b"" if self.body is None else json.dumps(self.body).encode()
        lines = [
            f"{self.method} {self.path} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Token {self.token}",
            "Accept: application/json",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True)
class Answer:
    """``code`` names the problem, where it is one."""

    status: int
    code: str
    body: Any


def send_at_once(port: int, calls: Sequence[Call]) -> list[Answer]:
    """Return the answers in the order of the calls. Raises when a connection gives none."""
    return asyncio.run(_send_at_once(port, calls))


def count(answers: Sequence[Answer]) -> Counter[tuple[int, str]]:
    return Counter((answer.status, answer.code) for answer in answers)


async def _send_at_once(port: int, calls: Sequence[Call]) -> list[Answer]:
    everyone_is_here = asyncio.Barrier(len(calls))

    async def send(call: Call) -> Answer:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await everyone_is_here.wait()
        writer.write(call.encoded())
        raw = await asyncio.wait_for(reader.read(), ANSWER_SECONDS)
        writer.close()
        return _read(raw)

    return await asyncio.gather(*(send(call) for call in calls))


def _read(raw: bytes) -> Answer:
    head, _, text = raw.partition(b"\r\n\r\n")
    body = json.loads(text) if b"json" in head.lower() and text else None
    code = body.get("code", "") if isinstance(body, dict) else ""
    return Answer(int(head.split()[1]), code, body)
