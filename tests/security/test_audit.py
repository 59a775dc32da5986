"""`deploy/audit.py` fails on what is known to be vulnerable, and never passes silently."""

from __future__ import annotations

import importlib.util
import json
import re
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


def test_service_that_knows_no_package_is_a_failure(audit):
    lines, status = audit.judge(report(UNKNOWN, UNKNOWN), "No known vulnerabilities found")

    assert status == audit.NOTHING_AUDITED != 0
    assert "NOTHING WAS AUDITED" in "\n".join(lines)


def test_package_that_was_left_out_is_named(audit):
    lines, status = audit.judge(report(SOUND, UNKNOWN), "")

    assert status == 0
    assert "1 of 2 packages NOT AUDITED: celery" in "\n".join(lines)


@pytest.mark.parametrize("errors", [BLOCKED, NO_ROUTE, REFUSED])
def test_service_that_cannot_be_reached_is_a_failure(audit, errors):
    lines, status = audit.judge("", errors)

    assert status == audit.NOTHING_AUDITED != 0
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
    assert audit.judge(output, errors)[1] != 0


@pytest.mark.parametrize(
    ("found", "offline", "status"),
    [
        (report(UNKNOWN), "1", 0),
        (report(UNKNOWN), "", 3),
        (report(UNKNOWN), "0", 3),
        (report(SOUND, VULNERABLE), "1", 1),
        ("", "1", 1),
    ],
)
def test_only_a_closed_network_is_tolerated_and_only_where_it_is_said(
    audit, monkeypatch, capsys, tmp_path, found, offline, status
):
    pip_audit = tmp_path / "pip-audit"
    pip_audit.write_text(f"#!/bin/sh\ncat <<'END'\n{found}\nEND\n")
    pip_audit.chmod(0o755)
    monkeypatch.setattr(audit, "COMMAND", [str(pip_audit)])
    monkeypatch.setenv("AUDIT_MAY_BE_OFFLINE", offline)

    assert audit.main(["requirements.txt"]) == status
    assert ("FAILED" in capsys.readouterr().out) is (found == report(UNKNOWN))


def test_installer_takes_uv_by_its_hash():
    lock = Path("requirements-uv.txt").read_text(encoding="utf-8")
    install = Path("deploy/install.py").read_text(encoding="utf-8")

    assert re.search(r"^uv==\S+ \\\n    --hash=sha256:", lock, re.MULTILINE)
    assert '"--require-hashes", "-r", "requirements-uv.txt"' in install
    assert '"install", "--quiet", "uv"' not in install


def test_ci_audits_and_says_where_it_may_be_offline():
    ci, makefile = (
        Path(".ci/run").read_text(encoding="utf-8"),
        Path("Makefile").read_text(encoding="utf-8"),
    )

    assert "AUDIT_MAY_BE_OFFLINE=1 make audit || status=1" in ci
    assert "AUDIT_MAY_BE_OFFLINE" not in makefile
    assert "deploy/audit.py" in makefile.split("\naudit:")[1].split("\n\n")[0]


def test_script_fails_on_a_lock_that_is_not_there(tmp_path):
    command = [sys.executable, str(SCRIPT), str(tmp_path / "nowhere.txt")]

    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert run.returncode == 1
    assert "nowhere.txt" in run.stdout
