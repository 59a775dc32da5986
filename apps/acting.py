"""Who acts now. What somebody with powers changes, the database records, in the same transaction.

The call that is answered is opened by the composition root, and whoever recognizes the caller says
so. From then on every transaction is told who acts; triggers (see ``watch``) record each row that
is added, changed or removed. Nothing is to be remembered by those who write a button, a form or a
bulk action, and a change that cannot be recorded is not made. Students are no actors: for them
nothing is told and nothing is recorded.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from getpass import getuser
from typing import Any
from uuid import uuid4

from django.db import connection, migrations, transaction
from django.utils import translation
from django.utils.functional import Promise
from psycopg.pq import TransactionStatus

SETTING = "elearning.acting"
"""A setting of the transaction, never of the session: no pool can hand it to anybody else."""
HIDDEN = "•••"
SET_TRANSACTION = "SET TRANSACTION"
READS = ("SELECT", "EXPLAIN", "SHOW")


@dataclass
class Call:
    """One request or command; who makes it is known once ``identify`` has been called."""

    origin: str
    address: str
    request_id: str = ""
    what: str = ""
    who_id: int | None = None
    who: str = ""
    id: str = field(default_factory=lambda: str(uuid4()))

    def announce(self) -> None:
        """Tell the running transaction who acts. It forgets by itself when it ends."""
        _tell(json.dumps(vars(self), ensure_ascii=False))

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        """Announce before the first statement of each transaction; one writes in no other way."""
        if not connection.in_atomic_block:
            if sql.lstrip().upper().startswith(READS):
                return execute(sql, *rest)
            with transaction.atomic():
                self.announce()
                return execute(sql, *rest)
        is_first = connection.connection.info.transaction_status == TransactionStatus.IDLE
        if is_first and sql.startswith(SET_TRANSACTION):  # which nothing may come before
            result = execute(sql, *rest)
            self.announce()
            return result
        if is_first:
            self.announce()
        return execute(sql, *rest)


_current: ContextVar[tuple[Call, ExitStack] | None] = ContextVar("acting", default=None)


@contextmanager
def call(*, origin: str, address: str, request_id: str = "") -> Iterator[Call]:
    """Open a call that comes from ``desk``, ``api``, ``page`` or ``command``."""
    opened = Call(origin=origin, address=address, request_id=request_id)
    with ExitStack() as stack:
        token = _current.set((opened, stack))
        stack.callback(_current.reset, token)
        yield opened


def identify(user: Any) -> None:
    """Say who makes the call that is open; if staff, what changes from now on is recorded."""
    found = _current.get()
    if found is None or found[0].who or not (user.is_staff or getattr(user, "is_superuser", False)):
        return
    _begin(found, who_id=user.pk, who=str(user))


@contextmanager
def command(name: str) -> Iterator[None]:
    """Record what a person at the command line changes, under the name of her system account.

    A command that another one calls is part of that.
    """
    if _current.get() is not None:
        yield
        return
    with call(origin="command", address=f"manage.py {name}") as opened:
        opened.what = name
        found = _current.get()
        if found is not None:
            _begin(found, who_id=None, who=_account())
        yield


def _account() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return f"uid {os.getuid()}"


def _begin(found: tuple[Call, ExitStack], *, who_id: int | None, who: str) -> None:
    opened, stack = found
    opened.who_id, opened.who = who_id, who
    if connection.in_atomic_block:  # somebody's transaction is running already
        opened.announce()
        stack.callback(_tell, "")
    stack.enter_context(connection.execute_wrapper(opened))


def doing(what: str | Promise) -> None:
    """Name what is being done, as its button does; kept in English, shown in the reader's words."""
    found = _current.get()
    if found is None:
        return
    with translation.override("en"):
        found[0].what = str(what)
    if found[0].who and connection.in_atomic_block:
        found[0].announce()


def note(what: str | Promise, *, by: Any, table: str = "", row_id: Any = "", **facts: Any) -> None:
    """Record what staff do that changes no row, such as an export of personal data."""
    identify(by)
    found = _current.get()
    if found is None or not found[0].who:
        return
    doing(what)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT elearning_note(%s, %s, %s::jsonb)",
            [table, str(row_id), json.dumps(facts, ensure_ascii=False, default=str)],
        )


def _tell(text: str) -> None:
    with connection.wrap_database_errors:
        connection.connection.execute("SELECT set_config(%s, %s, true)", [SETTING, text])


WATCH = """
CREATE TRIGGER {table}_audited AFTER {operations} ON {table} FOR EACH ROW
    WHEN (coalesce(current_setting('{setting}', true), '') <> '')
    EXECUTE FUNCTION elearning_record_change({arguments});
"""


def watch(
    table: str,
    *,
    pk: str = "id",
    hidden: Sequence[str] = (),
    operations: str = "INSERT OR UPDATE OR DELETE",
) -> migrations.RunSQL:
    """Return the operation of a migration that records what people with powers do to a table.

    Of ``hidden`` columns (passwords, keys) only that they changed is recorded. For everybody else
    a row costs one look at a setting.
    """
    arguments = ", ".join(f"'{name}'" for name in (pk, *hidden))
    forward = WATCH.format(table=table, operations=operations, arguments=arguments, setting=SETTING)
    return migrations.RunSQL(forward, f"DROP TRIGGER {table}_audited ON {table};")
