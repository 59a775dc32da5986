"""A newcomer's whole stay: signs up, waits for a seat, looks back, takes her data, and goes.

One stay, not five, for signing up is the slowest step of each.
"""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Reader, new_address, submit, wait_for_link
from tests.browser.test_journeys import fits
from tests.browser.world import request
from tests.running import PASSWORD, Api, System, eventually

pytestmark = pytest.mark.browser

WORDS = {
    "ko": {"wrong": "입력한 내용을 확인", "held": "회원님의 자리를", "gone": "계정이 삭제되었"},
    "en": {"wrong": "Please check", "held": "A seat is held", "gone": "Your account is removed"},
}


def test_newcomer_signs_up_waits_looks_back_and_goes(walker, system):
    page, words = walker.page, WORDS[walker.language]
    email = sign_up_with_mistakes(walker, system, words["wrong"])
    newcomer = system.api.log_in(email)

    course, holder = full_course(system)
    wait_for_a_seat(page, course, holder, words["held"])
    lecture = newcomer("GET", "/api/v1/lectures/").body["results"][0]
    look_back(page, lecture)
    download_own_data(page, email, course["title"])
    remove_account(page, words["wrong"], words["gone"])

    refused = system.api("POST", "/api/v1/auth/token/", {"email": email, "password": PASSWORD})
    assert refused.status in (400, 401)
    assert fits(page)


def sign_up_with_mistakes(walker: Reader, system: System, wrong: str) -> str:
    page, email = walker.page, new_address()
    page.goto("/accounts/signup/")
    page.locator("main form.form").evaluate("form => form.noValidate = true")
    page.fill("[name=email]", email)
    page.fill("[name=name]", "  ")
    page.fill("[name=password1]", "12345")
    submit(page, "/accounts/signup/")
    expect(page.locator("main [role=alert]")).to_contain_text(wrong)
    expect(page.locator("[name=email]")).to_have_value(email)
    assert page.locator("main [aria-invalid=true]").count() >= 2
    assert fits(page)

    page.fill("[name=name]", "김하늘 🌱")
    page.fill("[name=password1]", PASSWORD)
    submit(page, "/accounts/signup/")
    page.wait_for_url("**/confirm-email/")
    page.goto(wait_for_link(system, email))
    submit(page, "/accounts/confirm-email/")
    page.wait_for_load_state()
    if "/my/" in page.url:
        return email
    page.goto("/accounts/login/")
    for password in ("not the password", PASSWORD):
        page.fill("[name=login]", email)
        page.fill("[name=password]", password)
        submit(page, "/accounts/login/")
        page.wait_for_load_state()
    page.wait_for_url("**/my/")
    return email


def full_course(system: System) -> tuple[dict, Api]:
    """Return a course whose one seat somebody holds, and who that is."""
    carol = system.api.log_in("carol@example.com")
    title = f"한 자리 과정 {uuid4().hex[:8]}"
    offer = {"title": title, "price_minor": 0, "currency": "KRW", "capacity": 1}
    course = carol("POST", "/api/v1/courses/", offer).body
    carol("PATCH", f"/api/v1/courses/{course['id']}/", {"status": "open"})
    holder = system.api.sign_up(new_address())
    request(holder, course["slug"])
    return course, holder


def wait_for_a_seat(page: Page, course: dict, holder: Api, held: str) -> None:
    address = f"/courses/{course['slug']}/"
    join_waiting_list(page, address)
    page.locator("main form[action$='/departure/'] button").first.click()
    page.wait_for_load_state()
    join_waiting_list(page, address)
    page.goto("/my/")
    expect(page.locator("main")).to_contain_text(course["title"])

    lecture = holder("GET", "/api/v1/lectures/").body["results"][0]
    holder("PATCH", f"/api/v1/lectures/{lecture['id']}/", {"status": "cancelled"})

    def offered() -> bool:
        page.goto(address)
        return bool(page.locator("main form[action='/lectures/']").count())

    assert eventually(offered, seconds=60, every=1, what="the offered seat")
    expect(page.locator("main")).to_contain_text(held)
    submit(page, "/lectures/")
    page.wait_for_url("**/lectures/**")


def join_waiting_list(page: Page, address: str) -> None:
    page.goto(address)
    submit(page, "/waiting-list/")
    expect(page.locator("main form[action$='/departure/']").first).to_be_visible()


def look_back(page: Page, lecture: dict) -> None:
    page.goto("/my/")
    page.locator(f"main a[href='/my/{lecture['id']}/']").first.click()
    assert page.locator(".timeline__item").count() >= 2
    assert page.locator(".timeline__item time[datetime]").count() >= 2
    assert fits(page)


def download_own_data(page: Page, email: str, title: str) -> None:
    page.goto("/accounts/data/")
    page.locator("main a[href$='/json/']").click()
    page.fill("main [name=password]", PASSWORD)
    page.locator("main form[method=post] button[type=submit]").last.click()
    page.wait_for_url("**/accounts/data/")
    files = []
    for ending in ("json", "pdf"):
        with page.expect_download() as download:
            page.locator(f"main a[href$='/{ending}/']").click()
        files.append(Path(download.value.path()).read_bytes())
    assert email in json.dumps(json.loads(files[0]), ensure_ascii=False)
    assert title in files[0].decode()
    assert files[1].startswith(b"%PDF")


def remove_account(page: Page, wrong: str, gone: str) -> None:
    page.locator("main a[href='/accounts/data/removal/']").click()
    page.wait_for_url("**/removal/")
    page.fill("main [name=password]", "not my password")
    page.locator("main form[method=post] button[type=submit]").last.click()
    expect(page.locator("main [role=alert]")).to_contain_text(wrong)
    page.fill("main [name=password]", PASSWORD)
    page.locator("main form[method=post] button[type=submit]").last.click()
    page.wait_for_url("**/courses/")
    expect(page.locator("main")).to_contain_text(gone)
