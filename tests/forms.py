"""Send a form as a browser would: with everything that its page holds."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client

from elearning.bulk import services
from elearning.bulk.models import BulkJob
from foundation.agreement import token_of


class FormValues(HTMLParser):
    """Collects what the controls of a page hold, whichever of its forms they are in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._select = self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        name, kind = held.get("name", ""), held.get("type", "text")
        if tag == "textarea":
            self._area = name
            self.values[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in held:
            self.values[self._select] = held.get("value", "")
        elif tag == "input" and name and _is_sent(kind, held):
            self.values[name] = held.get("value", "on" if kind == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self.values[self._area] = self.values[self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data


def _is_sent(kind: str, held: dict[str, str]) -> bool:
    if kind in {"checkbox", "radio"}:
        return "checked" in held
    return kind not in {"submit", "button", "file"}


def values_of(answer: Any) -> dict[str, str]:
    """Return what the forms of the page hold; the forms that JavaScript copies are left out."""
    values = FormValues(answer.content.decode()).values
    return {name: value for name, value in values.items() if "__prefix__" not in name}


def agreed_on(client: Client, address: str) -> dict[str, str]:
    """Open a confirming page, and return what its form agrees to; nothing where it leads away."""
    values = values_of(client.get(address, follow=True))
    return {"agreed": values["agreed"]} if "agreed" in values else {}


def confirm(
    client: Client, address: str, answers: dict[str, Any] | None = None, **more: Any
) -> Any:
    """Open a confirming page and send its form with these answers."""
    return client.post(address, {**agreed_on(client, address), **(answers or {})}, **more)


def start_job(job_id: int) -> None:
    """Start a bulk job, agreeing to what its page says."""
    _items, tokens = services.read_tokens(BulkJob.objects.get(pk=job_id))
    services.start_job(job_id=job_id, agreed=token_of(tokens))
