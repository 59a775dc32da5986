"""No violated constraint is a branch: PostgreSQL logs the failed statement with all its values.

``foundation.inserts`` inserts with ON CONFLICT instead.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["apps", "elearning", "foundation", "operations"]
ALLOWED = {
    "apps/courses/admin/course.py": "the last net under a form of many rows, none of them secret",
    "foundation/locks.py": "an advisory lock is let go on a connection that may be gone",
}


def handlers_in(source):
    """Return the lines that catch IntegrityError, alone or among others, under any name."""
    names = {"IntegrityError", "DatabaseError"}
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname for alias in node.names if alias.name in names and alias.asname}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and node.type and names & words_of(node.type)
    ] + [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and "suppress" in words_of(node.func)
        and any(names & words_of(argument) for argument in node.args)
    ]


def words_of(node):
    named = (each for each in ast.walk(node) if isinstance(each, ast.Name | ast.Attribute))
    return {each.id if isinstance(each, ast.Name) else each.attr for each in named}


def test_no_code_catches_an_integrity_error():
    found = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts and handlers_in(path.read_text(encoding="utf-8"))
    }

    assert found == set(ALLOWED), "Insert with foundation.inserts instead."


def test_planted_handlers_are_found():
    for handler in ("IntegrityError", "(ValueError, db.IntegrityError)", "Clash"):
        source = f"from django.db import IntegrityError as Clash\ntry: x()\nexcept {handler}: y()"
        assert handlers_in(source) == [3]
    assert handlers_in("with suppress(IntegrityError): x()") == [1]
    assert handlers_in("try: x()\nexcept ValueError: y()") == []
