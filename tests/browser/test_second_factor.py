"""A student switches the second factor on, logs in with it, and off again, in both languages."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page

from tests.browser.conftest import new_reader, sign_up, submit
from tests.browser.test_every_page import STANDARD, keep, serious
from tests.running import PASSWORD

pytestmark = pytest.mark.browser

PERIOD_SECONDS = 30


def look(page: Page, language: str, name: str) -> None:
    """Hold the page to what every page is held to, and keep its picture."""
    keep(page, language, "desktop-light", name)
    found = serious(page, *STANDARD)
    assert found == [], "\n".join(found)
    assert page.locator("main h1").count() == 1


def code_of(secret: str, *, later: int = 0) -> str:
    """Return the code of the app; ``later`` skips periods, for no code counts twice."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD_SECONDS + later))


def prove(page: Page, secret: str, *, later: int) -> None:
    """Say once more who it is, where the page asks for it."""
    if page.locator("main [name=password]").count():
        page.fill("main [name=password]", PASSWORD)
        page.locator("main form[method=post] button[type=submit]").first.click()
        page.wait_for_load_state()
    elif page.locator("main [name=code]").count() and "/reauthenticate/" in page.url:
        page.fill("main [name=code]", code_of(secret, later=later))
        page.locator("main form[method=post] button[type=submit]").first.click()
        page.wait_for_load_state()


def test_student_uses_a_second_factor(browser, system, language):
    reader = new_reader(browser, system, language, javascript=True)
    page = reader.page
    email = sign_up(page, system)
    page.goto("/accounts/2fa/totp/activate/")
    prove(page, "", later=0)
    look(page, language, "second-factor-activate")
    secret = page.locator("main code").first.inner_text()
    page.fill("main [name=code]", code_of(secret))
    submit(page, "/accounts/2fa/totp/activate/")
    page.goto("/accounts/2fa/recovery-codes/")
    look(page, language, "second-factor-recovery-codes")
    page.goto("/accounts/2fa/recovery-codes/generate/")
    look(page, language, "second-factor-recovery-codes-generate")

    reader.context.clear_cookies()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    submit(page, "/accounts/login/")
    page.wait_for_url("**/accounts/2fa/authenticate/**")
    look(page, language, "second-factor-log-in")
    page.fill("main [name=code]", code_of(secret, later=1))
    submit(page, "/accounts/2fa/authenticate/")
    page.wait_for_url("**/my/")

    page.goto("/accounts/2fa/totp/deactivate/")
    look(page, language, "second-factor-deactivate")
    reader.context.close()
    assert reader.take_wrong() == []
