"""Files and functions stay small, and every context keeps the same things under the same names."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ROOT / "apps"
LONGEST_FUNCTION_LINES = 40
LONGEST_FILE_LINES = 300
EVERYWHERE = {
    *("admin", "api", "apps", "events", "forms", "handlers", "models", "policies", "queries"),
    *("services", "tasks", "urls", "views", "__init__", "migrations", "management"),
}
ONLY_HERE = {
    "events": {"registry", "nudge"},
    "payments": {"gateways", "gate", "breaker"},
    "certification": {"pdf"},
    "students": {
        "projections",
        "notifications",
        "adapter",
        "address",
        "counted_forms",
        "reading",
        "second_factor",
        "letters",
        "passwords",
    },
}


def python_files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*.py") if "migrations" not in path.parts)


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_function_is_at_most_40_lines_long():
    found = python_files(APPS, ROOT / "elearning", ROOT / "foundation")
    too_long = [
        f"{path.relative_to(ROOT)}: {name} has {lines} lines"
        for path in found
        for name, lines in functions(path)
        if lines > LONGEST_FUNCTION_LINES
    ]

    assert too_long == []


def test_file_is_at_most_300_lines_long():
    found = python_files(APPS, ROOT / "elearning", ROOT / "foundation")
    lines = {path: len(path.read_text().splitlines()) for path in found}
    too_long = [f"{path}: {count}" for path, count in lines.items() if count > LONGEST_FILE_LINES]

    assert too_long == []


@pytest.mark.parametrize("context", sorted(p.parent.name for p in APPS.glob("*/__init__.py")))
def test_context_has_only_files_that_are_named_as_everywhere(context):
    allowed = EVERYWHERE | ONLY_HERE.get(context, set())
    names = {path.stem for path in (APPS / context).glob("*.py")}
    names |= {path.parent.name for path in (APPS / context).glob("*/__init__.py")}

    assert names - allowed == set()
