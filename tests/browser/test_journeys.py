"""The product's journeys in a real browser: both languages, desktop and phone, JavaScript or not.

Four of the eight combinations meet every pair of choices; MATRIX=full goes through all of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Reader, log_in, new_reader, sign_up, submit
from tests.browser.world import pay, request
from tests.running import System, eventually

pytestmark = pytest.mark.browser

PAIRS = [
    ("ko", "desktop", "javascript"),
    ("ko", "phone", "plain"),
    ("en", "desktop", "plain"),
    ("en", "phone", "javascript"),
]
ALL = list(product(["ko", "en"], ["desktop", "phone"], ["javascript", "plain"]))
MATRIX = ALL if os.environ.get("MATRIX") == "full" else PAIRS


@pytest.fixture(params=MATRIX, ids="-".join)
def reader(
    browser: Browser, system: System, request: pytest.FixtureRequest
) -> Iterator[tuple[Reader, str]]:
    """A browser and its language; fails on a console error or a request to elsewhere."""
    language, size, script = request.param
    reader = new_reader(
        browser, system, language, javascript=script == "javascript", phone=size == "phone"
    )
    yield reader, language
    reader.context.close()
    assert reader.take_wrong() == []


def fits(page: Page) -> bool:
    return bool(page.locator("html").bounding_box()["width"] <= page.viewport_size["width"])


def learn_all(page: Page, lecture_id: str) -> None:
    page.goto(f"/lectures/{lecture_id}/")
    links = page.locator(f"main a[href^='/lectures/{lecture_id}/lessons/']").all()
    for lesson in dict.fromkeys(link.get_attribute("href") for link in links):
        page.goto(lesson)
        submit(page, f"{lesson}completion/")
        page.wait_for_load_state()


def test_student_finds_pays_learns_is_certified_and_reviews(reader, system):
    (page, language) = reader[0].page, reader[1]
    api = system.api.log_in(sign_up(page, system))
    page.goto("/my/")
    assert page.locator("html").get_attribute("lang") == language

    page.goto("/courses/?search=SQL")
    page.get_by_role("link", name="Introduction to SQL").first.click()
    submit(page, "/lectures/")
    page.wait_for_url("**/checkout/")
    expect(page.locator("main")).to_contain_text("89.00")
    lecture_id = page.url.split("/")[-3]

    page.check("input[value=tok_declined]")
    submit(page, f"/lectures/{lecture_id}/payment/")
    page.wait_for_url(f"**/lectures/{lecture_id}/payment/")
    page.goto(f"/lectures/{lecture_id}/checkout/")
    page.check("input[value=tok_approved]")
    submit(page, f"/lectures/{lecture_id}/payment/")
    page.wait_for_url(f"**/lectures/{lecture_id}/payment/")

    learn_all(page, lecture_id)
    certificates = eventually(
        lambda: api("GET", "/api/v1/certificates/").body["results"], seconds=60, what="certificate"
    )
    page.goto(f"/verify/{certificates[0]['code']}/")
    expect(page.locator("main")).to_contain_text("Introduction to SQL")
    page.goto(f"/lectures/{lecture_id}/review/")
    page.locator("input[name=rating][value='5']").check(force=True)
    page.fill("[name=text]", "배운 것을 바로 썼습니다. 👍")
    submit(page, f"/lectures/{lecture_id}/review/")
    page.goto("/my/")
    expect(page.locator("main")).to_contain_text(certificates[0]["code"])
    assert fits(page)


def test_student_cancels_and_is_refunded(reader, system):
    page = reader[0].page
    student = system.api.log_in(sign_up(page, system))
    lecture = request(student, "introduction-to-sql")
    pay(student, lecture)
    page.goto(f"/my/{lecture['id']}/")
    page.locator(f"main a[href='/lectures/{lecture['id']}/cancellation/']").first.click()
    expect(page.locator("main")).to_contain_text("89.00")
    page.locator("main form[method=post] button[type=submit]").last.click()
    page.wait_for_load_state()

    def refunded() -> bool:
        return (
            student("GET", f"/api/v1/lectures/{lecture['id']}/").body["payment"]["refunded_minor"]
            == 8900
        )

    assert eventually(refunded, seconds=60, what="the refund")
    page.goto(f"/my/{lecture['id']}/")
    expect(page.locator("main")).to_contain_text("89.00")
    assert fits(page)


def test_student_is_asked_to_pay_later_while_the_gateway_is_down(reader, system):
    page = reader[0].page
    student = system.api.log_in(sign_up(page, system))
    lecture = request(student, "introduction-to-sql")
    system.manage("sandbox_gateway", "down")
    try:
        page.goto(f"/lectures/{lecture['id']}/checkout/")
        page.check("input[value=tok_approved]")
        submit(page, f"/lectures/{lecture['id']}/payment/")
        page.wait_for_url(f"**/lectures/{lecture['id']}/payment/")
        shown = student("GET", f"/api/v1/lectures/{lecture['id']}/").body
        assert (shown["status"], shown["payment"]["status"]) == ("requested", "deferred")
        expect(
            page.locator(f"main a[href='/lectures/{lecture['id']}/checkout/']").first
        ).to_be_visible()
    finally:
        system.manage("sandbox_gateway", "working")
    assert fits(page)


@pytest.mark.parametrize(
    "reader", [one for one in MATRIX if one[2] == "javascript"], ids="-".join, indirect=True
)
def test_staff_registers_a_course_and_withdraws_it(reader, system):
    """The desk's theme shows its forms by script."""
    page, carol = reader[0].page, system.api.log_in("carol@example.com")
    log_in(page, "carol@example.com")
    page.goto("/admin/courses/course/add/")
    title = f"책상에서 만든 과정 {reader[1]} {page.viewport_size['width']}"
    page.fill("[name=title]", title)
    page.fill("[name=price_minor]", "30000")
    page.locator("[name=_save]").first.click()
    page.wait_for_load_state()
    found = carol("GET", "/api/v1/courses/?page_size=100").body["results"]
    course = next(one for one in found if one["title"] == title)
    for button, status in (("open_course", "open"), ("withdraw_course", "withdrawn")):
        page.goto(f"/admin/courses/course/{course['id']}/change/")
        words = button.replace("_", "-")
        page.goto(
            page.locator(f"a[href*='{words}'], a[href*='{button}']").first.get_attribute("href")
        )
        page.locator("form[method=post]:not([action]) button[type=submit]").last.click()
        page.wait_for_load_state()
        shown = carol("GET", f"/api/v1/courses/{course['id']}/")
        assert shown.body["status"] == status
