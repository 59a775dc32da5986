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
CONTROL = "tests/pages/test_home.py"
"""Passes on the unchanged copy: where it fails, every mutant would seem to be killed."""
FAILED = 1  # pytest's exit status when tests ran and some failed
SECONDS = 240


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project for all mutants, one after the other; each is taken back."""
    folder = tmp_path_factory.mktemp("mutants") / "copy"
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    control = run_test(CONTROL, folder)
    assert control.returncode == 0, f"the copy fails by itself:\n{control.stdout[-3000:]}"
    return folder


@pytest.mark.mutant
@pytest.mark.parametrize("mutant", read_mutants(), ids=lambda mutant: mutant.name)
def test_mutant_is_killed(mutant: Mutant, copy: Path):
    original = (copy / mutant.file).read_bytes()
    mutant.apply(copy)
    try:
        result = run_test(mutant.killed_by, copy, remake="/migrations/" in mutant.file)
    finally:
        (copy / mutant.file).write_bytes(original)

    assert result.returncode == FAILED, f"{mutant.name} lives:\n{result.stdout[-3000:]}"


def run_test(
    killed_by: str, copy: Path, *, remake: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run the test that must fail, on the servers of this run; ``remake`` makes the tables anew."""
    own = {
        "DATABASE_URL": embedded.database_url(settings.DATA_DIR),
        "REDIS_URL": embedded.redis_url(settings.DATA_DIR),
        "DATA_DIR": str(copy.parent / "data"),
    }
    inherited = dict(os.environ)
    for name in ("DJANGO_SETTINGS_MODULE", "ENVIRONMENT"):
        inherited.pop(name, None)
    kept = [] if remake else ["--reuse-db"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", *kept, killed_by],
        cwd=copy,
        env=inherited | own,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
