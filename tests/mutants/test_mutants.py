"""Each mutant dies: by ``make test-mutants``, as it takes a run of pytest for each.

`make test` shows that the test passes on the product; here it must fail on a changed copy.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from elearning import embedded
from tests.mutants.catalogue import ROOT, Mutant, read_mutants

NOT_COPIED = shutil.ignore_patterns(
    *(".git", ".venv", ".local", "__pycache__", ".*_cache", ".hypothesis", "screenshots")
)
FAILED = 1  # pytest's exit status when tests ran and some failed
SECONDS = 240


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project for all mutants, one after the other; each is taken back."""
    folder = tmp_path_factory.mktemp("mutants") / "copy"
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


@pytest.mark.mutant
@pytest.mark.parametrize("mutant", read_mutants(), ids=lambda mutant: mutant.name)
def test_mutant_is_killed(mutant: Mutant, copy: Path):
    original = (copy / mutant.file).read_bytes()
    mutant.apply(copy)
    try:
        result = run_test(mutant, copy)
    finally:
        (copy / mutant.file).write_bytes(original)

    assert result.returncode == FAILED, f"{mutant.name} lives:\n{result.stdout[-3000:]}"


def run_test(mutant: Mutant, copy: Path) -> subprocess.CompletedProcess[str]:
    """Run the test that must fail, on the servers of this run: only the tables are made anew."""
    own = {
        "DATABASE_URL": embedded.database_url(settings.DATA_DIR),
        "REDIS_URL": embedded.redis_url(settings.DATA_DIR),
        "DATA_DIR": str(copy.parent / "data"),
    }
    inherited = dict(os.environ)
    for name in ("DJANGO_SETTINGS_MODULE", "ENVIRONMENT"):
        inherited.pop(name, None)
    kept = [] if "/migrations/" in mutant.file else ["--reuse-db"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", *kept, mutant.killed_by],
        cwd=copy,
        env=inherited | own,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
