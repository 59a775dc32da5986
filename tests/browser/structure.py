"""What a screen reader goes by: headings, landmarks, labels, the order of stops, live regions."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

LOOK = Path(__file__).with_suffix(".js").read_text()


def find_disorder(page: Page, *, is_desk: bool = False) -> list[str]:
    """Return what would lead a screen reader, or whoever goes by Tab, astray on the page."""
    found: list[str] = page.evaluate(LOOK, is_desk)
    return found
