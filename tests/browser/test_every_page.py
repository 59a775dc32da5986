"""Every page, in both languages and themes, on desktop and phone, with JavaScript and without.

axe looks at each page in both languages and both themes: in Korean while it is light and in English
while it is dark, and with MATRIX=full at all four. With SCREENSHOTS set to a folder, each is kept
there as a picture: ``make screenshots``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
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
OF_SWAGGER = "nested-interactive"
"""Swagger's rows are buttons with a link inside: its markup, which a style cannot mend."""
WHOLE = bool(SCREENSHOTS) or os.environ.get("MATRIX") == "full"
SEEN = [
    pytest.param(language, scene, id=f"{language}-{scene.name}")
    for language in ("ko", "en")
    for scene in SCENES
    if WHOLE or language == "ko" or not scene.passes
]
PLAIN = [
    pytest.param(language, scene, id=f"{language}-{scene.name}")
    for language in ("ko", "en")
    for scene in SCENES
    if scene.is_ours and not scene.is_desk and (WHOLE or (language == "ko" and not scene.passes))
]
"""By default, states that pass and pages without scripts are looked at in Korean only."""
AXE_RUNS = """async (runOnly) => {
  const rows = document.querySelectorAll('#result_list tbody:nth-of-type(n+13)');
  const context = rows.length ? {exclude: [...rows]} : document;
  const found = await axe.run(context, {runOnly, resultTypes: ['violations']});
  return found.violations.filter(({impact}) => ['serious', 'critical'].includes(impact))
    .flatMap(({id, impact, nodes}) => nodes.map(
      ({target, failureSummary}) => `${id} (${impact}): ${target} ${failureSummary}`));
}"""
"""Sorted out in the page: handing over all that axe returns takes longer than axe. Of the desk's
lists it looks at twelve rows; the others are like them, and take long."""


@contextmanager
def on_scene(reader: Reader, scene: Scene, world: World) -> Iterator[Page]:
    """Be there, and stay while the state lasts; a wrong status, or a console error, fails."""
    page = reader.page
    with scene.during(world.system, page) as places:
        answer = page.goto(world.path(scene.path, places))
        assert answer is not None
        assert answer.status == scene.status, f"{answer.url}: {answer.status}"
        if scene.then is not None:
            scene.then(page)
        page.wait_for_selector(scene.has, state="attached")
        yield page
    expected = f"the server responded with a status of {scene.status}"
    assert [text for text in reader.take_wrong() if expected not in text] == []


def in_dark(page: Page, scene: Scene) -> None:
    """Switch the page; the desk's theme looks at the system only when it loads."""
    page.emulate_media(color_scheme="dark")
    if scene.is_desk:
        page.evaluate("document.documentElement.classList.add('dark')")


def serious(page: Page, *rules: str) -> list[str]:
    """Return what axe finds serious or critical, of the rules with one of these tags."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found: list[str] = page.evaluate(AXE_RUNS, list(rules))
    return found


def overflow(page: Page) -> int:
    """Return by how many pixels the page is too wide, beyond one that rounding adds."""
    return int(page.evaluate("document.scrollingElement.scrollWidth - innerWidth - 1"))


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


@pytest.mark.parametrize(("language", "scene"), SEEN, indirect=["language"])
def test_page_is_accessible_fits_and_is_light(
    scene: Scene, language: str, open_browser: Open, world: World
) -> None:
    reader = open_browser(scene.who, language)
    reader.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    reader.page.emulate_media(color_scheme="light")
    with on_scene(reader, scene, world) as page:
        assert page.locator("html").get_attribute("lang") == (scene.language or language)
        keep(page, language, "desktop-light", scene.name)
        found = find_too_heavy(page) if scene.is_ours and not scene.is_desk else []
        found += serious(page, *STANDARD) if WHOLE or language == "ko" else []
        found += find_disorder(page, is_desk=scene.is_desk) if scene.is_ours else []
        found += look_in_other_ways(page, scene, language)
    found = [what for what in found if scene.is_ours or not what.startswith(OF_SWAGGER)]
    assert found == [], "\n".join(found)


def find_too_heavy(page: Page) -> list[str]:
    needed = loaded(page)
    code = [entry for entry in needed if ".css" in entry["name"] or ".js" in entry["name"]]
    found = [f"weighs too much: {code}"] if sum(e["bytes"] for e in code) > MOST_BYTES else []
    return found + ([f"asks for too much: {needed}"] if len(needed) + 1 > MOST_REQUESTS else [])


def look_in_other_ways(page: Page, scene: Scene, language: str) -> list[str]:
    """Look at the page on a phone, in dark, and as narrow as zoom makes it."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    found = find_disorder(page, is_desk=scene.is_desk) if scene.is_ours else []
    keep(page, language, "phone-light", scene.name)
    in_dark(page, scene)
    keep(page, language, "phone-dark", scene.name)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    if overflow(page) > 0:
        found.append(f"{overflow(page)} px too wide for 320")
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    found += serious(page, *STANDARD) if WHOLE or language == "en" else []
    keep(page, language, "desktop-dark", scene.name)
    return found


@pytest.mark.parametrize(("language", "scene"), PLAIN, indirect=["language"])
def test_page_is_whole_without_javascript(
    scene: Scene, language: str, open_browser: Open, world: World
) -> None:
    reader = open_browser(scene.who, language, javascript=False)
    reader.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    with on_scene(reader, scene, world) as page:
        assert page.locator("main h1").count() == 1
        assert page.locator("[aria-busy=true]").count() == 0
        keep(page, language, "phone-no-javascript", scene.name)
