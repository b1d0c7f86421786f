"""A uniform sample of the profiles: its size goes in; tables that stand for all of them come out.

The sample is kept in the schema ``sample``, with row ids in the order of drawing: the first so many of
it are a sample too. It is drawn again where the data changed, or a larger one is wanted.
"""

from __future__ import annotations

import json
import zlib

import numpy as np
from duckdb import DuckDBPyConnection

from segtoolkit.local.profiles import quoted

_CHOSEN = "chosen_rows"


def total_of(cursor: DuckDBPyConnection) -> int:
    """Return how many profiles there are."""
    return int(cursor.execute("SELECT count(*) FROM profiles").fetchall()[0][0])


def is_drawn(cursor: DuckDBPyConnection, size: int) -> bool:
    """Return whether there is a sample of *size* profiles or more of the present data."""
    found = json.loads(_fact(cursor, "sample") or "{}")
    return bool(found.get("version") == _version(cursor) and found["size"] >= size)


def draw(cursor: DuckDBPyConnection, size: int, *, seed: int | None = None) -> None:
    """Draw *size* profiles, and keep them with their events; the same ones for the same data.

    Args:
        cursor: in a transaction that may write.
        size: not more than there are profiles.
        seed: of another sample.
    """
    version = _version(cursor)
    rows = cursor.execute("SELECT rid FROM profiles").fetchnumpy()["rid"]
    random = np.random.default_rng(zlib.crc32(version.encode()) if seed is None else seed)
    chosen = random.choice(np.asarray(rows), size, replace=False)
    cursor.register(_CHOSEN, {"old": chosen, "rid": np.arange(size)})
    cursor.execute("CREATE SCHEMA IF NOT EXISTS sample")
    cursor.execute(f"""
        CREATE OR REPLACE TABLE sample.profiles AS
        SELECT c.rid, p.* EXCLUDE (rid) FROM profiles p JOIN {_CHOSEN} c ON p.rid = c.old
        ORDER BY c.rid""")
    cursor.execute(f"""
        CREATE OR REPLACE TABLE sample.events AS
        SELECT c.rid, e.* EXCLUDE (rid) FROM events e JOIN {_CHOSEN} c ON e.rid = c.old
        ORDER BY e.type, c.rid, e.ts, e.rowid""")
    cursor.unregister(_CHOSEN)
    fact = json.dumps({"version": version, "size": size})
    cursor.execute("INSERT OR REPLACE INTO meta VALUES ('sample', ?)", [fact])


def take_for_all(cursor: DuckDBPyConnection, size: int) -> None:
    """Make the first *size* profiles of the sample stand for all, to whoever asks *cursor*."""
    database = quoted(str(cursor.execute("SELECT current_database()").fetchall()[0][0]))
    for name, query in _VIEWS.items():
        asked = query.format(database=database, size=size)
        cursor.execute(f"CREATE TEMP VIEW {name} AS {asked}")


_VIEWS = {
    "profiles": "SELECT * FROM {database}.sample.profiles WHERE rid < {size}",
    # The engine puts events of one moment in the order of their rows.
    "events": "SELECT rowid AS rowid, * FROM {database}.sample.events WHERE rid < {size}",
    "keys": "SELECT rid FROM profiles",
    # A sample is other data than all, to whoever remembers what was found in it.
    "meta": "SELECT key, CASE key WHEN 'data_version' THEN value || ' first {size}' ELSE value END"
    " AS value FROM {database}.main.meta",
}


def _version(cursor: DuckDBPyConnection) -> str:
    return str(_fact(cursor, "data_version"))


def _fact(cursor: DuckDBPyConnection, key: str) -> str | None:
    rows = cursor.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchall()
    return rows[0][0] if rows else None
