"""`deploy/audit.py` fails on what is known to be vulnerable, and never passes silently."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path("deploy/audit.py")
SOUND = {"name": "django", "version": "5.2.9", "vulns": []}
VULNERABLE = {
    "name": "django",
    "version": "5.2.1",
    "vulns": [{"id": "CVE-2025-48432", "fix_versions": ["5.2.2"], "aliases": []}],
}
UNKNOWN = {
    "name": "celery",
    "skip_reason": "Dependency not found on PyPI and could not be audited: celery (5.6.3)",
}
BLOCKED = "ERROR:pip_audit._cli:Tip: your network may be blocking this service."
NO_ROUTE = "requests.exceptions.ProxyError: HTTPSConnectionPool(host='advisories.example'): …"
REFUSED = "pip_audit._service.interface.ServiceError"


@pytest.fixture(scope="module")
def audit():
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def report(*packages):
    return json.dumps({"dependencies": packages, "fixes": []})


def test_known_vulnerability_fails_the_build_and_is_named(audit):
    lines, status = audit.judge(report(SOUND, VULNERABLE, UNKNOWN), "Found 1 known vulnerability")

    assert status == 1
    assert lines[0] == "VULNERABLE: django 5.2.1: CVE-2025-48432, mended in 5.2.2"


def test_sound_packages_pass_without_a_warning(audit):
    lines, status = audit.judge(report(SOUND), "No known vulnerabilities found")

    assert (status, lines) == (0, ["1 packages were looked up among the known vulnerabilities."])


def test_service_that_knows_no_package_passes_loudly(audit):
    lines, status = audit.judge(report(UNKNOWN, UNKNOWN), "No known vulnerabilities found")

    assert status == 0
    assert "NOTHING WAS AUDITED" in "\n".join(lines)


def test_package_that_was_left_out_is_named(audit):
    lines, status = audit.judge(report(SOUND, UNKNOWN), "")

    assert status == 0
    assert "1 of 2 packages NOT AUDITED: celery" in "\n".join(lines)


@pytest.mark.parametrize("errors", [BLOCKED, NO_ROUTE, REFUSED])
def test_service_that_cannot_be_reached_passes_loudly(audit, errors):
    lines, status = audit.judge("", errors)

    assert status == 0
    assert "NOTHING WAS AUDITED" in "\n".join(lines)


@pytest.mark.parametrize(
    ("output", "errors"),
    [
        ("", "ERROR:pip_audit._cli:invalid requirements input: nowhere.txt"),
        ("", "ModuleNotFoundError: No module named 'pip_audit'"),
        ("{}", ""),
        (report(), ""),
    ],
)
def test_audit_that_did_not_happen_fails(audit, output, errors):
    assert audit.judge(output, errors)[1] == 1


def test_script_fails_on_a_lock_that_is_not_there(tmp_path):
    command = [sys.executable, str(SCRIPT), str(tmp_path / "nowhere.txt")]

    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert run.returncode == 1
    assert "nowhere.txt" in run.stdout
