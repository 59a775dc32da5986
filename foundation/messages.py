"""Messages to the user, each said once."""

from __future__ import annotations

from typing import Any

from django.contrib.messages.storage.fallback import FallbackStorage


class DistinctStorage(FallbackStorage):
    """Keeps one of several equal messages: a form sent twice is answered by one toast."""

    _queued_messages: list[Any]
    _loaded_messages: list[Any]

    def add(self, level: int, message: Any, extra_tags: str | None = "") -> None:
        waiting = [*self._queued_messages, *([] if self.used else self._loaded_messages)]
        if all(str(other.message) != str(message) for other in waiting):
            super().add(level, message, extra_tags)
