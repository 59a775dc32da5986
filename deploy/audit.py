"""Looks the locked packages up among the known vulnerabilities: `deploy/audit.py requirements.txt`.

Exit status 1 on a known vulnerability, or when pip-audit itself does not work. Where no advisory
service can be reached nothing is known either way: the build goes on and the output says so loudly.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

COMMAND = [
    *(str(Path(sys.executable).with_name("pip-audit")), "--require-hashes", "--disable-pip"),
    *("--format", "json", "--desc", "off", "--progress-spinner", "off", "--timeout", "5"),
]
UNREACHABLE = ("your network may be blocking", "requests.exceptions.", "ServiceError")
"""What pip-audit's error output says when the service, not pip-audit or the lock, is the matter."""


def main(locks: list[str]) -> int:
    chosen = [argument for lock in locks for argument in ("--requirement", lock)]
    run = subprocess.run([*COMMAND, *chosen], check=False, capture_output=True, text=True)
    lines, status = judge(run.stdout, run.stderr)
    print("\n".join(lines), flush=True)
    return status


def judge(output: str, errors: str) -> tuple[list[str], int]:
    """Return what to say about pip-audit's output and error output, and the exit status."""
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        if any(sign in errors for sign in UNREACHABLE):
            return warn("No advisory service could be reached: NOTHING WAS AUDITED."), 0
        return ["pip-audit did not work:", errors.strip() or output.strip()], 1
    found = [line for package in packages for line in vulnerabilities(package)]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    return found + summary(len(packages), skipped), 1 if found or not packages else 0


def vulnerabilities(package: dict[str, Any]) -> list[str]:
    return [
        f"VULNERABLE: {package['name']} {package['version']}: {one['id']}, mended in "
        f"{', '.join(one['fix_versions']) or 'no version yet'}"
        for one in package.get("vulns", [])
    ]


def summary(packages: int, skipped: list[str]) -> list[str]:
    if not packages:
        return ["The locks name no package: nothing was audited."]
    if len(skipped) == packages:
        return warn(f"The advisory service knows none of {packages} packages: NOTHING WAS AUDITED.")
    if skipped:
        return warn(f"{len(skipped)} of {packages} packages NOT AUDITED: {', '.join(skipped)}")
    return [f"{packages} packages were looked up among the known vulnerabilities."]


def warn(sentence: str) -> list[str]:
    line = "!" * 80
    return [line, f"!! {sentence}", "!! Run `make check` where it can be reached.", line]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
