"""Values as they lie in the data, and in hand: identifiers, objects, types and times in SQL.

In hand a time is a BIGINT of epoch microseconds; inside an object or a map it is what the data has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from segtoolkit.pql.types import TIME, Kind, ListOf, MapOf, Scalar, Struct, Type


def quoted(name: str) -> str:
    """Return *name* as an SQL identifier.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def packed(columns: Mapping[str, str]) -> str:
    return (
        f"struct_pack({', '.join(f'{quoted(n)} := {sql}' for n, sql in columns.items())})"
    )


def from_data(sql: str, type_: Type) -> str:
    return _converted("epoch_us({0})", sql, type_)


def stored(sql: str, type_: Type) -> str:
    """Put a value into an object or a map."""
    return _converted("TRY(make_timestamp({0}))", sql, type_)


def _converted(template: str, sql: str, type_: Type) -> str:
    """Convert a time, or all times of a list."""
    if type_ == TIME:
        return template.format(sql)
    if isinstance(type_, ListOf) and innermost(type_) == TIME:
        return f"list_transform({sql}, lambda t: {_converted(template, 't', type_.item)})"
    return sql


def innermost(type_: Type) -> Type:
    """Return what a list, or a list of lists, holds in the end."""
    return innermost(type_.item) if isinstance(type_, ListOf) else type_


def leaves_of(type_: Type, path: str) -> list[str]:
    """Return the paths below *path* to everything that is no object; what nobody has is left out.

    >>> leaves_of(Struct({"a": TIME, "b": Struct({"c": TIME})}), "x")
    ['x."a"', 'x."b"."c"']
    """
    if not isinstance(type_, Struct):
        return [path]
    present = type_.fields.keys() - type_.missing
    return [
        leaf
        for name, inner in type_.fields.items()
        if name in present
        for leaf in leaves_of(inner, f"{path}.{quoted(name)}")
    ]


def item_type(type_: Type) -> Type:
    assert isinstance(type_, ListOf)
    return type_.item


def type_sql(type_: Type, *, stored: bool = False) -> str:
    """Return the SQL type of a value in hand, or *stored* in an object or a map."""
    match type_:
        case Scalar() if type_ == TIME and stored:
            return "TIMESTAMP"
        case Scalar(kind):
            return _SQL_TYPES[kind]
        case ListOf(item):
            return type_sql(item, stored=stored) + "[]"
        case MapOf(value, key):
            return f"MAP({type_sql(key, stored=True)}, {type_sql(value, stored=True)})"
        case Struct(fields):
            inner = (f"{quoted(n)} {type_sql(t, stored=True)}" for n, t in fields.items())
            return f"STRUCT({', '.join(inner)})"
        case _:
            assert_never(type_)


_SQL_TYPES: Mapping[Kind, str] = {
    Kind.STRING: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.DOUBLE: "DOUBLE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.TIME: "BIGINT",
    Kind.NULL: "INTEGER",
}
