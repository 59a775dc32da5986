"""Whole journeys with the keyboard alone; whatever has the focus shows that it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Reader, new_reader, sign_up
from tests.browser.world import pay, request
from tests.running import PASSWORD, System, eventually

pytestmark = pytest.mark.browser

MOST_STOPS = 120
SHOWS_FOCUS = """() => {
  const ring = style =>
    (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== 'none';
  const it = document.activeElement;
  return it === document.body
    || ring(getComputedStyle(it)) || ring(getComputedStyle(it.closest('article') ?? it));
}"""
"""A card shows the ring of its link around all of itself."""
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


@pytest.fixture
def reader(browser: Browser, system: System) -> Iterator[Reader]:
    reader = new_reader(browser, system, "en", javascript=True)
    yield reader
    reader.context.close()
    assert reader.take_wrong() == []


def log_in(keyboard: Keyboard, email: str) -> None:
    keyboard.page.goto("/accounts/login/")
    keyboard.write("login", email)
    keyboard.write("password", PASSWORD)
    keyboard.send("/accounts/login/")


def test_skip_link_is_the_first_stop_and_leads_to_the_content(reader):
    page = reader.page
    page.goto("/courses/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_student_finds_pays_and_learns(reader, system):
    keyboard, page = Keyboard(reader.page), reader.page
    student = system.api.log_in(sign_up(page, system))
    page.goto("/courses/")
    keyboard.write("search", "SQL")
    page.keyboard.press("Enter")
    page.wait_for_url("**search=SQL**")
    page.wait_for_load_state("networkidle")
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
    page.goto(f"/my/{lecture_id}/")
    expect(page.locator("main")).to_contain_text("Introduction to SQL")


def test_student_cancels_after_seeing_the_refund(reader, system):
    keyboard, page = Keyboard(reader.page), reader.page
    email = sign_up(page, system)
    student = system.api.log_in(email)
    lecture = request(student, "introduction-to-sql")
    pay(student, lecture)
    page.goto(f"/lectures/{lecture['id']}/cancellation/")
    expect(page.locator("main")).to_contain_text("89.00")
    keyboard.send()
    assert student("GET", f"/api/v1/lectures/{lecture['id']}/").body["status"] == "cancelled"


def test_student_reviews_and_waits_for_a_seat(reader, system, world):
    keyboard, page = Keyboard(reader.page), reader.page
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


def test_visitor_verifies_a_certificate(reader, world):
    keyboard, page = Keyboard(reader.page), reader.page
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


def test_staff_opens_a_course_after_a_confirmation(reader, system):
    keyboard, page = Keyboard(reader.page), reader.page
    carol = system.api.log_in("carol@example.com")
    offer = {"title": "By keyboard", "price_minor": 0, "currency": "KRW"}
    course = carol("POST", "/api/v1/courses/", offer).body
    log_in(keyboard, "carol@example.com")
    page.goto(f"/admin/courses/course/{course['id']}/change/")
    keyboard.press("a[href*='open-course'], a[href*='open_course']")
    assert carol("GET", f"/api/v1/courses/{course['id']}/").body["status"] == "draft"
    keyboard.send()
    assert carol("GET", f"/api/v1/courses/{course['id']}/").body["status"] == "open"


def test_motion_is_reduced_for_who_asks(reader):
    page = reader.page
    for path in ("/courses/", "/accounts/login/", "/courses/introduction-to-sql/"):
        page.goto(path)
        slowest = page.evaluate(
            "Math.max(...[...document.querySelectorAll('*')].map(it => {"
            " const style = getComputedStyle(it);"
            " return Math.max(...[style.transitionDuration, style.animationDuration]"
            "   .flatMap(all => all.split(',')).map(parseFloat)); }))"
        )
        assert slowest <= 0.01, path
