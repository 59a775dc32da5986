"""A student's whole way in a real browser, with JavaScript and without, in both languages."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.conftest import PASSWORD, System, eventually

pytestmark = pytest.mark.browser

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists() and "CI" not in os.environ:
        pytest.skip("Chromium is not installed; CI installs it and would fail here")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(params=["ko", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def page(
    browser: Browser, system: System, language: str, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A phone that speaks the language; fails on a console error or a request to elsewhere."""
    context = browser.new_context(
        base_url=system.api.url,
        locale={"ko": "ko-KR", "en": "en-US"}[language],
        viewport={"width": 390, "height": 844},
        java_script_enabled=request.param,
    )
    page, wrong, here = context.new_page(), [], system.api.url
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda sent: sent.url.startswith((here, "data:")) or wrong.append(sent.url),
    )
    yield page
    context.close()
    assert wrong == []


def sign_up(page: Page, system: System) -> str:
    """Sign up on the page, follow the link in the e-mail, and return the address."""
    email = f"browser-{uuid4().hex[:12]}@example.com"
    page.goto("/accounts/signup/")
    page.fill("input[name=email]", email)
    page.fill("input[name=name]", "김하늘")
    page.fill("input[name=password1]", PASSWORD)
    submit(page, "/accounts/signup/")
    page.wait_for_url("**/confirm-email/")
    link = eventually(lambda: confirmation_link(system, email), seconds=20, what="the e-mail")
    page.goto(link)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    if "/my/" not in page.url:
        log_in(page, email)
    return email


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


def submit(page: Page, action: str) -> None:
    page.locator(f"main form[action^='{action}'] button[type=submit]").first.click()


def fits(page: Page) -> bool:
    return bool(page.locator("html").bounding_box()["width"] <= 390)


def test_student_finds_pays_learns_and_is_certified(
    page: Page, system: System, language: str
) -> None:
    api = system.api.log_in(sign_up(page, system))
    page.goto("/my/")
    assert page.locator("html").get_attribute("lang") == language

    page.goto("/courses/?search=SQL")
    page.get_by_role("link", name="Introduction to SQL").first.click()
    submit(page, "/lectures/")
    page.wait_for_url("**/checkout/")
    assert "89.00" in page.content()
    lecture_id = page.url.split("/")[-3]

    page.check("input[value=tok_declined]")
    submit(page, f"/lectures/{lecture_id}/payment/")
    page.wait_for_url(f"**/lectures/{lecture_id}/payment/")
    page.goto(f"/lectures/{lecture_id}/checkout/")
    page.check("input[value=tok_approved]")
    submit(page, f"/lectures/{lecture_id}/payment/")
    page.wait_for_url(f"**/lectures/{lecture_id}/payment/")

    page.goto(f"/lectures/{lecture_id}/")
    links = page.locator(f"main a[href^='/lectures/{lecture_id}/lessons/']").all()
    for lesson in dict.fromkeys(link.get_attribute("href") for link in links):
        page.goto(lesson)
        submit(page, f"{lesson}completion/")
    certificates = eventually(
        lambda: api("GET", "/api/v1/certificates/").body["results"], seconds=60, what="certificate"
    )
    page.goto(f"/verify/{certificates[0]['code']}/")
    expect(page.locator("main")).to_contain_text("Introduction to SQL")
    page.goto("/my/")
    expect(page.locator("main")).to_contain_text(certificates[0]["code"])
    assert fits(page)
