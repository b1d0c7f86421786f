"""Read the fields of the loaded profiles and events from the store's tables."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import duckdb
from duckdb.sqltypes import DuckDBPyType

from segtoolkit.pql.types import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    ListOf,
    MapOf,
    Scalar,
    Schema,
    Struct,
    Type,
)

_SCALARS: Mapping[str, Scalar] = {
    "boolean": BOOLEAN,
    "date": TIME,
    "timestamp": TIME,
    "float": DOUBLE,
    "double": DOUBLE,
    "decimal": DOUBLE,
    **{
        sign + size + "int": INTEGER
        for sign in ("", "u")
        for size in ("tiny", "small", "big", "huge")
    },
    "integer": INTEGER,
    "uinteger": INTEGER,
}


def read_schema(cursor: duckdb.DuckDBPyConnection) -> Schema:
    """Return the fields under ``xdm`` of both tables; an event's time and type are fields too."""
    profile = _fields(cursor, "profiles")
    event = {"timestamp": TIME, "eventType": STRING, **_fields(cursor, "events")}
    has_events = cursor.execute("SELECT 1 FROM events LIMIT 1").fetchall()
    return Schema(
        Struct(MappingProxyType(profile)), Struct(MappingProxyType(event)), bool(has_events)
    )


def _fields(cursor: duckdb.DuckDBPyConnection, table: str) -> dict[str, Type]:
    xdm = cursor.sql(f"SELECT xdm FROM {table} LIMIT 0").types[0]
    return {name: read_type(inner) for name, inner in _inner(xdm).items()}


def read_type(type_: DuckDBPyType) -> Type:
    """Return the type that *type_* has in an expression; what PQL has no word for is a string."""
    match type_.id:
        case "struct":
            fields = {name: read_type(inner) for name, inner in _inner(type_).items()}
            return Struct(MappingProxyType(fields))
        case "list" | "array":
            return ListOf(read_type(_inner(type_)["child"]))
        case "map":
            return MapOf(read_type(_inner(type_)["value"]))
        case scalar:
            return _SCALARS.get(scalar, STRING)


def _inner(type_: DuckDBPyType) -> dict[str, DuckDBPyType]:
    return {n: inner for n, inner in type_.children if isinstance(inner, DuckDBPyType)}
