"""No page is forgotten: each address that a person can open has a scene, or a reason here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests.browser.scenes import SCENES

SECOND_FACTOR = "a step of test_second_factor.py"
NO_PAGE = {
    "mfa_activate_totp": SECOND_FACTOR,
    "mfa_authenticate": SECOND_FACTOR,
    "mfa_deactivate_totp": SECOND_FACTOR,
    "mfa_reauthenticate": SECOND_FACTOR,
    "mfa_view_recovery_codes": SECOND_FACTOR,
    "mfa_generate_recovery_codes": SECOND_FACTOR,
    "mfa_download_recovery_codes": "a file",
    "own_data:json": "a file",
    "own_data:pdf": "a file",
    "file": "a file",
    "payments:webhook": "for machines",
    "students:sign_outs": "a POST that leads to the log-in",
    "students:confirmation": "a POST that leads back",
    "students:session_end": "a POST that leads back",
    "students:token_end": "a POST that leads back",
    "usersessions": "leads to our own page",
    "usersessions_list": "leads to our own page",
    "healthz": "for machines",
    "readyz": "for machines",
    "schema": "for machines",
    "account_set_password": "for accounts without a password: ours have one",
    "account_confirm_login_code": "log-in by a code from an e-mail is off",
    "certificate_of_enrollment": "a piece that the classroom asks for",
    "theme": "a POST that leads back",
    "set_language": "a POST that leads back",
    "courses:cover": "a picture",
    "certification:latin_name": "a POST that leads back to the certificate",
    "certification:pdf": "a file",
    "lectures:lesson_file": "a file",
    "lectures:enroll": "a POST that leads to the checkout",
    "lectures:lesson_completion": "a POST that leads back to the lesson",
    "lectures:waiting_list": "a POST that leads back to the course",
    "lectures:departure": "a POST that leads back",
}
ELSEWHERE = ("admin/", "api/v1/")
"""The desk has its scenes by hand; the API has no pages."""


def addresses(patterns: list, prefix: str = "", namespace: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern.url_patterns, path, inner)
        elif isinstance(pattern, URLPattern):
            yield path, f"{namespace}{pattern.name}"


def test_every_address_has_a_scene():
    shown = {scene.shows for scene in SCENES} | {
        resolve(re.sub(r"\{[^}]+\}", "1", scene.path).split("?")[0]).view_name
        for scene in SCENES
        if scene.name != "404" and not scene.shows
    }
    wanted = {
        name
        for path, name in addresses(get_resolver().url_patterns)
        if not path.startswith(ELSEWHERE)
    }
    forgotten = wanted - shown - set(NO_PAGE)
    assert not forgotten, f"Add a scene to tests/browser/scenes.py for {sorted(forgotten)}"
    assert set(NO_PAGE) <= wanted, "NO_PAGE names what is not there any more"


def test_names_of_scenes_are_unique():
    names = [scene.name for scene in SCENES]
    assert len(names) == len(set(names))
