"""The only dataset of profiles: new records in, and each is written once, as the profile that it is.

The dataset itself is a view of those profiles. When a second dataset comes, it is made a table.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from segtoolkit.local.profiles import fragments, sql
from segtoolkit.local.profiles.shapes import Shape
from segtoolkit.local.profiles.sql import quoted
from segtoolkit.local.profiles.tables import (
    INCOMING,
    STORED,
    add_keys,
    insert,
    number_rows,
    one,
    table_of,
)


def is_view(cursor: DuckDBPyConnection, name: str) -> bool:
    """Tell whether the dataset *name* lies in the profiles."""
    found = "SELECT 1 FROM duckdb_views() WHERE schema_name = 'data' AND view_name = ?"
    return bool(cursor.execute(found, [f"profiles:{name}"]).fetchall())


def take_over(cursor: DuckDBPyConnection, table: str) -> None:
    """Make the incoming records all the profiles there are, and the dataset *table*."""
    shape = fragments.shape_of(cursor, INCOMING)
    if _number(cursor) and sql.type_of(shape) == sql.type_of(shape, STORED):
        # They are where they belong; what they lack is a number.
        number_rows(cursor, INCOMING, "rid", 0)
        for column in ("namespace", "id"):
            cursor.execute(f"ALTER TABLE {INCOMING} DROP COLUMN {column}")
        cursor.execute("DROP TABLE main.profiles")
        cursor.execute(f"ALTER TABLE {INCOMING} RENAME TO profiles")
    else:
        cursor.execute(
            f"CREATE OR REPLACE TABLE main.profiles AS {_placed(shape, 0)} ORDER BY rid"
        )
        cursor.execute(f"DROP TABLE {INCOMING}")
    show(cursor, table, shape)


def add(cursor: DuckDBPyConnection, table: str, shape: Shape, last: int) -> None:
    """Add the incoming records after row *last*, in place of those that are the same person.

    Args:
        cursor: has the incoming records.
        table: of the dataset.
        shape: of the records with the incoming ones.
        last: row of the dataset so far.
    """
    _number(cursor)
    cursor.execute(f"""
        DELETE FROM main.profiles WHERE rid IN
        (SELECT rid FROM main.keys SEMI JOIN {INCOMING} USING (namespace, id))""")
    kind = sql.type_of(shape, STORED)
    if kind == sql.type_of(fragments.shape_of(cursor, "main.profiles")):
        insert(cursor, "main.profiles", _placed(shape, last))
    else:
        cursor.execute(f"""
            CREATE OR REPLACE TABLE main.profiles AS
            SELECT * REPLACE (CAST(xdm AS {kind}) AS xdm) FROM main.profiles
            UNION ALL BY NAME {_placed(shape, last)}""")
    cursor.execute(f"DROP TABLE {INCOMING}")
    show(cursor, table, shape)


def separate(cursor: DuckDBPyConnection, name: str) -> None:
    """Make the dataset *name* a table of its own."""
    table, view = table_of("profiles", name), quoted(f"profiles:{name} so far")
    cursor.execute(f"ALTER VIEW {table} RENAME TO {view}")
    cursor.execute(f"CREATE TABLE {table} AS FROM data.{view}")
    cursor.execute(f"DROP VIEW data.{view}")


def show(cursor: DuckDBPyConnection, table: str, shape: Shape) -> None:
    """Make the view *table* of the profiles that records are of."""
    kind = sql.type_of(shape)
    # A place where no value was seen so far is open to any type in a dataset, and text in a profile.
    xdm = "xdm" if kind == sql.type_of(shape, STORED) else f"CAST(xdm AS {kind}) AS xdm"
    cursor.execute(f"""
        CREATE OR REPLACE VIEW {table} AS
        SELECT "row", namespace, id, {xdm}
        FROM main.profiles JOIN main.keys USING (rid) WHERE "row" IS NOT NULL""")


def _number(cursor: DuckDBPyConnection) -> bool:
    """Give row ids to the incoming persons; tell whether they are in the order of the rows."""
    if one(cursor, "SELECT count(*) FROM main.keys") == (0,):
        insert(
            cursor, "main.keys", f'SELECT "row" - 1 AS rid, namespace, id FROM {INCOMING}'
        )
        return True
    add_keys(cursor, f'SELECT "row" AS position, namespace, id FROM {INCOMING}')
    (is_in_order,) = one(
        cursor,
        f"""SELECT bool_and(rid = "row" - 1)
            FROM {INCOMING} JOIN main.keys USING (namespace, id)""",
    )
    return bool(is_in_order)


def _placed(shape: Shape, last: int) -> str:
    return f"""
        SELECT rid, namespace_set, "row" + {last} AS "row",
               CAST(xdm AS {sql.type_of(shape, STORED)}) AS xdm
        FROM {INCOMING} JOIN main.keys USING (namespace, id)"""
