"""How a person goes on from an address to what a scene shows."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Page

from tests.running import PASSWORD

Step = Callable[[Page], None]


def send(action: str, **values: str) -> Step:
    """Fill the fields of the form that goes to ``action`` and send it."""

    def step(page: Page) -> None:
        form = page.locator(f"main form[action^='{action}']").first
        for name, value in values.items():
            form.locator(f"[name={name}]").first.fill(value)
        form.evaluate("form => form.noValidate = true")
        form.locator("button[type=submit]").first.click()
        page.wait_for_load_state()

    return step


def follow(link: str) -> Step:
    """Follow the first link whose address matches the CSS pattern ``link``."""

    def step(page: Page) -> None:
        page.goto(page.locator(f"main a[{link}]").first.get_attribute("href") or "")

    return step


def guess_passwords(page: Page) -> None:
    """Try until it is too often: by the API, which counts together with the page, and then here."""
    email, wrong = f"guessed-{time.time_ns()}@example.com", "a wrong guess"
    for _try in range(10):
        page.request.post("/api/v1/auth/token/", data={"email": email, "password": wrong})
    send("/accounts/login/", login=email, password=wrong)(page)


def forget_token(page: Page) -> None:
    """Send the sign-up as a page of another site would."""
    page.locator("main [name=csrfmiddlewaretoken]").first.evaluate("it => it.remove()")
    send("/accounts/signup/", email="nobody@example.com", password1="a wrong guess")(page)


def prove(page: Page) -> None:
    """Give the password where a page asks for it once more."""
    if "/reauthenticate/" in page.url:
        send("/accounts/reauthenticate/", password=PASSWORD)(page)


def upload(text: str, encoding: str = "utf-8") -> Step:
    def step(page: Page) -> None:
        content = text.encode(encoding)
        file = {"name": "students.csv", "mimeType": "text/csv", "buffer": content}
        page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]
        page.locator("form[enctype] button[type=submit]").click()
        page.wait_for_load_state()

    return step


def save_empty(page: Page) -> None:
    page.locator("[name=_save]:visible").first.click()
    page.wait_for_load_state()
