"""A student's whole way in a real browser, with JavaScript and without, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_reader, sign_up, submit
from tests.running import System, eventually

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def page(
    browser: Browser, system: System, language: str, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A phone that speaks the language; fails on a console error or a request to elsewhere."""
    reader = new_reader(browser, system, language, javascript=request.param, phone=True)
    yield reader.page
    reader.context.close()
    assert reader.wrong == []


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
