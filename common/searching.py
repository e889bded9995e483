"""Searching texts of the database without differences of case, width, and of how accents
are written: `Model.objects.filter(title__found="Straße")`, alike on PostgreSQL and SQLite.

PostgreSQL from 17 on has what it takes built in; SQLite is given a function.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import CharField, JSONField, Lookup, TextField

from common.texts import folded

Compiled = tuple[str, tuple[Any, ...]]
# What `str.casefold` does beyond small letters, of letters that are in use.
BEYOND_SMALL = (("ß", "ss"), ("ς", "σ"))
NUL = "\x00"


class Found(Lookup):
    """Whether the text holds another one."""

    lookup_name = "found"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Compiled:
        """`found(text, part) > 0`, in the words of the database."""
        text, text_values = self.process_lhs(compiler, connection)
        is_postgresql = connection.vendor == "postgresql"
        place = "strpos" if is_postgresql else "instr"
        sql = f"{place}({folded_sql(text, connection)}, %s) > 0"
        return sql, (*text_values, _wanted(self.rhs))


class HasTag(Lookup):
    """Whether a list of texts has this one."""

    lookup_name = "has_tag"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Compiled:
        """Each of the list is compared."""
        tags, values = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            rows = f"jsonb_array_elements_text({tags}) AS each_tag(value)"
        else:
            rows = f"json_each({tags}) AS each_tag"
        tag = folded_sql("each_tag.value", connection)
        sql = f"EXISTS (SELECT 1 FROM {rows} WHERE {tag} = %s)"  # noqa: S608 - names of columns
        return sql, (*values, _wanted(self.rhs))


def folded_sql(text: str, connection: BaseDatabaseWrapper) -> str:
    """SQL for `common.texts.folded` of an SQL expression."""
    if connection.vendor != "postgresql":
        return f"folded({text})"
    sql = f'lower(normalize({text}, NFKC) COLLATE "pg_c_utf8")'
    for sign, small in BEYOND_SMALL:
        sql = f"replace({sql}, '{sign}', '{small}')"
    return sql


def _wanted(value: Any) -> str:
    """The text searched for. Raises EmptyResultSet for what no stored text can hold."""
    text = str(value)
    if NUL in text:
        raise EmptyResultSet
    return folded(text)


def _teach(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            "folded", 1, _folded_or_none, deterministic=True
        )


def _folded_or_none(text: str | None) -> str | None:
    return None if text is None else folded(text)


def register() -> None:
    """Make the look-ups known; called once, when the app is ready."""
    for field in (CharField, TextField):
        field.register_lookup(Found)
    JSONField.register_lookup(HasTag)
    connection_created.connect(_teach, dispatch_uid="common.searching")
