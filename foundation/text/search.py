"""The lookup gate in SQL: both sides of a comparison pass ``search_key`` in the database.

What is searched often is kept beside its table, as it is compared: ``index_for_search`` sets
triggers that hold it up to date, whichever way a row is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import migrations
from django.db.models import CharField, F, Func, Lookup, Model, Q, QuerySet, TextField, Value
from django.db.models.constants import LOOKUP_SEP
from django.db.models.sql.compiler import SQLCompiler
from django.utils.text import smart_split, unescape_string_literal

from foundation.text.lookup import plain_text
from foundation.text.models import SearchText

MAX_WORDS = 8
INDEXED = frozenset(
    {"certification_certificate", "courses_course", "payments_payment", "students_user"}
)
"""The tables that ``index_for_search`` was called for."""

_INDEX = """
CREATE TRIGGER {table}_search_text_written AFTER INSERT OR UPDATE OF {columns} ON {table}
    FOR EACH ROW EXECUTE FUNCTION text_index_row({arguments});
CREATE TRIGGER {table}_search_text_deleted AFTER DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION text_index_row();
INSERT INTO text_searchtext ("table", row_id, key)
    SELECT '{table}', id, concat_ws(E'\\n', {keys}) FROM {table};
"""
_FORGET = """
DROP TRIGGER {table}_search_text_written ON {table};
DROP TRIGGER {table}_search_text_deleted ON {table};
DELETE FROM text_searchtext WHERE "table" = '{table}';
"""


class SearchKey(Func):
    """The text as it is compared: NFKC, lower case, no spaces beside Hangul (``text.0001``)."""

    function = "search_key"
    arity = 1
    output_field = TextField()


class _ByKey(Lookup):
    """Compares by ``search_key`` on both sides."""

    template = ""
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        sql = self.template.format(left=f"search_key({left})", right=f"search_key({right})")
        return sql, (*left_values, *right_values)


class Matches(_ByKey):
    """``title__matches="데이터분석"``: whether the word stands in the text, however it is typed."""

    lookup_name = "matches"
    template = "strpos({left}, {right}) > 0"


class SameText(_ByKey):
    """``slug__same_text=…``: whether both are one text, however it is typed."""

    lookup_name = "same_text"
    template = "{left} = {right}"


def register() -> None:
    """Offer the lookups on every column of text. Called once, at start."""
    for column in (CharField, TextField):
        column.register_lookup(Matches)
        column.register_lookup(SameText)


def index_for_search(table: str, *columns: str) -> migrations.RunSQL:
    """Return the operation that keeps these columns of a table searchable. Name it in INDEXED."""
    facts = {
        "table": table,
        "columns": ", ".join(columns),
        "arguments": ", ".join(f"'{column}'" for column in columns),
        "keys": ", ".join(f"search_key({column})" for column in columns),
    }
    return migrations.RunSQL(_INDEX.format(**facts), _FORGET.format(**facts))


def search_words(text: str) -> list[str]:
    """Return the words of a search, each of which must be found."""
    return plain_text(text).split()[:MAX_WORDS]


def search_phrases(text: str) -> list[str]:
    """Return the words of a search at the desk; what stands in quotation marks is one."""
    bits = smart_split(plain_text(text))
    return [unescape_string_literal(bit) if _is_quoted(bit) else bit for bit in bits][:MAX_WORDS]


def _is_quoted(bit: str) -> bool:
    return len(bit) > 1 and bit[0] == bit[-1] and bit[0] in "\"'"


def rows_matching(model: type[Model], word: str) -> QuerySet[SearchText, Any]:
    """Return the ids of the rows that hold the word, as a subquery. The table is INDEXED."""
    kept = SearchText.objects.filter(table=model._meta.db_table)
    place = Func(F("key"), SearchKey(Value(word)), function="strpos")
    return kept.alias(place=place).filter(place__gt=0).values("row_id")


def matches_any(model: type[Model], paths: Sequence[str], word: str) -> Q:
    """Return the condition that one of the columns holds the word.

    ``paths`` are columns, also of related rows, such as ``student__name``.
    """
    found = Q(pk__in=[])
    for path in paths:
        relation, _separator, column = path.rpartition(LOOKUP_SEP)
        owner = _related(model, relation)
        if owner._meta.db_table in INDEXED:
            found |= Q((f"{relation or 'pk'}__in", rows_matching(owner, word)))
        elif isinstance(owner._meta.get_field(column), CharField | TextField):
            found |= Q((f"{path}__matches", word))
        else:  # a number or an identifier
            found |= Q((f"{path}__icontains", word))
    return found


def _related(model: type[Model], relation: str) -> type[Model]:
    for name in filter(None, relation.split(LOOKUP_SEP)):
        model = model._meta.get_field(name).related_model  # type: ignore[assignment]
    return model
