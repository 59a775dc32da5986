"""Chromium against the running system: who looks, in which language, on what.

Four of the eight combinations of language, size and JavaScript meet every pair of choices;
MATRIX=full goes through all of them.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from itertools import product
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.keyboard import Keyboard
from tests.browser.world import World, build_world
from tests.running import PASSWORD, System, eventually

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCALES = {"ko": "ko-KR", "en": "en-US"}
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PAIRS = [
    ("ko", "desktop", "javascript"),
    ("ko", "phone", "plain"),
    ("en", "desktop", "plain"),
    ("en", "phone", "javascript"),
]
ALL = list(product(["ko", "en"], ["desktop", "phone"], ["javascript", "plain"]))
MATRIX = ALL if os.environ.get("MATRIX") == "full" else PAIRS
WITH_JAVASCRIPT = [one for one in MATRIX if one[2] == "javascript"]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists() and "CI" not in os.environ:
        pytest.skip("Chromium is not installed; CI installs it and would fail here")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def world(system: System) -> World:
    return build_world(system)


@pytest.fixture(params=["ko", "en"], scope="package")
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@dataclass
class Reader:
    """One person's browser. ``wrong`` gathers console errors and requests to other hosts."""

    context: BrowserContext
    page: Page
    here: str
    language: str
    wrong: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda said: self._note(said.text, said.type == "error"))
        self.page.on("pageerror", lambda error: self._note(str(error), True))
        self.page.on(
            "request",
            lambda sent: self._note(
                sent.url, not sent.url.startswith((self.here, "data:", "blob:"))
            ),
        )

    def _note(self, text: str, is_wrong: bool) -> None:
        if is_wrong and "the server responded with a status of 4" not in text:
            self.wrong.append(text)

    def take_wrong(self) -> list[str]:
        taken, self.wrong[:] = list(self.wrong), []
        return taken


Open = Callable[..., Reader]


@pytest.fixture(scope="package")
def open_browser(browser: Browser, system: System) -> Iterator[Open]:
    """Give a function that opens a person's browser; the same person's is opened once."""
    opened: dict[tuple[str, str, bool], Reader] = {}

    def open_one(who: str, language: str, *, javascript: bool = True) -> Reader:
        key = (who, language, javascript)
        if key not in opened:
            opened[key] = new_reader(browser, system, language, javascript=javascript)
            enter(opened[key].page, system, who)
            choose_language(opened[key].page, language)
        return opened[key]

    yield open_one
    for reader in opened.values():
        reader.context.close()


@pytest.fixture(params=MATRIX, ids="-".join)
def walker(browser: Browser, system: System, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Who walks a journey; fails on a console error or a request to elsewhere."""
    language, size, script = request.param
    reader = new_reader(
        browser, system, language, javascript=script == "javascript", phone=size == "phone"
    )
    yield reader
    reader.context.close()
    assert reader.take_wrong() == []


@pytest.fixture
def keyboard(browser: Browser, system: System) -> Iterator[Keyboard]:
    """Somebody without a mouse; fails on a console error or a request to elsewhere."""
    reader = new_reader(browser, system, "en", javascript=True)
    yield Keyboard(reader.page)
    reader.context.close()
    assert reader.take_wrong() == []


def new_reader(
    browser: Browser, system: System, language: str, *, javascript: bool, phone: bool = False
) -> Reader:
    context = browser.new_context(
        base_url=system.api.url,
        locale=LOCALES[language],
        timezone_id="Asia/Seoul",
        viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
        java_script_enabled=javascript,
        reduced_motion="reduce",  # a theme's change is seen at once, not halfway
    )
    context.set_default_timeout(20_000)
    reader = Reader(context, context.new_page(), system.api.url, language)
    reader.watch()
    return reader


def enter(page: Page, system: System, who: str) -> None:
    """Log in as one of the demo school's, or sign up as a newcomer who holds nothing."""
    if who == "newcomer":
        sign_up(page, system)
    elif who != "visitor":
        log_in(page, f"{who}@example.com")
    else:
        page.goto("/accounts/login/")


def sign_up(page: Page, system: System) -> str:
    """Sign up on the page, follow the link in the e-mail, and return the address."""
    email = new_address()
    page.goto("/accounts/signup/")
    page.fill("input[name=email]", email)
    page.fill("input[name=name]", "김하늘")
    page.fill("input[name=password1]", PASSWORD)
    submit(page, "/accounts/signup/")
    page.wait_for_url("**/confirm-email/")
    page.goto(wait_for_link(system, email))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    if "/my/" not in page.url:
        log_in(page, email)
    return email


def new_address() -> str:
    return f"browser-{uuid4().hex[:12]}@example.com"


def wait_for_link(system: System, email: str) -> str:
    """Return where the link of the e-mail that confirms the address leads."""
    return str(eventually(lambda: confirmation_link(system, email), seconds=20, what="the e-mail"))


def confirmation_link(system: System, email: str) -> str:
    for mail in (system.data_dir / "mail").glob("*"):
        message = message_from_bytes(mail.read_bytes().split(b"\n-----")[0])
        if email in str(message["To"]):
            plain = next(part for part in message.walk() if part.get_content_type() == "text/plain")
            text = plain.get_payload(decode=True).decode()
            found = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", text)
            return found.group(1) if found else ""
    return ""


def log_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    submit(page, "/accounts/login/")
    page.wait_for_url("**/my/")


def choose_language(page: Page, language: str) -> None:
    """Switch the account's language, which goes before the browser's, where it is another."""
    if page.locator("html").get_attribute("lang") != language:
        page.locator(f"button[name=language][value={language}]").first.evaluate(
            "button => button.form.requestSubmit(button)"
        )
        expect(page.locator("html")).to_have_attribute("lang", language)


def submit(page: Page, action: str) -> None:
    page.locator(f"main form[action^='{action}'] button[type=submit]").first.click()
