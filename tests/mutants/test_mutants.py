"""Each mutant dies: by ``make test-mutants``, as it takes a run of pytest for each.

`make test` shows that the test passes on the product; here it must fail on a changed copy.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.catalogue import ROOT, Mutant, read_mutants

NOT_COPIED = shutil.ignore_patterns(
    *(".git", ".venv", ".local", "__pycache__", ".*_cache", ".hypothesis", "screenshots")
)
FAILED = 1  # pytest's exit status when tests ran and some failed
SECONDS = 300


@pytest.mark.mutant
@pytest.mark.timeout(SECONDS + 60)
@pytest.mark.parametrize("mutant", read_mutants(), ids=lambda mutant: mutant.name)
def test_mutant_is_killed(mutant: Mutant, tmp_path: Path):
    copy = tmp_path / "copy"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    mutant.apply(copy)

    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    environment = os.environ | {"DATA_DIR": str(tmp_path / "data")}
    for inherited in ("DJANGO_SETTINGS_MODULE", "ENVIRONMENT", "DATABASE_URL", "REDIS_URL"):
        environment.pop(inherited, None)
    result = subprocess.run(
        [*command, mutant.killed_by],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert result.returncode == FAILED, f"{mutant.name} lives:\n{result.stdout[-3000:]}"
