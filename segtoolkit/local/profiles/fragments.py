"""Raw records in; a table of them out, each row under the identity that keys it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NoReturn, TypeAlias, assert_never

import duckdb
from duckdb import DuckDBPyConnection

from segtoolkit.errors import DataError
from segtoolkit.local.profiles import namespaces, reading, shapes, sql
from segtoolkit.local.profiles.faults import EXPECTED
from segtoolkit.local.profiles.raw import FIXED, Column, Records, is_about, label_of
from segtoolkit.local.profiles.shapes import Scalar, Shape
from segtoolkit.local.profiles.sources import Opened
from segtoolkit.local.profiles.sql import quoted
from segtoolkit.local.profiles.tables import RECORD, number_rows, one

Kind: TypeAlias = Literal["profiles", "events"]

# The entry of an identity map that keys the record: the first primary one in document order, or
# else the first. Mostly that is the very first, and then nothing needs to be listed.
_IS_FIRST = """coalesce(map_values(spaces)[1][1]."primary", false)"""
_ENTRIES = """flatten(list_transform(map_entries(spaces), lambda space:
    list_transform(space.value, lambda entry: struct_pack(
        namespace := space.key, id := entry.id, is_primary := entry."primary"))))"""
_PRIMARY = """CASE WHEN is_first
    THEN struct_pack(namespace := map_keys(spaces)[1], id := map_values(spaces)[1][1].id)
    ELSE struct_pack(namespace := coalesce(list_filter(entries, lambda entry: entry.is_primary)[1],
                                           entries[1]).namespace,
                     id := coalesce(list_filter(entries, lambda entry: entry.is_primary)[1],
                                    entries[1]).id) END"""
_HAS_BAD = """len(list_filter(flatten(map_values(spaces)), lambda entry:
    entry.id IS NULL OR entry.id = '')) > 0
    OR (list_contains(map_keys(spaces), '') AND len(spaces['']) > 0)"""
_SPELLED = {name.lower(): name for name in FIXED}
_LATEST_MS = 10**15  # some 30,000 years from now


def keep(
    cursor: DuckDBPyConnection,
    records: Records,
    source: Opened,
    *,
    kind: Kind,
    table: str,
    told: Callable[[int], object],
) -> int:
    """Make *table* anew from *records*, and number its rows; return the events dropped.

    Profiles get the number of their set of namespaces. *told* is called with their number when all are read.

    Raises:
        DataError: a record has no key, no time, or the key of another one.
    """
    _require_identity(records.columns, source, kind)
    match kind:
        case "profiles":
            _create(cursor, table, records, source, own=(), pseudo="nullif(xdm._id, '')")
        case "events":
            times = ("timestamp", "eventType")
            _create(cursor, table, records, source, own=times, pseudo="NULL")
        case _:
            assert_never(kind)
    number_rows(cursor, table, "row", 1)
    told(*one(cursor, f"SELECT count(*) FROM {table}"))
    _refuse_bad_identity(cursor, table, source, kind)
    if kind == "profiles":
        _refuse_twins(cursor, table, source)
        namespaces.complete(cursor, table)
        return 0
    _refuse_bad_time(cursor, table, source, records)
    return _drop_twins(cursor, table)


def shape_of(cursor: DuckDBPyConnection, table: str) -> Shape:
    """Return the shape of the records kept in *table*."""
    return shapes.from_duckdb(
        cursor.sql(f"SELECT xdm FROM {table} LIMIT 0").types[0], json=shapes.Unseen()
    )


def _require_identity(columns: Mapping[str, Column], source: Opened, kind: Kind) -> None:
    for name in columns:
        if (known := _SPELLED.get(name.lower(), name)) != name:
            raise DataError(
                f"the field {name!r} must be spelled {known!r}; rename it",
                file=label_of(source),
                field=name,
            )
    keys = ("identityMap", "_id") if kind == "profiles" else ("identityMap",)
    if not any(key in columns for key in keys):
        raise DataError(
            f"the {kind} have no field {' or '.join(keys)}, so nobody knows whose they are; "
            f"add identityMap, such as {EXPECTED['identityMap']}",
            file=label_of(source),
            field=keys[0],
        )


def _create(
    cursor: DuckDBPyConnection,
    table: str,
    records: Records,
    source: Opened,
    *,
    own: tuple[str, ...],
    pseudo: str,
) -> None:
    columns = records.columns
    absent = {n: f"CAST(NULL AS {sql.type_of(s)})" for n, s in RECORD.members.items()}
    made = absent | {n: column.sql for n, column in columns.items() if n not in own}
    xdm = ", ".join(f"{quoted(n)} := {value}" for n, value in made.items())
    maps = f"SELECT {made['identityMap']} AS spaces FROM {records.relation}"
    try:
        spaces = "" if own else f"{namespaces.likely(cursor, maps)} AS namespace_set,"
        # The namespace '' keys what has an _id and no identity; the id '' marks a bad identity map.
        cursor.execute(f"""
            CREATE OR REPLACE TABLE {table} AS
            WITH shaped AS (SELECT {_time_and_type(columns, own)} struct_pack({xdm}) AS xdm
                            FROM {records.relation}),
            mapped AS (SELECT *, xdm."identityMap" AS spaces, {pseudo} AS pseudo FROM shaped),
            listed AS (SELECT *, {_IS_FIRST} AS is_first,
                              CASE WHEN NOT {_IS_FIRST} THEN {_ENTRIES} END AS entries FROM mapped),
            keyed AS (SELECT *, {_PRIMARY} AS identity FROM listed)
            SELECT coalesce(identity.namespace, CASE WHEN pseudo IS NOT NULL THEN '' END) AS namespace,
                   CASE WHEN {_HAS_BAD} THEN '' ELSE coalesce(identity.id, pseudo) END AS id,
                   {spaces} * EXCLUDE (spaces, is_first, entries, identity, pseudo)
            FROM keyed""")
    except duckdb.Error as cause:
        if not is_about(source, cause):
            raise
        reading.raise_fault(source, cause)


def _time_and_type(columns: Mapping[str, Column], own: tuple[str, ...]) -> str:
    if not own:
        return ""
    kind = columns["eventType"].sql if "eventType" in columns else "CAST(NULL AS VARCHAR)"
    return (
        f"CAST({microseconds(columns.get('timestamp'))} AS BIGINT) AS ts, {kind} AS type,"
    )


def microseconds(column: Column | None) -> str:
    """Return SQL for the microseconds since 1970 of a time; null if there is none to be read."""
    match column:
        case Column(Scalar("BIGINT" | "DOUBLE"), value):
            return f"CASE WHEN abs({value}) < {_LATEST_MS} THEN CAST(floor({value} * 1000.0) AS BIGINT) END"
        case Column(Scalar("TIMESTAMP" | "DATE" | "VARCHAR"), value):
            moment = f"TRY_CAST({value} AS TIMESTAMP WITH TIME ZONE)"
            return f"CASE WHEN isfinite({moment}) THEN epoch_us({moment}) END"
        case _:
            return "NULL"


def _refuse_bad_identity(
    cursor: DuckDBPyConnection, table: str, source: Opened, kind: Kind
) -> None:
    bad, lost = one(
        cursor,
        f"""SELECT min("row") FILTER (id = ''), min("row") FILTER (id IS NULL)
            FROM {table}""",
    )
    if bad is not None:
        refuse(
            cursor,
            source,
            bad,
            "identityMap",
            f"identityMap has an entry without id or namespace; expected {EXPECTED['identityMap']}",
        )
    if lost is not None:
        also = " and no _id" if kind == "profiles" else ""
        refuse(
            cursor,
            source,
            lost,
            "identityMap",
            f"there is no identity in identityMap{also}, so nobody knows whose this is; "
            f"expected {EXPECTED['identityMap']}",
        )


def _refuse_bad_time(
    cursor: DuckDBPyConnection, table: str, source: Opened, records: Records
) -> None:
    (row,) = one(cursor, f'SELECT min("row") FROM {table} WHERE ts IS NULL')
    if row is None:
        return
    value = None
    if "timestamp" in records.columns:
        asked = 'SELECT CAST("timestamp" AS VARCHAR) FROM'
        raw = f"{asked} {records.relation} LIMIT 1 OFFSET {row - 1}"
        (value,) = one(cursor, raw)
    what = "is missing" if value is None else f"cannot be read: {value!r}"
    refuse(
        cursor,
        source,
        row,
        "timestamp",
        f"the event's timestamp {what}; give ISO 8601 such as 2024-05-20T12:00:00Z, "
        "or milliseconds since 1970",
    )


def _refuse_twins(cursor: DuckDBPyConnection, table: str, source: Opened) -> None:
    for field, space, key in (("identityMap", "namespace", "id"), ("_id", "''", "xdm._id")):
        marks = f"CASE WHEN {key} IS NOT NULL THEN hash({space}, {key}) END"
        (twins,) = one(
            cursor, f"SELECT count({key}) - count(DISTINCT {marks}) FROM {table}"
        )
        if not twins:
            continue
        rows = cursor.execute(f"""
            SELECT min("row") AS first, list_sort(list("row"))[2] AS again, {space}, {key}
            FROM {table} WHERE {key} IS NOT NULL
            GROUP BY {space}, {key} HAVING count(*) > 1 ORDER BY again LIMIT 1""").fetchall()
        for first, again, namespace, identity in rows:
            file, line = reading.place_of(cursor, source, first)
            refuse(
                cursor,
                source,
                again,
                field,
                f"the profile {named(namespace, identity)} is already at {file}:{line}; "
                "keep one record per profile",
            )


def _drop_twins(cursor: DuckDBPyConnection, table: str) -> int:
    """Keep the first of the events with the same ``_id``."""
    (twins,) = one(cursor, f"SELECT count(xdm._id) - count(DISTINCT xdm._id) FROM {table}")
    if twins:
        cursor.execute(f"""
            DELETE FROM {table} WHERE xdm._id IS NOT NULL AND "row" NOT IN
            (SELECT min("row") FROM {table} GROUP BY xdm._id)""")
    return int(twins)


def named(namespace: str, identity: str) -> str:
    return f"{identity!r} ({namespace})" if namespace else repr(identity)


def refuse(
    cursor: DuckDBPyConnection, source: Opened, row: int, field: str, message: str
) -> NoReturn:
    file, line = reading.place_of(cursor, source, row)
    raise DataError(message, file=file, line=line, field=field)
