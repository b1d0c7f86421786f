"""Parquet files or a table in, whose columns have types; raw records and canonical columns out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import duckdb
from duckdb import DuckDBPyConnection

from segtoolkit.errors import DataError
from segtoolkit.local.profiles import raw, shapes, sql
from segtoolkit.local.profiles.faults import EXPECTED
from segtoolkit.local.profiles.raw import FIXED, Column, Records
from segtoolkit.local.profiles.shapes import Fields, ListOf, MapOf, Scalar, Shape, Unseen
from segtoolkit.local.profiles.sources import Opened, ParquetFiles, Table
from segtoolkit.local.profiles.sql import literal, quoted
from segtoolkit.local.profiles.tables import one

_OFFERED = "segtoolkit_offered"
_COPY = "temp.offered_records"


def read_parquet(cursor: DuckDBPyConnection, files: ParquetFiles) -> Records:
    relation = f"read_parquet({raw.listed(files.paths)}, union_by_name = true)"
    try:
        found = _shapes(cursor, relation)
        indirect = _indirect(cursor, relation)
        is_empty = _is_empty(cursor, relation)
    except raw.UNREADABLE as cause:
        raise raw.unreadable(files, cause) from cause
    return Records(relation, {} if is_empty else _columns(files, found, indirect))


def read_table(cursor: DuckDBPyConnection, table: Table) -> Records:
    """Copy *table*: an Arrow stream can be read but once, and memory must not change meanwhile."""
    try:
        cursor.register(_OFFERED, table.content)
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE {_COPY} AS FROM {_OFFERED}")
    except raw.UNREADABLE as cause:
        raise raw.unreadable(table, cause) from cause
    finally:
        # In a transaction that failed nothing can be taken back, and nothing needs to be.
        with suppress(duckdb.TransactionException):
            cursor.unregister(_OFFERED)
    found = _shapes(cursor, _COPY)
    if _is_empty(cursor, _COPY):
        return Records(_COPY, {})
    found |= dict.fromkeys(_without_value(cursor, found), Unseen())
    return Records(_COPY, _columns(table, found, _indirect(cursor, _COPY)))


def forget(cursor: DuckDBPyConnection) -> None:
    """Drop the copy of a table, if there is one."""
    cursor.execute(f"DROP TABLE IF EXISTS {_COPY}")


def _is_empty(cursor: DuckDBPyConnection, relation: str) -> bool:
    return one(cursor, f"SELECT count(*) FROM {relation}") == (0,)


def _shapes(cursor: DuckDBPyConnection, relation: str) -> dict[str, Shape]:
    offered = cursor.sql(f"SELECT * FROM {relation} LIMIT 0")
    return {
        name: shapes.from_duckdb(kind, json=Scalar("VARCHAR"))
        for name, kind in zip(offered.columns, offered.types, strict=True)
    }


def _indirect(cursor: DuckDBPyConnection, relation: str) -> frozenset[str]:
    """Return the columns with times that DuckDB casts to those of a record by a detour only."""
    offered = cursor.sql(f"SELECT * FROM {relation} LIMIT 0")
    kinds = zip(offered.columns, offered.types, strict=True)
    return frozenset(name for name, kind in kinds if "TIMESTAMPTZ_NS" in str(kind))


def _without_value(cursor: DuckDBPyConnection, found: Mapping[str, Shape]) -> list[str]:
    # DuckDB shows a column of nothing but nulls as one of integers.
    names = [name for name, shape in found.items() if shape == Scalar("BIGINT")]
    if not names:
        return []
    counts = one(
        cursor, f"SELECT {', '.join(f'count({quoted(n)})' for n in names)} FROM {_COPY}"
    )
    return [name for name, count in zip(names, counts, strict=True) if not count]


def _columns(
    source: Opened, found: Mapping[str, Shape], indirect: frozenset[str]
) -> dict[str, Column]:
    return {n: _column(n, s, source, is_direct=n not in indirect) for n, s in found.items()}


def _column(name: str, found: Shape, source: Opened, *, is_direct: bool) -> Column:
    shape = FIXED.get(name, found)
    value = _converted(found, shape, sql.cleaned(found, quoted(name)))
    if value is None:
        raise DataError(
            f"{name} is {shapes.in_words(found)} of the type {sql.type_of(found)}; "
            f"expected {EXPECTED[name]}",
            file=raw.label_of(source),
            field=name,
        )
    has_texts = not is_direct or _has_texts_for_times(found, shape)
    return Column(shape, raw.canonical(value, shape, has_texts=has_texts))


def _has_texts_for_times(found: Shape, wanted: Shape) -> bool:
    """Tell whether a time is to be made of a text."""
    match found, wanted:
        case Scalar("VARCHAR"), Scalar("TIMESTAMP"):
            return True
        case (ListOf(a), ListOf(b)) | (MapOf(a), MapOf(b)):
            return _has_texts_for_times(a, b)
        case Fields(members), MapOf(inner):
            return any(_has_texts_for_times(m, inner) for m in members.values())
        case Fields(a), Fields(b):
            return any(_has_texts_for_times(a[n], b[n]) for n in a.keys() & b.keys())
        case _:
            return False


def _converted(found: Shape, wanted: Shape, value: str) -> str | None:
    """Return SQL for *value* that casts to *wanted*, made a map if it is an object; else None."""
    match found, wanted:
        case Fields(members), MapOf(inner):
            parts = {
                key: _converted(part, inner, sql.field_of(value, key))
                for key, part in members.items()
            }
            return None if None in parts.values() else _map(value, parts, inner)
        case _ if _fits(found, wanted):
            return value
        case _:
            return None


def _map(value: str, parts: Mapping[str, str | None], inner: Shape) -> str:
    entries = ", ".join(
        f"struct_pack(key := {literal(key)}, value := "
        f"CAST({part} AS {sql.type_of(inner, raw.WITH_ZONE)}))"
        for key, part in parts.items()
    )
    held = f"list_filter([{entries}], lambda entry: entry.value IS NOT NULL)"
    return f"CASE WHEN {value} IS NOT NULL THEN map_from_entries({held}) END"


def _fits(found: Shape, wanted: Shape) -> bool:
    """Tell whether *found* casts to *wanted*; of objects the first field wanted must be there."""
    match found, wanted:
        case (Unseen(), _) | (Scalar(), Scalar()):
            return True
        case (ListOf(a), ListOf(b)) | (MapOf(a), MapOf(b)):
            return _fits(a, b)
        case Fields(a), Fields(b):
            needed = next(iter(b))
            return a == b or _fits(a.get(needed, MapOf(Unseen())), b[needed])
        case _:
            return False
