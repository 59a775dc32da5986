"""The desk with the keyboard alone."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import new_address
from tests.browser.passing import worker_paused
from tests.running import Api, System

pytestmark = pytest.mark.browser


@pytest.fixture
def carol(system: System) -> Api:
    return system.api.log_in("carol@example.com")


@pytest.fixture
def course(carol: Api) -> dict:
    """A free course, still a draft."""
    title = f"By keyboard {uuid4().hex[:8]}"
    offer = {"title": title, "price_minor": 0, "currency": "KRW"}
    return carol("POST", "/api/v1/courses/", offer).body


def status_of(carol: Api, course: dict) -> str:
    return str(carol("GET", f"/api/v1/courses/{course['id']}/").body["status"])


def test_staff_opens_and_withdraws_a_course_after_confirmations(keyboard, carol, course):
    page = keyboard.page
    keyboard.log_in("carol@example.com")
    page.goto(f"/admin/courses/course/{course['id']}/change/")
    keyboard.press("a[href*='open-course'], a[href*='open_course']")
    assert status_of(carol, course) == "draft"
    keyboard.send()
    assert status_of(carol, course) == "open"
    page.goto(f"/admin/courses/course/{course['id']}/change/")
    keyboard.press("a[href$='/delete/']")
    assert status_of(carol, course) == "open"
    keyboard.send()
    assert status_of(carol, course) == "withdrawn"


def test_staff_opens_courses_in_bulk_and_watches(keyboard, system, carol, course):
    page = keyboard.page
    keyboard.log_in("carol@example.com")
    page.goto(f"/admin/courses/course/?q={course['title'].split()[-1]}")
    keyboard.tab_to(f"input[name=_selected_action][value='{course['id']}']")
    page.keyboard.press("Space")
    keyboard.tab_to("select[name=action]")
    keyboard.pick("open_courses")
    keyboard.press("#changelist-actions button[type=submit]")
    assert status_of(carol, course) == "draft", "nothing has happened before it is confirmed"
    with worker_paused(system):
        keyboard.press("form[action$='/start/'] button[type=submit]")
        keyboard.tab_to("#bulk-progress[hx-trigger] a")
    expect(page.locator("#bulk-progress a[download]")).to_be_visible()
    assert keyboard.stands_in("#bulk-progress"), "the answers of htmx are where the reader stands"
    assert status_of(carol, course) == "open"


def test_staff_imports_students_after_a_dry_run(keyboard, carol, tmp_path):
    page, email = keyboard.page, new_address()
    file = tmp_path / "students.csv"
    file.write_text(f"email,name\n{email},김수려\nno-address,이름\n")
    page.on("filechooser", lambda _chooser: None)  # else the first one may be missed
    keyboard.log_in("carol@example.com")
    page.goto("/admin/import/")
    keyboard.tab_to("input[type=file]")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(file)
    keyboard.press("main form[enctype] button[type=submit], form[enctype] button[type=submit]")
    expect(page.locator(".desk-items").first).to_contain_text("no-address")
    keyboard.press("form[action$='/start/'] button[type=submit]")
    expect(page.locator("#bulk-progress a[download]")).to_be_visible()
    expect(page.locator("#bulk-progress")).to_contain_text(email)


def test_staff_reaches_the_menu_of_the_account_and_leaves(keyboard):
    page = keyboard.page
    keyboard.log_in("carol@example.com")
    page.goto("/admin/")
    keyboard.tab_to("#nav-sidebar [role=button]:has(+ *, div)")
    page.keyboard.press("Enter")
    expect(page.locator("#nav-sidebar nav :focus")).to_be_visible()
    keyboard.press("#logout-form button")
    page.goto("/admin/")
    assert "/accounts/login/" in page.url
