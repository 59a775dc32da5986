"""E-mails in a real browser: narrow, dark, readable by all; the preview under the desk's policy."""

import os
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from apps.students.letters.samples import list_samples, render_sample

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
LOOKED_AT = {"requested", "approved", "declined", "lessons_wait", "course_starts", "welcome"}


@pytest.fixture
def chromium():
    """Started after what reads the database: playwright's loop has a connection of its own."""
    if not Path(CHROMIUM).exists() and "CI" not in os.environ:
        pytest.skip("Chromium is not installed; CI installs it and would fail here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def phone(chromium, request):
    context = chromium.new_context(
        viewport={"width": 320, "height": 640}, color_scheme=request.param
    )
    yield context.new_page()
    context.close()


def mails(*, of=None):
    for language in ("ko", "en"):
        for sample in list_samples(language=language):
            if of is None or sample.kind in of:
                yield f"{language} {sample.kind}", render_sample(sample, language=language)


def test_mail_needs_no_sideways_scrolling_and_asks_for_nothing(phone):
    asked = []
    phone.on("request", lambda sent: asked.append(sent.url))
    for name, mail in mails():
        phone.set_content(mail.html)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 320, name
    assert asked == []  # no picture, no font, nothing that tells who has opened it


def test_mail_is_accessible_in_both_themes(phone):
    axe, found = Axe(), {}
    for name, mail in mails(of=LOOKED_AT):
        phone.set_content(mail.html)
        rules = {"region": {"enabled": False}}  # a mail is part of the reader's page
        answer = axe.run(phone, options={"rules": rules}).response
        bad = [v["id"] for v in answer["violations"] if v["impact"] in {"serious", "critical"}]
        found |= {name: bad} if bad else {}

    assert found == {}


@pytest.fixture
def preview(client, carol):
    client.force_login(carol)
    return client.get("/admin/students/sentemail/preview/approved/en/")


def test_preview_is_shown_under_the_policy_of_the_desk(preview, chromium):
    page, said = chromium.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.route("**/static/**", lambda route: route.fulfill(body=""))
    page.route(
        "**/admin/**",
        lambda route: route.fulfill(body=preview.content, headers=dict(preview.headers)),
    )

    page.goto("http://desk.example/admin/students/sentemail/preview/approved/en/")

    assert page.locator("iframe").count() == 4  # two cases, wide and narrow
    for number in range(4):
        frame = page.frame_locator("iframe").nth(number)
        assert "You are enrolled" in frame.locator("h1").inner_text()
    assert [text for text in said if "frame" in text.lower() or "style" in text.lower()] == []
