"""Every mutant of the catalogue still fits the code, and names a test that exists."""

import ast
from collections import Counter

import pytest

from tests.mutants.catalogue import ROOT, Mutant, read_mutants

MUTANTS = read_mutants()


def test_mutants_have_names_of_their_own():
    assert [name for name, count in Counter(m.name for m in MUTANTS).items() if count > 1] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_fits_the_code_and_names_a_test(mutant: Mutant):
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    file, _, test = mutant.killed_by.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}

    assert text.count(mutant.old) == 1
    assert mutant.old != mutant.new
    assert not test or test.partition("[")[0] in functions
