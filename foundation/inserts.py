"""Insert a row unless another is there already, without an error where it is.

PostgreSQL writes the statement of a failed INSERT into its log, with every value: password hashes,
tokens, personal data. ON CONFLICT DO NOTHING is no failure, so nothing is written, and the
surrounding transaction goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db import connection, connections, models, router
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery

Row = TypeVar("Row", bound=models.Model)


def insert_unless_exists(row: models.Model) -> bool:
    """Insert the row and return True, or return False where a unique constraint forbids it.

    One statement. No signals are sent and no ``save()`` is called.
    """
    model = type(row)
    using = router.db_for_write(model)
    query = InsertQuery(model, on_conflict=OnConflict.IGNORE)
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    query.insert_values(fields, [row])
    (returned,) = query.get_compiler(using=using).execute_sql(returning_fields=[model._meta.pk])
    if returned is None:
        return False
    (row.pk,) = returned
    row._state.adding, row._state.db = False, using  # noqa: SLF001  (as save() sets them)
    return True


def insert_each_unless_exists(rows: Sequence[Row]) -> list[Row]:
    """Insert the rows of one model that break no unique constraint, and return these.

    Each row gets its id beforehand. Three statements. No signals are sent and no ``save()`` is
    called.
    """
    model = type(rows[0])
    using = router.db_for_write(model)
    manager: models.QuerySet[Row] = models.QuerySet(model, using=using)
    for row, pk in zip(rows, _next_ids(model, using, len(rows)), strict=True):
        row.pk = pk
    manager.bulk_create(rows, ignore_conflicts=True)
    inserted = set(manager.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    return [row for row in rows if row.pk in inserted]


def _next_ids(model: type[models.Model], using: str, count: int) -> list[int]:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def lock_name(name: str) -> None:
    """Let no other transaction pass here with the same name until this one ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
