"""A store, new or of an older layout, in; one whose tables are those of `tables` out.

Before, every record lay in a table of its dataset and again in ``profiles``, and ``identities`` was a
table. Row ids stay as they are, and so does the version of the data: they are the same profiles.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from segtoolkit.local.profiles import namespaces, sole, sql, tables
from segtoolkit.local.profiles.deriving import derive
from segtoolkit.local.profiles.fragments import shape_of
from segtoolkit.local.profiles.tables import RECORD, STORED, Dataset, datasets, insert


def create_tables(cursor: DuckDBPyConnection) -> None:
    """Create the tables of profiles and events, as far as they are missing.

    Neither begins nor ends a transaction. ``meta`` gets its ``data_version``.
    """
    tables.create_tables(cursor)
    tables.show_identities(cursor, "main")


def lay_anew(cursor: DuckDBPyConnection) -> None:
    """Make everything anew that is derived from the datasets and the row ids given so far.

    The tables may be those of the older layout.
    """
    cursor.execute("DROP TABLE IF EXISTS main.identities")
    tables.create_tables(cursor)
    cursor.execute("CREATE OR REPLACE TEMP TABLE known AS FROM main.keys")
    cursor.execute("CREATE OR REPLACE TABLE main.keys AS FROM temp.known ORDER BY rid")
    cursor.execute("DROP TABLE temp.known")
    cursor.execute("DELETE FROM main.namespace_sets")
    match datasets(cursor, "profiles"):
        case (only,):
            _lay_once(cursor, only)
        case people:
            _forget_profiles(cursor)
            cursor.execute(
                "CREATE OR REPLACE TEMP TABLE touched (namespace VARCHAR, id VARCHAR)"
            )
            for dataset in people:
                insert(
                    cursor,
                    "temp.touched",
                    f"SELECT namespace, id FROM {dataset.table}",
                    key="id",
                )
    tables.show_identities(cursor, "main")
    derive(cursor, "profiles")


def _lay_once(cursor: DuckDBPyConnection, only: Dataset) -> None:
    """Make the records of the *only* dataset the profiles."""
    if sole.is_view(cursor, only.name):
        sole.separate(cursor, only.name)
    shape = shape_of(cursor, only.table)
    maps = f'SELECT xdm."identityMap" AS spaces FROM {only.table}'
    cursor.execute(f"""
        CREATE OR REPLACE TABLE main.profiles AS
        SELECT rid, {namespaces.likely(cursor, maps)} AS namespace_set, "row", xdm
        FROM (SELECT rid, "row", CAST(xdm AS {sql.type_of(shape, STORED)}) AS xdm,
                     xdm."identityMap" AS spaces
              FROM {only.table} JOIN main.keys USING (namespace, id))
        ORDER BY rid""")
    namespaces.complete(cursor, "main.profiles")
    cursor.execute(f"DROP TABLE {only.table}")
    sole.show(cursor, only.table, shape)


def _forget_profiles(cursor: DuckDBPyConnection) -> None:
    cursor.execute(f"""
        CREATE OR REPLACE TABLE main.profiles AS
        SELECT 0::BIGINT AS rid, 0 AS namespace_set, 0::BIGINT AS "row",
               CAST(NULL AS {sql.type_of(RECORD, STORED)}) AS xdm WHERE false""")
