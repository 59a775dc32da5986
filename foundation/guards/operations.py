"""Operations for migrations: triggers whose conditions are the rules.

A migration names what is legal at its time; ``tests/states/test_guards.py`` compares the database
with the machines of today, and says which operation a changed machine needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import migrations


@dataclass(frozen=True)
class StateGuard:
    """The states that a row may begin in, and the transitions between different states."""

    table: str
    column: str
    begins_as: Sequence[str]
    transitions: Sequence[tuple[str, str]]

    def create_sql(self) -> str:
        """Return the statements that make the two triggers, in the place of earlier ones."""
        column = self.column
        begins = ", ".join(f"'{state}'" for state in self.begins_as)
        legal = ", ".join(f"('{was}', '{becomes}')" for was, becomes in self.transitions)
        return f"""
CREATE OR REPLACE TRIGGER {self.table}_begins BEFORE INSERT ON {self.table} FOR EACH ROW
    WHEN (NEW.{column} NOT IN ({begins}))
    EXECUTE FUNCTION guards_refuse_state('{column}');
CREATE OR REPLACE TRIGGER {self.table}_transits BEFORE UPDATE ON {self.table} FOR EACH ROW
    WHEN (OLD.{column} <> NEW.{column} AND (OLD.{column}, NEW.{column}) NOT IN ({legal}))
    EXECUTE FUNCTION guards_refuse_state('{column}');
"""  # nosec B608

    def drop_sql(self) -> str:
        names = (f"{self.table}_begins", f"{self.table}_transits")
        return "".join(f"DROP TRIGGER {name} ON {self.table};\n" for name in names)


def guard_state(
    table: str,
    *,
    begins_as: Sequence[str],
    transitions: Sequence[tuple[str, str]],
    column: str = "status",
) -> migrations.RunSQL:
    """Return the operation that lets a state column change only as its machine does."""
    guard = StateGuard(table, column, begins_as, transitions)
    return migrations.RunSQL(guard.create_sql(), guard.drop_sql())


def freeze(
    table: str, columns: Iterable[str], *, once_set: Iterable[str] = (), rising: Iterable[str] = ()
) -> migrations.RunSQL:
    """Return the operation that keeps what is agreed: ``columns`` never change.

    Those ``once_set`` change while they are NULL, and ``rising`` ones never fall.
    """
    changes = [f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns]
    changes += [
        f"(OLD.{name} IS NOT NULL AND OLD.{name} IS DISTINCT FROM NEW.{name})" for name in once_set
    ]
    changes += [f"NEW.{name} < OLD.{name}" for name in rising]
    told = ", ".join(f"'{name}'" for name in (*columns, *once_set, *rising))
    forward = f"""
CREATE OR REPLACE TRIGGER {table}_frozen BEFORE UPDATE ON {table} FOR EACH ROW
    WHEN ({" OR ".join(changes)})
    EXECUTE FUNCTION guards_refuse_change({told});
"""
    return migrations.RunSQL(forward, f"DROP TRIGGER {table}_frozen ON {table};")
