"""Records in; on which namespaces each can be reached, as the number of a set of namespaces, out."""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from segtoolkit.local.profiles.sql import literal
from segtoolkit.local.profiles.tables import one

# So many sets are told while records are written; others are found afterwards, record by record.
_MOST_AT_ONCE = 32
_SAMPLE = 10_000


def spaces_of(identity_map: str) -> str:
    """Return SQL for the sorted namespaces of which a map has an identity."""
    held = f"lambda name, place: len(map_values({identity_map})[place]) > 0"
    return f"coalesce(list_sort(list_filter(map_keys({identity_map}), {held})), [])"


def learn(cursor: DuckDBPyConnection, sets: str) -> None:
    """Number the sets that are new in *sets*, a query for the column ``namespaces``."""
    cursor.execute(f"""
        INSERT INTO main.namespace_sets
        SELECT (SELECT coalesce(max(id), -1) FROM main.namespace_sets)
               + row_number() OVER (ORDER BY namespaces), namespaces
        FROM (SELECT DISTINCT namespaces FROM ({sets}))
             ANTI JOIN main.namespace_sets USING (namespaces)""")


def likely(cursor: DuckDBPyConnection, maps: str) -> str:
    """Return SQL for the set of the map ``spaces``; null for one that is rare among the *maps*."""
    some = f"SELECT {spaces_of('spaces')} AS namespaces FROM ({maps} LIMIT {_SAMPLE})"
    learn(cursor, some)
    return _number_of(
        cursor, f"SELECT id FROM ({some}) JOIN main.namespace_sets USING (namespaces)"
    )


def usual(cursor: DuckDBPyConnection) -> str:
    """Return SQL for the set of the map ``spaces``; null for one that is rare among the profiles."""
    return _number_of(cursor, "SELECT namespace_set AS id FROM main.profiles")


def _number_of(cursor: DuckDBPyConnection, sets: str) -> str:
    rows = cursor.execute(f"""
        SELECT id, namespaces FROM main.namespace_sets
        JOIN (SELECT id, count(*) AS many FROM ({sets}) GROUP BY id) USING (id)
        ORDER BY many DESC, id LIMIT {_MOST_AT_ONCE}""").fetchall()
    if not rows:
        return "CAST(NULL AS INTEGER)"
    known = ", ".join(f"[{', '.join(map(literal, names))}]::VARCHAR[]" for _, names in rows)
    numbers = ", ".join(str(number) for number, _ in rows)
    place = f"list_position([{known}], {spaces_of('spaces')})"
    return f"CAST([{numbers}][{place}] AS INTEGER)"


def complete(cursor: DuckDBPyConnection, table: str) -> None:
    """Find the sets that are not yet told in *table*, which has ``namespace_set`` and ``xdm``."""
    if one(cursor, f"SELECT count(*) FROM {table} WHERE namespace_set IS NULL") == (0,):
        return
    spaces = 'xdm."identityMap"'
    found = f"SELECT {spaces_of(spaces)} AS namespaces FROM {table}"
    learn(cursor, f"{found} WHERE namespace_set IS NULL")
    cursor.execute(f"""
        UPDATE {table} AS t SET namespace_set = s.id FROM main.namespace_sets s
        WHERE t.namespace_set IS NULL AND s.namespaces = {spaces_of(f"t.{spaces}")}""")


def forget_unused(cursor: DuckDBPyConnection) -> None:
    """Drop the sets that no profile has."""
    cursor.execute("""
        DELETE FROM main.namespace_sets
        WHERE id NOT IN (SELECT DISTINCT namespace_set FROM main.profiles)""")
