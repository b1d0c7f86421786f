"""New records of a dataset in; the dataset with them out: in place of all, beside them, or of some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, assert_never

from duckdb import DuckDBPyConnection

from segtoolkit.errors import DataError
from segtoolkit.local.profiles import fragments, shapes, sql
from segtoolkit.local.profiles.fragments import Kind
from segtoolkit.local.profiles.raw import Column, label_of
from segtoolkit.local.profiles.shapes import ClashError, dotted
from segtoolkit.local.profiles.sources import Opened
from segtoolkit.local.profiles.tables import one, table_of

Mode: TypeAlias = Literal["replace", "append", "upsert"]
MODES: tuple[Mode, ...] = ("replace", "append", "upsert")

_INCOMING = "data.incoming"  # the tables of datasets have a colon in their names
# What makes two records of a dataset the same one.
_SAME: Mapping[Kind, str] = {
    "profiles": "old.namespace = incoming.namespace AND old.id = incoming.id",
    "events": "old.xdm._id = incoming.xdm._id",
}


def keep(
    cursor: DuckDBPyConnection,
    columns: Mapping[str, Column],
    source: Opened,
    *,
    kind: Kind,
    name: str,
    mode: Mode,
) -> int:
    """Bring the table of dataset *name* up to the raw records; return the events dropped.

    Raises:
        DataError: a record has no key, no time, or the key of another one; or they have other
            types than those there are.
    """
    table = table_of(kind, name)
    known = "SELECT 1 FROM datasets WHERE kind = ? AND name = ?"
    if mode == "replace" or not cursor.execute(known, [kind, name]).fetchall():
        cursor.execute("DELETE FROM batches WHERE kind = ? AND name = ?", [kind, name])
        return fragments.keep(cursor, columns, source, kind=kind, table=table)
    dropped = fragments.keep(cursor, columns, source, kind=kind, table=_INCOMING)
    (last,) = one(cursor, f'SELECT coalesce(max("row"), 0) FROM {table}')
    match mode:
        case "append":
            dropped += _spare_known(cursor, table, source, kind)
        case "upsert":
            _drop_known(cursor, table, kind)
        case _:
            assert_never(mode)
    if kind == "profiles":
        _refuse_same(cursor, table, source, "old.xdm._id = incoming.xdm._id", "_id", "")
    _add(cursor, table, source, last)
    cursor.execute(f"DROP TABLE {_INCOMING}")
    cursor.execute("INSERT INTO batches VALUES (?, ?, ?, NULL)", [kind, name, last + 1])
    return dropped


def _spare_known(cursor: DuckDBPyConnection, table: str, source: Opened, kind: Kind) -> int:
    """Refuse profiles that there are; drop such events, as if they came twice, and count them."""
    if kind == "profiles":
        hint = "; load with mode='upsert' to replace it"
        _refuse_same(cursor, table, source, _SAME[kind], "identityMap", hint)
        return 0
    (known,) = one(
        cursor,
        f"SELECT count(*) FROM {_INCOMING} incoming SEMI JOIN {table} old ON {_SAME[kind]}",
    )
    cursor.execute(f"""
        DELETE FROM {_INCOMING} AS incoming
        WHERE EXISTS (SELECT 1 FROM {table} old WHERE {_SAME[kind]})""")
    return int(known)


def _drop_known(cursor: DuckDBPyConnection, table: str, kind: Kind) -> None:
    cursor.execute(f"""
        DELETE FROM {table} AS old
        WHERE EXISTS (SELECT 1 FROM {_INCOMING} incoming WHERE {_SAME[kind]})""")


def _refuse_same(
    cursor: DuckDBPyConnection, table: str, source: Opened, same: str, field: str, hint: str
) -> None:
    found = cursor.execute(f"""
        SELECT incoming."row", old."row", incoming.namespace, incoming.id
        FROM {_INCOMING} incoming JOIN {table} old ON {same}
        ORDER BY incoming."row" LIMIT 1""").fetchall()
    for row, there, namespace, identity in found:
        who = fragments.named(namespace, identity)
        same_id = " of the same _id" if field == "_id" else ""
        message = (
            f"the profile {who} is already record {there} of the dataset{same_id}{hint}"
        )
        fragments.refuse(cursor, source, row, field, message)


def _add(cursor: DuckDBPyConnection, table: str, source: Opened, last: int) -> None:
    """Add the incoming records after row *last*; the table is made anew if they have new fields."""
    old, new = fragments.shape_of(cursor, table), fragments.shape_of(cursor, _INCOMING)
    try:
        kind = sql.type_of(shapes.unite(old, new))
    except ClashError as clash:
        field = dotted(clash.path)
        message = f"{field} is {clash.right} here and {clash.left} in the dataset so far"
        raise DataError(message, file=label_of(source), field=field) from clash
    incoming = f"""SELECT * REPLACE ("row" + {last} AS "row", CAST(xdm AS {kind}) AS xdm)
                   FROM {_INCOMING}"""
    if kind == sql.type_of(old):
        cursor.execute(f"INSERT INTO {table} {incoming}")
    else:
        cursor.execute(f"""
            CREATE OR REPLACE TABLE {table} AS
            SELECT * REPLACE (CAST(xdm AS {kind}) AS xdm) FROM {table}
            UNION ALL {incoming}""")
