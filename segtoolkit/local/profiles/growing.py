"""New records of a dataset in; the dataset with them out: in place of all, beside them, or of some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from duckdb import DuckDBPyConnection

from segtoolkit.errors import DataError
from segtoolkit.local.profiles import fragments, shapes, sole, sql
from segtoolkit.local.profiles.fragments import Kind
from segtoolkit.local.profiles.raw import Records, label_of
from segtoolkit.local.profiles.shapes import ClashError, Shape, dotted
from segtoolkit.local.profiles.sources import Opened
from segtoolkit.local.profiles.tables import INCOMING, datasets, insert, one, table_of

Mode: TypeAlias = Literal["replace", "append", "upsert"]
MODES: tuple[Mode, ...] = ("replace", "append", "upsert")

# What makes two records of a dataset the same one.
_SAME: Mapping[Kind, str] = {
    "profiles": "old.namespace = incoming.namespace AND old.id = incoming.id",
    "events": "old.xdm._id = incoming.xdm._id",
}


def keep(
    cursor: DuckDBPyConnection,
    records: Records,
    source: Opened,
    *,
    kind: Kind,
    name: str,
    mode: Mode,
    told: Callable[[int], object],
) -> int:
    """Bring the dataset *name* up to the *records*; return the events dropped.

    *told* is called with their number when all are read.

    Raises:
        DataError: a record has no key, no time, or the key of another one; or they have other
            types than those there are.
    """
    table = table_of(kind, name)
    is_sole = kind == "profiles" and _becomes_sole(cursor, name)
    known = "SELECT 1 FROM datasets WHERE kind = ? AND name = ?"
    is_known = bool(cursor.execute(known, [kind, name]).fetchall())
    is_growing = is_known and mode != "replace"
    target = INCOMING if is_growing or is_sole else table
    if kind == "profiles" and not is_sole:
        _note_persons(cursor, table if is_known and not is_growing else None)
    dropped = fragments.keep(cursor, records, source, kind=kind, table=target, told=told)
    if kind == "profiles" and not is_sole:
        _note_persons(cursor, target)
        # Known again when the record is merged.
        cursor.execute(f"ALTER TABLE {target} DROP COLUMN namespace_set")
    if is_growing:
        dropped += _grow(cursor, source, kind=kind, name=name, mode=mode, is_sole=is_sole)
        return dropped
    cursor.execute("DELETE FROM batches WHERE kind = ? AND name = ?", [kind, name])
    if is_sole:
        sole.take_over(cursor, table)
    return dropped


def _becomes_sole(cursor: DuckDBPyConnection, name: str) -> bool:
    """Tell whether *name* is the only dataset of profiles; if not, make all of them tables."""
    others = [d for d in datasets(cursor, "profiles") if d.name != name]
    for other in others:
        if sole.is_view(cursor, other.name):
            sole.separate(cursor, other.name)
    return not others


def _note_persons(cursor: DuckDBPyConnection, table: str | None) -> None:
    """Note the persons of *table* among those who may be merged differently now (``touched``)."""
    cursor.execute(
        "CREATE TEMP TABLE IF NOT EXISTS touched (namespace VARCHAR, id VARCHAR)"
    )
    if table is not None:
        insert(cursor, "temp.touched", f"SELECT namespace, id FROM {table}", key="id")


def _grow(
    cursor: DuckDBPyConnection,
    source: Opened,
    *,
    kind: Kind,
    name: str,
    mode: Mode,
    is_sole: bool,
) -> int:
    """Add the incoming records to the dataset *name*; return the events spared."""
    table = table_of(kind, name)
    (last,) = one(cursor, f'SELECT coalesce(max("row"), 0) FROM {table}')
    spared = _spare_known(cursor, table, source, kind) if mode == "append" else 0
    if kind == "profiles":
        _refuse_same_id(cursor, table, source)
    shape = _united(cursor, table, source)
    if is_sole:
        sole.add(cursor, table, shape, last)
    else:
        if mode == "upsert":
            _drop_known(cursor, table, kind)
        _add(cursor, table, shape, last)
    cursor.execute("INSERT INTO batches VALUES (?, ?, ?, NULL)", [kind, name, last + 1])
    return spared


def _spare_known(cursor: DuckDBPyConnection, table: str, source: Opened, kind: Kind) -> int:
    """Refuse profiles that there are; drop such events, as if they came twice, and count them."""
    if kind == "profiles":
        hint = "; load with mode='upsert' to replace it"
        _refuse_same(cursor, table, source, _SAME[kind], "identityMap", hint)
        return 0
    (known,) = one(
        cursor,
        f"SELECT count(*) FROM {INCOMING} incoming SEMI JOIN {table} old ON {_SAME[kind]}",
    )
    cursor.execute(f"""
        DELETE FROM {INCOMING} AS incoming
        WHERE EXISTS (SELECT 1 FROM {table} old WHERE {_SAME[kind]})""")
    return int(known)


def _drop_known(cursor: DuckDBPyConnection, table: str, kind: Kind) -> None:
    cursor.execute(f"""
        DELETE FROM {table} AS old
        WHERE EXISTS (SELECT 1 FROM {INCOMING} incoming WHERE {_SAME[kind]})""")


def _refuse_same_id(cursor: DuckDBPyConnection, table: str, source: Opened) -> None:
    """Refuse an ``_id`` that the record of another person has; the same person's gets replaced."""
    _refuse_same(cursor, table, source, "old.xdm._id = incoming.xdm._id", "_id", "")


def _refuse_same(
    cursor: DuckDBPyConnection, table: str, source: Opened, same: str, field: str, hint: str
) -> None:
    # As a part of the join the comparison of persons would cost fifty times as much.
    is_other = "space <> namespace OR other <> id" if field == "_id" else "true"
    found = cursor.execute(f"""
        WITH pairs AS MATERIALIZED (
            SELECT incoming."row" AS here, old."row" AS there, incoming.namespace, incoming.id,
                   old.namespace AS space, old.id AS other
            FROM {INCOMING} incoming JOIN {table} old ON {same})
        SELECT here, there, namespace, id FROM pairs WHERE {is_other}
        ORDER BY here LIMIT 1""").fetchall()
    for row, there, namespace, identity in found:
        who = fragments.named(namespace, identity)
        same_id = " of the same _id" if field == "_id" else ""
        message = (
            f"the profile {who} is already record {there} of the dataset{same_id}{hint}"
        )
        fragments.refuse(cursor, source, row, field, message)


def _united(cursor: DuckDBPyConnection, table: str, source: Opened) -> Shape:
    """Return the shape of the records there are and of those to come."""
    old, new = fragments.shape_of(cursor, table), fragments.shape_of(cursor, INCOMING)
    try:
        return shapes.unite(old, new)
    except ClashError as clash:
        field = dotted(clash.path)
        message = f"{field} is {clash.right} here and {clash.left} in the dataset so far"
        raise DataError(message, file=label_of(source), field=field) from clash


def _add(cursor: DuckDBPyConnection, table: str, shape: Shape, last: int) -> None:
    """Add the incoming records after row *last*; the table is made anew if they have new fields."""
    kind = sql.type_of(shape)
    incoming = f"""SELECT * REPLACE ("row" + {last} AS "row", CAST(xdm AS {kind}) AS xdm)
                   FROM {INCOMING}"""
    if kind == sql.type_of(fragments.shape_of(cursor, table)):
        insert(cursor, table, incoming, key='"row"')
    else:
        cursor.execute(f"""
            CREATE OR REPLACE TABLE {table} AS
            SELECT * REPLACE (CAST(xdm AS {kind}) AS xdm) FROM {table}
            UNION ALL BY NAME {incoming}""")
    cursor.execute(f"DROP TABLE {INCOMING}")
