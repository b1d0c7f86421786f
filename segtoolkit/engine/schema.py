"""Read the fields of the loaded profiles and events from the store's tables."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import duckdb
from duckdb.sqltypes import DuckDBPyType

from segtoolkit.pql.declared import OF_EVENTS, OF_PROFILES, declared
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
from segtoolkit.pql.xdm import read_xdm

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
    """Return the fields under ``xdm`` of both tables, as far as a declared schema has them.

    An event's time and type are fields too.
    """
    profile = Struct(MappingProxyType(_fields(cursor, "profiles")))
    own = {"timestamp": TIME, "eventType": STRING}
    event = Struct(MappingProxyType(own | _fields(cursor, "events")))
    if document := _setting(cursor, "xdm_profile"):
        profile = declared(profile, read_xdm(document), OF_PROFILES)
    if document := _setting(cursor, "xdm_event"):
        event = declared(event, read_xdm(document), OF_EVENTS)
    has_events = cursor.execute("SELECT 1 FROM events LIMIT 1").fetchall()
    return Schema(profile, event, bool(has_events))


def is_strict(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether a field that is not there is refused, and not taken for null."""
    return _setting(cursor, "unknown_fields") != "null"


def _setting(cursor: duckdb.DuckDBPyConnection, key: str) -> str | None:
    row = cursor.execute("SELECT value FROM meta WHERE key = $key", {"key": key}).fetchall()
    return row[0][0] if row else None


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
