"""The catalogue of mutants: one line of the product changed, and the test that must notice.

Each ``*.toml`` beside this file holds a list::

    [[mutant]]
    name = "draft_course_is_sold"
    file = "apps/courses/policies.py"
    old = "…"         # occurs exactly once in the file
    new = "…"
    killed_by = "tests/pages/test_course_page.py::test_draft_is_a_404"
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change of the product that takes a guarantee away, and the test that fails then."""

    name: str
    file: str
    old: str
    new: str
    killed_by: str

    def apply(self, root: Path) -> None:
        """Change the file below ``root``.

        Raises ``ValueError`` when the old text is not there exactly once.
        """
        path = root / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: found {text.count(self.old)} times in {self.file}")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


def read_mutants() -> list[Mutant]:
    """Return every mutant of the catalogue, by file and in the order written."""
    files = sorted(Path(__file__).parent.glob("*.toml"))
    return [
        Mutant(**fields)
        for file in files
        for fields in tomllib.loads(file.read_text(encoding="utf-8")).get("mutant", [])
    ]
