"""The import contracts hold, and each of them is able to fail."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("apps", "elearning", "foundation", ".importlinter")

# contract, the module in which a line is planted, the line
VIOLATIONS = [
    ("layers", "apps.events.registry", "from apps.courses import queries"),
    ("layers", "apps.courses.services", "from apps.payments import queries"),
    ("layers", "apps.payments.services", "from apps.courses import queries"),
    ("layers", "apps.courses.queries", "from apps.lectures import queries"),
    ("layers", "apps.lectures.handlers", "from apps.certification import events"),
    ("layers", "apps.certification.services", "from apps.students import queries"),
    ("layers", "apps.students.services", "import elearning.settings"),
    ("layers", "apps.money", "from apps.events import registry"),
    ("layers", "foundation", "from apps.events import registry"),
    ("courses", "apps.lectures.services", "from apps.courses import models"),
    ("courses", "apps.lectures.handlers", "from apps.courses import services"),
    ("courses", "apps.lectures.policies", "from apps.courses import policies"),
    ("courses", "apps.students.projections", "from apps.courses import queries"),
    ("payments", "apps.lectures.services", "from apps.payments import models"),
    ("payments", "apps.lectures.handlers", "from apps.payments import services"),
    ("payments", "apps.students.notifications", "from apps.payments import queries"),
    ("lectures", "apps.certification.services", "from apps.lectures import events"),
    ("lectures", "apps.certification.handlers", "from apps.lectures import services"),
    ("lectures", "apps.students.queries", "from apps.lectures import queries"),
    ("certification", "apps.students.services", "from apps.certification import services"),
    ("certification", "apps.students.projections", "from apps.certification import models"),
    ("students", "apps.lectures.services", "from apps.students import models"),
    ("events", "apps.lectures.services", "from apps.events import models"),
    ("composition", "elearning.urls", "from apps.payments import models"),
    ("composition", "elearning.health", "from apps.lectures import policies"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return tmp_path


def check(tree: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [part for contract in contracts for part in ("--contract", contract)]
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", *chosen]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def plant(tree: Path, module: str, line: str) -> None:
    path = tree / Path(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    assert path.is_dir() or file.exists(), f"{module} is gone: plant the violation elsewhere"
    with file.open("a") as text:
        text.write(f"\n{line}\n")


def contracts() -> configparser.ConfigParser:
    configuration = configparser.ConfigParser()
    configuration.read(ROOT / ".importlinter")
    return configuration


def test_contracts_are_kept_by_the_code_as_it_is(tree):
    result = check(tree)

    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(("contract", "module", "line"), VIOLATIONS)
def test_contract_is_broken_by_a_planted_violation(tree, contract, module, line):
    plant(tree, module, line)

    result = check(tree, contract)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "1 broken" in result.stdout, result.stdout
    assert module in result.stdout


def test_every_contract_has_a_planted_violation():
    names = {name.removeprefix("importlinter:contract:") for name in contracts().sections()}

    assert names - {"importlinter"} == {contract for contract, _, _ in VIOLATIONS}


def test_every_app_is_in_the_layers_and_closed_by_a_contract_of_its_own():
    configuration = contracts()
    layers = re.findall(r"[\w.]+", configuration["importlinter:contract:layers"]["layers"])
    closed = [section.get("protected_modules") for section in configuration.values()]

    for path in (ROOT / "apps").iterdir():
        if path.is_dir() and path.name != "__pycache__":
            assert f"apps.{path.name}" in layers
            assert f"apps.{path.name}" in closed
        elif path.suffix == ".py" and path.stem != "__init__":
            assert f"apps.{path.stem}" in layers
