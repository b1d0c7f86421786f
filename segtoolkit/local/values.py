"""What there is to ask of profiles: a cursor goes in; fields and their kinds, or values and their counts, come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duckdb import DuckDBPyConnection

from segtoolkit.engine.schema import read_schema
from segtoolkit.errors import ConfigError
from segtoolkit.local.audiences.fields import located
from segtoolkit.pql.types import scalars


def fields(cursor: DuckDBPyConnection) -> Mapping[str, str]:
    """Return the kind of every field that holds one value, by dotted path."""
    return {path: str(type_.kind) for path, type_ in scalars(read_schema(cursor).profile)}


def namespaces(cursor: DuckDBPyConnection) -> tuple[str, ...]:
    """Return the namespaces of the sets that profiles have."""
    rows = cursor.execute("""
        SELECT DISTINCT unnest(namespaces) AS namespace
        FROM namespace_sets SEMI JOIN profiles ON id = namespace_set ORDER BY ALL""").fetchall()
    return tuple(namespace for (namespace,) in rows)


def counts(cursor: DuckDBPyConnection, field: str, most: int) -> Mapping[Any, int]:
    """Return how many profiles have which value of *field*, the *most* frequent ones, without null.

    Raises:
        ConfigError: there is no such field, or it holds more than a value.
    """
    profile = read_schema(cursor).profile
    found = located(field, profile)
    if field not in dict(scalars(profile)):
        raise ConfigError(f"{field!r} has no single value; name a field inside it")
    rows = cursor.execute(
        f"""SELECT {found.sql} AS value, count(*) FROM profiles p WHERE {found.sql} IS NOT NULL
            GROUP BY value ORDER BY count(*) DESC, value LIMIT ?""",
        [most],
    ).fetchall()
    return dict(rows)
