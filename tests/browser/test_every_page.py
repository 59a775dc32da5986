"""Every page, in both languages and themes, on desktop and phone, with JavaScript and without.

With SCREENSHOTS set to a folder, each is kept there as a picture: ``make screenshots``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Open, Reader
from tests.browser.scenes import SCENES, Scene
from tests.browser.structure import find_disorder
from tests.browser.world import World

pytestmark = pytest.mark.browser

SCREENSHOTS = os.environ.get("SCREENSHOTS", "")
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MOST_BYTES = 100_000
MOST_REQUESTS = 6
NARROW = {"width": 320, "height": 640}
"""What is left of 1280 pixels at 400 % zoom, and of 640 at 200 % (WCAG 2.2, 1.4.10 and 1.4.4)."""
PLAIN = [scene for scene in SCENES if scene.is_ours and not scene.is_desk]
AXE_RUNS = """async (runOnly) => {
  const found = await axe.run({runOnly, resultTypes: ['violations']});
  return found.violations.filter(({impact}) => ['serious', 'critical'].includes(impact))
    .flatMap(({id, impact, nodes}) => nodes.map(
      ({target, failureSummary}) => `${id} (${impact}): ${target} ${failureSummary}`));
}"""
"""Sorted out in the page: handing over all that axe returns takes longer than axe."""


def visit(reader: Reader, scene: Scene, world: World) -> None:
    answer = reader.page.goto(world.path(scene.path))
    assert answer is not None
    assert answer.status == scene.status, f"{answer.url}: {answer.status}"
    if scene.then is not None:
        scene.then(reader.page)


def serious(page: Page, *rules: str) -> list[str]:
    """Return what axe finds serious or critical, of the rules with one of these tags."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found: list[str] = page.evaluate(AXE_RUNS, list(rules))
    return found


def overflow(page: Page) -> int:
    return int(page.evaluate("document.scrollingElement.scrollWidth - innerWidth"))


def keep(page: Page, *names: str) -> None:
    if SCREENSHOTS:
        file = Path(SCREENSHOTS, *names).with_suffix(".png")
        file.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=file, full_page=True)


def loaded(page: Page) -> list[dict[str, Any]]:
    """Return what the page needed beside itself, pictures and fonts."""
    entries: list[dict[str, Any]] = page.evaluate(
        "performance.getEntriesByType('resource')"
        ".map(entry => ({name: entry.name, bytes: entry.decodedBodySize}))"
    )
    rest = (".woff2", ".svg", ".png", ".webp", ".jpg", "/cover/", ".pdf")
    return [entry for entry in entries if not re.split(r"[?#]", entry["name"])[0].endswith(rest)]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_page_is_accessible_fits_and_is_light(
    scene: Scene, language: str, open_browser: Open, world: World
) -> None:
    reader = open_browser(scene.who, language)
    page = reader.page
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    visit(reader, scene, world)
    assert page.locator("html").get_attribute("lang") == (scene.language or language)
    keep(page, language, "desktop-light", scene.name)
    found = serious(page, *STANDARD)
    found += find_disorder(page, is_desk=scene.is_desk)
    if scene.is_ours and not scene.is_desk:
        needed = loaded(page)
        code = [entry for entry in needed if ".css" in entry["name"] or ".js" in entry["name"]]
        assert sum(entry["bytes"] for entry in code) <= MOST_BYTES, code
        assert len(needed) + 1 <= MOST_REQUESTS, needed

    page.emulate_media(color_scheme="dark")
    found += serious(page, "color-contrast")
    keep(page, language, "desktop-dark", scene.name)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    found += find_disorder(page, is_desk=scene.is_desk)
    keep(page, language, "phone-dark", scene.name)
    page.emulate_media(color_scheme="light")
    keep(page, language, "phone-light", scene.name)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert overflow(page) <= 0, f"{overflow(page)} px too wide"
    assert found == [], "\n".join(found)
    assert reader.take_wrong() == []


@pytest.mark.parametrize(
    "scene",
    [scene for scene in SCENES if scene.is_ours and not scene.is_desk],
    ids=lambda scene: scene.name,
)
def test_page_is_whole_without_javascript(
    scene: Scene, language: str, open_browser: Open, world: World
) -> None:
    reader = open_browser(scene.who, language, javascript=False)
    reader.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    visit(reader, scene, world)
    assert reader.page.locator("main h1").count() == 1
    assert reader.page.locator("[aria-busy=true]").count() == 0
    keep(reader.page, language, "phone-no-javascript", scene.name)
    assert reader.take_wrong() == []
