"""Whole journeys with the keyboard alone; whatever has the focus shows that it has."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import new_address, new_reader, sign_up, wait_for_link
from tests.browser.keyboard import Keyboard
from tests.browser.world import pay, request
from tests.running import PASSWORD, eventually

pytestmark = pytest.mark.browser


def test_skip_link_is_the_first_stop_and_leads_to_the_content(keyboard):
    page = keyboard.page
    page.goto("/courses/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_newcomer_signs_up_and_confirms_the_address(keyboard, system):
    page, email = keyboard.page, new_address()
    page.goto("/accounts/signup/")
    page.locator("main form.form").evaluate("form => form.noValidate = true")
    keyboard.write("email", email)
    keyboard.write("password1", "12345")
    keyboard.send("/accounts/signup/")
    assert keyboard.stands_in("[role=alert]"), "the reader is told first what is wrong"
    keyboard.press_here("[role=alert] a[href='#id_name']")
    assert keyboard.stands_in("[name=name]")
    page.keyboard.type("김하늘")
    keyboard.write("password1", PASSWORD)
    keyboard.send("/accounts/signup/")
    page.wait_for_url("**/accounts/confirm-email/")

    page.goto(wait_for_link(system, email))
    keyboard.send("/accounts/confirm-email/")
    if "/my/" not in page.url:
        keyboard.log_in(email)
    page.wait_for_url("**/my/")


def test_student_switches_language_theme_and_time_zone_and_removes_the_account(keyboard, system):
    page = keyboard.page
    email = sign_up(page, system)
    page.goto("/accounts/profile/")
    keyboard.tab_to("main select[name=time_zone]")
    page.keyboard.type("Tokyo")
    keyboard.send("/accounts/profile/")
    assert page.locator("select[name=time_zone]").input_value() == "Asia/Tokyo"
    keyboard.press("form[action='/theme/'] button[value=dark]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    keyboard.press(".nav--wide button[name=language][value=ko]")
    expect(page.locator("html")).to_have_attribute("lang", "ko")

    keyboard.press("main a[href='/accounts/data/']")
    keyboard.press("main a[href='/accounts/data/removal/']")
    keyboard.write("password", PASSWORD)
    keyboard.send()
    page.wait_for_url("**/courses/")
    refused = system.api("POST", "/api/v1/auth/token/", {"email": email, "password": PASSWORD})
    assert refused.status in (400, 401)


def test_student_finds_pays_and_learns(keyboard, system):
    page = keyboard.page
    student = system.api.log_in(sign_up(page, system))
    page.goto("/courses/")
    keyboard.write("search", "SQL")
    page.keyboard.press("Enter")
    page.wait_for_url("**search=SQL**")
    page.wait_for_load_state("networkidle")
    assert keyboard.stands_in("[name=search]"), "what is found comes without moving the reader"
    keyboard.press("main a[href='/courses/introduction-to-sql/']")
    keyboard.send("/lectures/")
    page.wait_for_url("**/checkout/")
    lecture_id = page.url.split("/")[-3]
    keyboard.choose("token", "tok_declined")
    keyboard.send(f"/lectures/{lecture_id}/payment/")
    page.goto(f"/lectures/{lecture_id}/checkout/")
    keyboard.choose("token", "tok_approved")
    keyboard.send(f"/lectures/{lecture_id}/payment/")
    page.goto(f"/lectures/{lecture_id}/")
    keyboard.press(f"main a[href^='/lectures/{lecture_id}/lessons/']")
    lesson = page.url.removeprefix(system.api.url)
    keyboard.tab_to(f"form[action='{lesson}completion/'] button[type=submit]")
    page.keyboard.press("Enter")

    def progress() -> int:
        return student("GET", f"/api/v1/lectures/{lecture_id}/").body["progress_percent"]

    assert eventually(progress, seconds=20, what="the progress")
    expect(page.locator("#completion form")).to_have_count(0)
    assert keyboard.stands_in("#completion"), "the answer of htmx is where the reader stands"
    page.goto(f"/my/{lecture_id}/")
    expect(page.locator("main")).to_contain_text("Introduction to SQL")


def test_student_cancels_after_seeing_the_refund(keyboard, system):
    page = keyboard.page
    email = sign_up(page, system)
    student = system.api.log_in(email)
    lecture = request(student, "introduction-to-sql")
    pay(student, lecture)
    page.goto(f"/lectures/{lecture['id']}/cancellation/")
    expect(page.locator("main")).to_contain_text("89.00")
    keyboard.send()
    assert student("GET", f"/api/v1/lectures/{lecture['id']}/").body["status"] == "cancelled"


def test_student_reviews_and_waits_for_a_seat(keyboard, system, world):
    page = keyboard.page
    student = system.api.log_in(sign_up(page, system))
    carol = system.api.log_in("carol@example.com")
    lecture = request(student, "introduction-to-sql")
    pay(student, lecture)
    carol("PATCH", f"/api/v1/lectures/{lecture['id']}/", {"status": "completed"})

    page.goto(f"/lectures/{lecture['id']}/review/")
    keyboard.choose("rating", "4")
    keyboard.write("text", "Clear and short.")
    keyboard.send(f"/lectures/{lecture['id']}/review/")
    page.goto(world.path("/courses/{course.full}/"))
    keyboard.send("/waiting-list/")
    keyboard.press("form[action$='/departure/'] button[type=submit]")
    page.goto(world.path("/courses/{course.full}/"))
    keyboard.tab_to("form[action='/waiting-list/'] button[type=submit]")


def test_visitor_verifies_a_certificate(keyboard, world):
    page = keyboard.page
    page.goto("/verify/")
    keyboard.write("code", world.places["alice.certificate"])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Alice Kim")


def test_menu_of_a_phone_opens_and_closes(browser, system):
    reader = new_reader(browser, system, "en", javascript=True, phone=True)
    keyboard, page = Keyboard(reader.page), reader.page
    page.goto("/courses/")
    keyboard.tab_to(".nav--narrow summary")
    page.keyboard.press("Enter")
    expect(page.locator(".nav--narrow details")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator(".nav--narrow details")).not_to_have_attribute("open", "")
    assert page.evaluate("document.activeElement.matches('.nav--narrow summary')")
    reader.context.close()


def test_motion_is_reduced_for_who_asks(keyboard):
    page = keyboard.page
    for path in ("/courses/", "/accounts/login/", "/courses/introduction-to-sql/"):
        page.goto(path)
        slowest = page.evaluate(
            "Math.max(...[...document.querySelectorAll('*')].map(it => {"
            " const style = getComputedStyle(it);"
            " return Math.max(...[style.transitionDuration, style.animationDuration]"
            "   .flatMap(all => all.split(',')).map(parseFloat)); }))"
        )
        assert slowest <= 0.01, path
