"""Looks the locked packages up among the known vulnerabilities: `deploy/audit.py requirements.txt`.

Exit status 1 on a known vulnerability, or when pip-audit itself does not work, and 3 when nothing
was audited: no advisory service could be reached, or it knows none of the packages. Both fail.
Where AUDIT_MAY_BE_OFFLINE=1 says that the network is closed on purpose, 3 is said as loudly and
becomes 0; a vulnerability never does.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

COMMAND = [
    *(str(Path(sys.executable).with_name("pip-audit")), "--require-hashes", "--disable-pip"),
    *("--format", "json", "--desc", "off", "--progress-spinner", "off", "--timeout", "5"),
]
NOTHING_AUDITED = 3
UNREACHABLE = ("your network may be blocking", "requests.exceptions.", "ServiceError")
"""What pip-audit's error output says when the service, not pip-audit or the lock, is the matter."""


def main(locks: list[str]) -> int:
    chosen = [argument for lock in locks for argument in ("--requirement", lock)]
    run = subprocess.run([*COMMAND, *chosen], check=False, capture_output=True, text=True)
    lines, status = judge(run.stdout, run.stderr)
    print("\n".join(lines), flush=True)
    if status == NOTHING_AUDITED and os.environ.get("AUDIT_MAY_BE_OFFLINE") == "1":
        print("The audit FAILED; it is tolerated because AUDIT_MAY_BE_OFFLINE=1.", flush=True)
        return 0
    return status


def judge(output: str, errors: str) -> tuple[list[str], int]:
    """Return what to say about pip-audit's output and error output, and the exit status."""
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        if any(sign in errors for sign in UNREACHABLE):
            return warn(
                "The audit FAILED. No advisory service could be reached: NOTHING WAS AUDITED."
            ), NOTHING_AUDITED
        return ["pip-audit did not work:", errors.strip() or output.strip()], 1
    found = [line for package in packages for line in vulnerabilities(package)]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    return found + summary(len(packages), skipped), _status(found, packages, skipped)


def _status(found: list[str], packages: list[Any], skipped: list[str]) -> int:
    if found:
        return 1
    return NOTHING_AUDITED if len(skipped) == len(packages) else 0


def vulnerabilities(package: dict[str, Any]) -> list[str]:
    return [
        f"VULNERABLE: {package['name']} {package['version']}: {one['id']}, mended in "
        f"{', '.join(one['fix_versions']) or 'no version yet'}"
        for one in package.get("vulns", [])
    ]


def summary(packages: int, skipped: list[str]) -> list[str]:
    if not packages:
        return ["The audit FAILED. The locks name no package: NOTHING WAS AUDITED."]
    if len(skipped) == packages:
        return warn(
            f"The audit FAILED. The service knows none of {packages} packages: NOTHING WAS AUDITED."
        )
    if skipped:
        return warn(f"{len(skipped)} of {packages} packages NOT AUDITED: {', '.join(skipped)}")
    return [f"{packages} packages were looked up among the known vulnerabilities."]


def warn(sentence: str) -> list[str]:
    line = "!" * 80
    return [line, f"!! {sentence}", "!! Run `make audit` where it can be reached.", line]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
