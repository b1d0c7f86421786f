"""The tables of the store that hold profiles and events: their names and their empty form.

``data."<kind>:<dataset>"`` has each dataset as it was loaded: ``row`` (1-based, in file order),
``namespace`` and ``id`` of the primary identity, for events ``ts`` and ``type``, and ``xdm``. The
only dataset of profiles is a view: its records lie in ``profiles`` and nowhere else. Where there are
several, each is a table, and ``profiles`` has what becomes of them. ``keys`` has everybody who ever
was a profile, so that row ids stay. The schema ``main`` has profiles as plain policies see them
(newest record first, nobody linked), every schema of ``views`` what other policies see otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from segtoolkit.local.profiles.shapes import Fields, ListOf, MapOf, Scalar
from segtoolkit.local.profiles.sql import quoted, type_of

TEXT = Scalar("VARCHAR")
IDENTITY_MAP = MapOf(
    ListOf(Fields({"id": TEXT, "authenticatedState": TEXT, "primary": Scalar("BOOLEAN")}))
)
SEGMENT_MEMBERSHIP = MapOf(
    MapOf(
        Fields(
            {
                "status": TEXT,
                "lastQualificationTime": Scalar("TIMESTAMP"),
                "version": TEXT,
                "validUntil": Scalar("TIMESTAMP"),
            }
        )
    )
)
# Where nothing was ever seen, a profile has text.
STORED = {"JSON": "VARCHAR"}
# The records of a load, until they are found to be sound.
INCOMING = "main.incoming_records"
# What every record has, be it null.
RECORD = Fields({"_id": TEXT, "identityMap": IDENTITY_MAP})

_TABLES = (
    "CREATE SCHEMA IF NOT EXISTS data",
    """CREATE TABLE IF NOT EXISTS datasets (kind VARCHAR, name VARCHAR, "table" VARCHAR,
       rows BIGINT, loaded_at BIGINT, PRIMARY KEY (kind, name))""",
    """CREATE TABLE IF NOT EXISTS batches
       (kind VARCHAR, name VARCHAR, first_row BIGINT, loaded_at BIGINT)""",
    "CREATE TABLE IF NOT EXISTS keys (rid BIGINT, namespace VARCHAR, id VARCHAR)",
    "CREATE TABLE IF NOT EXISTS namespace_sets (id INTEGER, namespaces VARCHAR[])",
    # The row is the record's, 0 for a profile of several, null for one known from events only.
    f"""CREATE TABLE IF NOT EXISTS profiles
        (rid BIGINT, namespace_set INTEGER, "row" BIGINT, xdm {type_of(RECORD)})""",
    f"""CREATE TABLE IF NOT EXISTS events
        (rid BIGINT, ts BIGINT, type VARCHAR, xdm {type_of(RECORD)})""",
    """CREATE TABLE IF NOT EXISTS views
       (recipe VARCHAR PRIMARY KEY, "schema" VARCHAR, data_version VARCHAR)""",
    "CREATE TABLE IF NOT EXISTS meta (key VARCHAR PRIMARY KEY, value VARCHAR)",
    "INSERT INTO meta VALUES ('data_version', '0') ON CONFLICT DO NOTHING",
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset of the store: its quoted table, and when its batches were loaded.

    *batches* are those after the first: first row, and time in microseconds since 1970.
    """

    name: str
    table: str
    loaded_at: int
    batches: tuple[tuple[int, int], ...] = ()


def create_tables(cursor: DuckDBPyConnection) -> None:
    """Create what is missing of the tables; leave the rest alone."""
    for statement in _TABLES:
        cursor.execute(statement)


def show_identities(cursor: DuckDBPyConnection, schema: str) -> None:
    """Make the view of the identities of the profiles in *schema*."""
    query = identities_of(f"{schema}.profiles")
    cursor.execute(f"CREATE OR REPLACE VIEW {schema}.identities AS {query}")


def identities_of(profiles: str) -> str:
    """Return the query for namespace, id and rid of all identities of *profiles*."""
    return f"""
        SELECT namespace, unnest(list_distinct(list_transform(entries, lambda entry: entry.id))) AS id, rid
        FROM (SELECT unnest(map_keys(spaces)) AS namespace, unnest(map_values(spaces)) AS entries, rid
              FROM (SELECT xdm."identityMap" AS spaces, rid FROM {profiles}))"""


def quietly(_step: str, _rows: int | None) -> None:
    """Tell nobody how far a load is."""


def table_of(kind: str, dataset: str) -> str:
    """Return the quoted name of the table that keeps *dataset* as it was loaded."""
    return f"data.{quoted(f'{kind}:{dataset}')}"


def add_keys(cursor: DuckDBPyConnection, keyed: str) -> None:
    """Give a row id to each identity of *keyed* that never had one, in order of position."""
    insert(
        cursor,
        "main.keys",
        f"""SELECT (SELECT coalesce(max(rid), -1) FROM main.keys)
                   + row_number() OVER (ORDER BY position) AS rid, namespace, id
            FROM ({keyed}) ANTI JOIN main.keys USING (namespace, id)""",
    )


def insert(cursor: DuckDBPyConnection, table: str, query: str, key: str = "rid") -> None:
    """Add what *query* yields to *table*, by name; *key* is a column without nulls.

    Every insert into a table that may have got nothing before in the same transaction belongs here.
    """
    # DuckDB 2.0.0 loses what comes after an insert of nothing, or CREATE TABLE AS of nothing, from a
    # row group (122,880 rows) on; not if a row came in between.
    cursor.execute(f"INSERT INTO {table} DEFAULT VALUES")
    cursor.execute(f"DELETE FROM {table} WHERE {key} IS NULL")
    cursor.execute(f"INSERT INTO {table} BY NAME {query}")


def number_rows(cursor: DuckDBPyConnection, table: str, column: str, first: int) -> None:
    """Add *column* to *table* and number its rows from *first* on; nothing else is written."""
    # A window function would make the statement that makes the table run in one thread.
    cursor.execute(f"CREATE SEQUENCE main.row_numbers MINVALUE 0 START {first}")
    numbers = "DEFAULT nextval('main.row_numbers')"
    cursor.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(column)} BIGINT {numbers}")
    cursor.execute(f"ALTER TABLE {table} ALTER {quoted(column)} DROP DEFAULT")
    cursor.execute("DROP SEQUENCE main.row_numbers")


def datasets(cursor: DuckDBPyConnection, kind: str) -> tuple[Dataset, ...]:
    """Return the datasets of that kind, oldest first."""
    later: dict[str, list[tuple[int, int]]] = {}
    for name, first_row, at in cursor.execute(
        "SELECT name, first_row, loaded_at FROM batches WHERE kind = ? ORDER BY loaded_at",
        [kind],
    ).fetchall():
        later.setdefault(name, []).append((first_row, at))
    rows = cursor.execute(
        "SELECT name, loaded_at FROM datasets WHERE kind = ? ORDER BY loaded_at, name",
        [kind],
    ).fetchall()
    return tuple(
        Dataset(name, table_of(kind, name), at, tuple(later.get(name, ())))
        for name, at in rows
    )


def all_of(queries: Iterable[str]) -> str:
    """Return the query for the rows of all of *queries*."""
    return " UNION ALL ".join(queries)


def one(
    cursor: DuckDBPyConnection, query: str, values: Sequence[Any] = ()
) -> tuple[Any, ...]:
    """Return the only row of *query*."""
    # An unfinished result would block the cursor, so it is read to its end.
    (row,) = cursor.execute(query, list(values)).fetchall()
    found: tuple[Any, ...] = row
    return found
