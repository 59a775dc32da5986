"""Somebody who has nothing but a keyboard; whatever has the focus shows that it has."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.running import PASSWORD

MOST_STOPS = 120
SHOWS_FOCUS = """() => {
  const outlines = style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  const it = document.activeElement;
  if (it === document.body) return true;
  if (it.type === 'date' && !it.matches(':focus-visible')) return true;  // its calendar, inside
  const own = ['', '::before', '::after'].map(part => getComputedStyle(it, part || null));
  if (own.some(outlines) || own[0].boxShadow !== 'none') return true;
  for (let up = it.parentElement, steps = 0; up && steps < 4; up = up.parentElement, steps++) {
    if (outlines(getComputedStyle(up))) return true;
  }
  return false;
}"""
"""A card, or the frame around a field, may show the ring around all of itself."""
SAYS = "document.activeElement.outerHTML.slice(0, 160)"


@dataclass
class Keyboard:
    page: Page

    def tab_to(self, selector: str) -> None:
        """Press Tab until an element that matches has the focus."""
        for _stop in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(SHOWS_FOCUS), self.page.evaluate(SAYS)
            if self.page.evaluate("it => document.activeElement.matches(it)", selector):
                return
        pytest.fail(f"{MOST_STOPS} presses of Tab on {self.page.url} never reach {selector}")

    def write(self, field: str, text: str) -> None:
        self.tab_to(f"main [name={field}]")
        self.page.keyboard.type(text)

    def press(self, selector: str, *, key: str = "Enter") -> None:
        self.tab_to(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def press_here(self, selector: str) -> None:
        """Press Enter on a link that leads within the page."""
        self.tab_to(selector)
        self.page.keyboard.press("Enter")

    def send(self, action: str = "") -> None:
        """Send the form that goes to ``action``, or the one that goes to the page itself."""
        goes = f"[action^='{action}']" if action else "[method=post]:not([action])"
        self.press(f"form{goes} button[type=submit]")

    def choose(self, field: str, value: str) -> None:
        """Reach a group of radio buttons, and go on with the arrow keys to the value."""
        self.tab_to(f"main input[type=radio][name={field}]")
        for _option in range(10):
            if self.page.evaluate("document.activeElement.value") == value:
                self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"The arrow keys do not reach {value}")

    def pick(self, value: str) -> None:
        """Go through the options of the list that has the focus, with the arrow keys."""
        for _option in range(20):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"The arrow keys do not reach {value}")

    def log_in(self, email: str) -> None:
        self.page.goto("/accounts/login/")
        self.write("login", email)
        self.write("password", PASSWORD)
        self.send("/accounts/login/")

    def replace(self, field: str, text: str) -> None:
        """Write over what the field holds."""
        self.tab_to(f"main [name={field}]")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def stands_in(self, selector: str) -> bool:
        """Wait until the focus is inside what matches: htmx moves it a moment after the swap.

        Raises playwright's TimeoutError when it stays elsewhere, such as lost at the page's start.
        """
        self.page.wait_for_function("it => !!document.activeElement.closest(it)", arg=selector)
        return True
