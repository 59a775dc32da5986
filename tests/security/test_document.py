"""`docs/security.md` names every requirement once, and tests and files that are there."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mutants.catalogue import read_mutants
from tests.security.asvs import REQUIREMENTS

PAGE = Path("docs/security.md")
ID = re.compile(r"\b\d+\.\d+\.\d+\b")
CODE = re.compile(r"`([^`]+)`")
NAMED_MUTANTS = re.compile(r"\bmutants? (`\w+`(?:, `\w+`)*)")
VERDICTS = {"met", "partly", "gap", "operator", "n/a"}


@dataclass(frozen=True)
class Row:
    ids: list[str]
    verdict: str
    how: str
    tests: list[str]

    @property
    def mutants(self) -> list[str]:
        return [name for group in NAMED_MUTANTS.findall(self.how) for name in CODE.findall(group)]


def read_rows(text):
    rows = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5 and ID.match(cells[0]):
            rows.append(Row(ID.findall(cells[0]), cells[2], cells[3], CODE.findall(cells[4])))
    return rows


MUTANTS = {mutant.name: mutant for mutant in read_mutants()}
ROWS = read_rows(PAGE.read_text(encoding="utf-8"))


def is_there(named):
    """Return whether the file of tests is there, and in it the function, when one is named."""
    name, _, function = named.partition("::")
    path = Path("tests") / name
    defined = rf"^def {re.escape(function)}\(" if function else ""
    return path.is_file() and re.search(defined, path.read_text(), re.MULTILINE) is not None


def test_standard_has_253_requirements_at_levels_1_and_2():
    assert len(REQUIREMENTS) == 253


def test_every_requirement_stands_there_once():
    named = Counter(one for row in ROWS for one in row.ids)

    assert REQUIREMENTS - set(named) == set()
    assert set(named) - REQUIREMENTS == set()
    assert [one for one, count in named.items() if count > 1] == []


def test_every_row_has_a_verdict_and_says_how_or_why():
    assert [row for row in ROWS if row.verdict not in VERDICTS or not row.how] == []


def test_what_is_met_names_a_test():
    assert [row.ids for row in ROWS if row.verdict in {"met", "partly"} and not row.tests] == []


def find_mutant_faults(row):
    """Return what is wrong with the mutants of a row: it names none, or no test of it kills one."""
    faults = [] if row.mutants or row.verdict != "met" else ["names no mutant"]
    for name in row.mutants:
        if name not in MUTANTS:
            faults.append(f"{name} does not exist")
            continue
        killed_by = MUTANTS[name].killed_by.removeprefix("tests/").partition("[")[0]
        if not {killed_by, killed_by.partition("::")[0]} & set(row.tests):
            faults.append(f"{name} is killed by {killed_by}, which the row does not name")
    return faults


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.ids[0])
def test_row_that_is_met_names_a_mutant_that_its_tests_kill(row):
    assert find_mutant_faults(row) == []


def test_row_without_a_mutant_or_its_test_is_seen():
    name, mutant = next(iter(MUTANTS.items()))
    killed_by = mutant.killed_by.removeprefix("tests/").partition("[")[0]

    assert find_mutant_faults(Row(["1.1.1"], "met", "how", [killed_by]))
    assert find_mutant_faults(Row(["1.1.1"], "met", f"mutant `{name}`", ["other.py"]))
    assert find_mutant_faults(Row(["1.1.1"], "met", "mutant `no_such_mutant`", [killed_by]))
    assert not find_mutant_faults(Row(["1.1.1"], "met", f"mutant `{name}`", [killed_by]))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.ids[0])
def test_named_tests_and_files_are_there(row):
    files = [name for name in CODE.findall(row.how) if "/" in name and name[0].isalpha()]

    assert [named for named in row.tests if not is_there(named)] == []
    assert [name for name in files if not Path(name).exists()] == []


def test_missing_test_is_seen():
    assert not is_there("security/test_document.py::test_that_does_not_exist")
    assert not is_there("security/test_nowhere.py")
    assert is_there("security/test_document.py::test_missing_test_is_seen")


def test_rows_are_read():
    (row,) = read_rows(
        "| id | a | b | c | d |\n|---|---|---|---|---|\n| 1.1.1, 1.1.2 | a | met | b | `c` |"
    )

    assert row == Row(["1.1.1", "1.1.2"], "met", "b", ["c"])
