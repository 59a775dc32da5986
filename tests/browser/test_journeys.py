"""The product's journeys in both languages, on desktop and phone, with JavaScript and without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WITH_JAVASCRIPT, log_in, sign_up, submit
from tests.browser.world import request
from tests.running import System, eventually

pytestmark = pytest.mark.browser


def fits(page: Page) -> bool:
    return bool(page.locator("html").bounding_box()["width"] <= page.viewport_size["width"])


def learn_all(page: Page, lecture_id: str) -> None:
    page.goto(f"/lectures/{lecture_id}/")
    links = page.locator(f"main a[href^='/lectures/{lecture_id}/lessons/']").all()
    for lesson in dict.fromkeys(link.get_attribute("href") for link in links):
        page.goto(lesson)
        submit(page, f"{lesson}completion/")
        page.wait_for_load_state()


def test_student_finds_pays_learns_is_certified_and_reviews(walker, system):
    page, language = walker.page, walker.language
    api = system.api.log_in(sign_up(page, system))
    page.goto("/my/")
    assert page.locator("html").get_attribute("lang") == language

    page.goto("/courses/?search=SQL")
    page.get_by_role("link", name="Introduction to SQL").first.click()
    submit(page, "/lectures/")
    page.wait_for_url("**/checkout/")
    expect(page.locator("main")).to_contain_text("89.00")
    lecture_id = page.url.split("/")[-3]

    pay_on_page(page, lecture_id, "tok_declined")
    page.locator(f"main a[href='/lectures/{lecture_id}/checkout/']").first.click()
    pay_on_page(page, lecture_id)

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


def test_student_pays_later_cancels_and_is_refunded(walker, system):
    page = walker.page
    student = system.api.log_in(sign_up(page, system))
    lecture = request(student, "introduction-to-sql")
    address = f"/api/v1/lectures/{lecture['id']}/"
    with gateway_down(system):
        pay_on_page(page, lecture["id"])
        shown = student("GET", address).body
        assert (shown["status"], shown["payment"]["status"]) == ("requested", "deferred")

    def paid() -> bool:
        page.locator(f"main a[href$='/lectures/{lecture['id']}/checkout/']").first.click()
        pay_on_page(page, lecture["id"])
        return bool(student("GET", address).body["status"] == "approved")

    assert eventually(paid, seconds=60, every=2, what="the payment")
    page.goto(f"/my/{lecture['id']}/")
    page.locator(f"main a[href='/lectures/{lecture['id']}/cancellation/']").first.click()
    expect(page.locator("main")).to_contain_text("89.00")
    page.locator("main form[method=post] button[type=submit]").last.click()
    page.wait_for_url(f"**/my/{lecture['id']}/")

    def refunded() -> bool:
        return bool(student("GET", address).body["payment"]["refunded_minor"] == 8900)

    assert eventually(refunded, seconds=60, what="the refund")
    page.reload()
    expect(page.locator("main")).to_contain_text("89.00")
    assert page.locator(".timeline__item").count() >= 5, (
        "requested, deferred, paid, cancelled, sent"
    )
    assert fits(page)


def test_back_after_paying_shows_the_receipt_and_no_button_to_pay(walker, system):
    page = walker.page
    student = system.api.log_in(sign_up(page, system))
    lecture = request(student, "introduction-to-sql")
    pay_on_page(page, lecture["id"])

    page.go_back()

    expect(page.locator(f"main a[href='/lectures/{lecture['id']}/']")).to_be_visible()
    expect(page.locator("form[action$='/payment/']")).to_have_count(0)


@contextmanager
def gateway_down(system: System) -> Iterator[None]:
    system.switch_gateway("down")
    try:
        yield
    finally:
        system.switch_gateway("working")


def pay_on_page(page: Page, lecture_id: int | str, token: str = "tok_approved") -> None:
    if not page.url.endswith(f"/lectures/{lecture_id}/checkout/"):
        page.goto(f"/lectures/{lecture_id}/checkout/")
    page.check(f"input[value={token}]")
    submit(page, f"/lectures/{lecture_id}/payment/")
    page.wait_for_url(f"**/lectures/{lecture_id}/payment/")


@pytest.mark.parametrize("walker", WITH_JAVASCRIPT, ids="-".join, indirect=True)
def test_staff_registers_a_course_and_withdraws_it(walker, system):
    """The desk's theme shows its forms by script."""
    page, carol = walker.page, system.api.log_in("carol@example.com")
    log_in(page, "carol@example.com")
    page.goto("/admin/courses/course/add/")
    title = f"책상에서 만든 과정 {walker.language} {page.viewport_size['width']}"
    page.fill("[name=title]", title)
    page.fill("[name=price_minor]", "30000")
    page.locator("[name=_save]:visible").first.click()
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
