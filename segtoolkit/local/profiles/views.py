"""A merge policy in; the tables that audiences of it are evaluated on out, in a schema of their own.

They are made from the plain tables of the schema ``main``, of which only the profiles that the
policy sees otherwise are made anew. A schema holds only what differs: the rest is found in ``main``,
which comes second in the search path of whoever evaluates.
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from segtoolkit.local.profiles import deriving, gathering, graph, merging, namespaces
from segtoolkit.local.profiles.tables import datasets, insert, one, show_identities
from segtoolkit.models import IdentityGraph, MergePolicy

_SCRATCH = ("holders", "crowded", "pieces", "persons", "remade")


def build(cursor: DuckDBPyConnection, schema: str, policy: MergePolicy) -> None:
    """Make the tables of *policy* in *schema*, a new one or the one made for earlier data."""
    cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    cursor.execute(f"CREATE SCHEMA {schema}")
    people = datasets(cursor, "profiles")
    gathering.hold(cursor, people)
    is_linked = _find_persons(cursor, policy)
    if gathering.crowd(cursor) or is_linked:
        if is_linked:
            _build_events(cursor, schema)
        _build_profiles(cursor, schema, policy)
        show_identities(cursor, schema)
    for table in _SCRATCH:
        cursor.execute(f"DROP TABLE IF EXISTS temp.{table}")


def _find_persons(cursor: DuckDBPyConnection, policy: MergePolicy) -> bool:
    """Find out which profiles are one, and tell whether any are."""
    cursor.execute("CREATE OR REPLACE TEMP TABLE persons (old BIGINT, rid BIGINT)")
    if policy.identity_graph is IdentityGraph.PRIVATE:
        graph.connect(cursor, datasets(cursor, "profiles"), datasets(cursor, "events"))
    cursor.execute("""
        UPDATE temp.holders SET rid = persons.rid FROM temp.persons
        WHERE holders.rid = persons.old AND persons.old <> persons.rid""")
    return one(cursor, "SELECT count(*) FROM temp.persons") != (0,)


def _build_events(cursor: DuckDBPyConnection, schema: str) -> None:
    """Give the events to the persons; those of one moment and type stay as they stand in ``main``."""
    cursor.execute(f"""
        CREATE TABLE {schema}.events AS
        SELECT coalesce(persons.rid, happened.rid) AS rid, happened.* EXCLUDE (rid)
        FROM main.events happened LEFT JOIN temp.persons ON happened.rid = old
        ORDER BY type, coalesce(persons.rid, happened.rid), ts, happened.rowid""")


def _build_profiles(cursor: DuckDBPyConnection, schema: str, policy: MergePolicy) -> None:
    insert(cursor, "temp.crowded", "SELECT DISTINCT rid FROM temp.persons")
    cursor.execute("""
        CREATE OR REPLACE TEMP TABLE remade AS
        SELECT rid FROM temp.crowded UNION SELECT old FROM temp.persons""")
    people = datasets(cursor, "profiles")
    shape = deriving.united(cursor, people)
    cursor.execute(f"""
        CREATE TABLE {schema}.profiles AS
        SELECT * FROM main.profiles ANTI JOIN temp.remade USING (rid)""")
    for part in gathering.gather(cursor, people, shape, policy):
        _add_strangers(cursor, part)
        deriving.add_profiles(cursor, schema, merging.merged(shape, "temp.pieces"))
    namespaces.complete(cursor, f"{schema}.profiles")


def _add_strangers(cursor: DuckDBPyConnection, part: str) -> None:
    """Add persons known from events only; what a record says is better, whatever the policy."""
    insert(
        cursor,
        "temp.pieces",
        f"""SELECT rid, rank, xdm
            FROM (SELECT persons.rid AS rid, -1 - old AS rank, xdm
                  FROM temp.persons JOIN main.profiles ON profiles.rid = old WHERE "row" IS NULL)
            WHERE {part}""",
    )
