"""Shapes and names in; SQL out: types, values made clean, tests of every text in a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias, assert_never

from segtoolkit.local.profiles.shapes import (
    Fields,
    ListOf,
    MapOf,
    Path,
    Scalar,
    Shape,
    Unseen,
    holds_type,
)

Test: TypeAlias = Callable[[str], str]


def type_of(shape: Shape, spelling: Mapping[str, str] | None = None) -> str:
    """Return *shape* as a DuckDB type; *spelling* replaces scalars, and ``JSON`` for unseen."""
    spelled = spelling or {}
    match shape:
        case Scalar(type_):
            return spelled.get(type_, type_)
        case ListOf(item):
            return f"{type_of(item, spelled)}[]"
        case MapOf(value):
            return f"MAP(VARCHAR, {type_of(value, spelled)})"
        case Fields(members) if members:
            parts = (f"{quoted(n)} {type_of(m, spelled)}" for n, m in members.items())
            return f"STRUCT({', '.join(parts)})"
        case Unseen() | Fields():
            return spelled.get("JSON", "JSON")
        case _:
            assert_never(shape)


def cleaned(shape: Shape, value: str, depth: int = 0) -> str:
    """Return SQL for *value* with null for NaN, and for objects that never have a field.

    Maps are left as they are.
    """
    if not holds_type(shape, "DOUBLE", "JSON"):
        return value
    item = f"item{depth}"
    match shape:
        case Scalar():
            return f"nullif(CAST({value} AS DOUBLE), 'nan')"
        case Fields(members) if members:
            parts = (
                f"{quoted(n)} := {cleaned(m, field_of(value, n), depth)}"
                for n, m in members.items()
            )
            return f"CASE WHEN {value} IS NOT NULL THEN struct_pack({', '.join(parts)}) END"
        case ListOf(part):
            return (
                f"list_transform({value}, lambda {item}: {cleaned(part, item, depth + 1)})"
            )
        case MapOf():
            return value
        case Unseen() | Fields():
            return "CAST(NULL AS JSON)"
        case _:
            assert_never(shape)


def texts(
    shape: Shape, value: str, depth: int = 0
) -> Iterator[tuple[Path, Callable[[Test], str]]]:
    """Yield each text within *shape*: its path, and how to test all of them in one record.

    The test gets SQL for one text and returns SQL for a truth value; null where there is none.
    """
    match shape:
        case Scalar("VARCHAR"):
            yield (), lambda test: test(value)
        case Fields(members):
            for name, member in members.items():
                for path, tested in texts(member, field_of(value, name), depth):
                    yield (name, *path), tested
        case ListOf(part):
            item = f"item{depth}"
            for path, tested in texts(part, item, depth + 1):
                yield ("[]", *path), _every(value, item, tested)
        case Unseen() | Scalar() | MapOf():
            return
        case _:
            assert_never(shape)


def _every(value: str, item: str, tested: Callable[[Test], str]) -> Callable[[Test], str]:
    def all_tested(test: Test) -> str:
        return f"list_aggregate(list_transform({value}, lambda {item}: {tested(test)}), 'bool_and')"

    return all_tested


def field_of(value: str, name: str) -> str:
    return f"struct_extract({value}, {literal(name)})"


def quoted(name: str) -> str:
    """Quote an identifier.

    >>> quoted('an "odd" name')
    '"an ""odd"" name"'
    """
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def literal(text: str) -> str:
    """Write a text as SQL, where no value can be bound: field names and types.

    >>> literal("it's")
    "'it''s'"
    """
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
