"""Stores for other processes to read: tables go into a folder of Parquet files, and out of it again.

A folder holds snapshots and ``current.json``, which names the newest; that file is replaced by a
rename, so that a reader finds a whole snapshot, old or new. The one before stays, for those who have
it open.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from duckdb import DuckDBPyConnection

from segtoolkit.errors import ConfigError, StoreError
from segtoolkit.local import layouts
from segtoolkit.local.layouts import SCHEMA_VERSION
from segtoolkit.local.profiles import quoted
from segtoolkit.local.profiles.sql import literal
from segtoolkit.local.profiles.tables import quietly
from segtoolkit.progress import Step

_CURRENT = "current.json"
# What a reader's own jobs and definitions are added to, in the order of their numbers.
_COPIED = {
    "definitions": "* EXCLUDE (seq)",
    "jobs": "* EXCLUDE (seq)",
    "memberships": "*",
    "audiences": "*",
    "merge_policies": "*",
    "schedules": "* EXCLUDE (seq)",
    "exports": "*",
    "datasets": "*",
    "meta": "*",
}
_WORTH_PUBLISHING = {
    "jobs": "status IN ('SUCCEEDED', 'FAILED', 'CANCELLED')",
    "memberships": "(segment_id, job_id) IN (SELECT (segment_id, job_id) FROM audiences)",
    "meta": "key <> 'sample'",
    "exports": "false",  # what they wrote stays where it is
}
_OF_EVENTS = "file_row_number AS rowid, * EXCLUDE (file_row_number)"


def publish(
    cursor: DuckDBPyConnection,
    folder: Path,
    go_on: Callable[[], None] = lambda: None,
    step: Step = quietly,
) -> Path:
    """Write all tables that *cursor* sees as the newest snapshot in *folder*, and return where it is.

    What *go_on* raises, called before each table, ends that; the snapshot before is the newest then.
    *step* is told of each table.

    Raises:
        ConfigError: *folder* has something else in it.
    """
    before = _snapshot(folder)
    if before is None and folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} has something else in it; give a folder of its own")
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
    unfinished = folder / f".{name}"
    unfinished.mkdir(parents=True)
    try:
        for table in _tables(cursor):
            go_on()
            step(f"writing {table}", None)
            _write(cursor, table, unfinished / f"{table}.parquet")
        go_on()
        unfinished.rename(folder / name)
        _point_to(folder, name)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    _clear(folder, {name} | ({before.name} if before else set()))
    return folder / name


def mount(cursor: DuckDBPyConnection, folder: Path) -> None:
    """Put the newest snapshot in *folder* in place of the tables of an empty store.

    Args:
        cursor: of a store in memory, in a transaction.
        folder: where `publish` wrote.

    Raises:
        StoreError: there is no snapshot, or another release wrote it.
    """
    snapshot = _snapshot(folder)
    if snapshot is None:
        raise StoreError(
            f"nothing is published in {folder}; client.local.publish({str(folder)!r}) does that"
        )
    _refuse_other(cursor, snapshot)
    for file in sorted(snapshot.glob("*.parquet")):
        source = f"read_parquet({literal(str(file))}, file_row_number = true)"
        if file.stem in _COPIED:
            _copy(cursor, file)
            continue
        columns = _OF_EVENTS if file.stem == "events" else "* EXCLUDE (file_row_number)"
        _remove(cursor, file.stem)
        cursor.execute(f"CREATE VIEW {quoted(file.stem)} AS SELECT {columns} FROM {source}")


def _tables(cursor: DuckDBPyConnection) -> list[str]:
    """Return the tables, and the views that stand for some."""
    rows = cursor.execute("""
        SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND NOT temporary
        UNION ALL
        SELECT view_name FROM duckdb_views()
        WHERE schema_name = 'main' AND NOT temporary AND NOT internal""").fetchall()
    return [name for (name,) in rows]


def _remove(cursor: DuckDBPyConnection, table: str) -> None:
    views = "SELECT 1 FROM duckdb_views() WHERE schema_name = 'main' AND view_name = ?"
    kind = "VIEW" if cursor.execute(views, [table]).fetchall() else "TABLE"
    cursor.execute(f"DROP {kind} IF EXISTS {quoted(table)}")


def _write(cursor: DuckDBPyConnection, table: str, file: Path) -> None:
    kept = _WORTH_PUBLISHING.get(table, "true")
    order = " ORDER BY seq" if "seq" in _COPIED.get(table, "") else ""
    query = f"SELECT * FROM {quoted(table)} WHERE {kept}{order}"
    cursor.execute(
        f"COPY ({query}) TO {literal(str(file))} (FORMAT parquet, COMPRESSION zstd)"
    )


def _copy(cursor: DuckDBPyConnection, file: Path) -> None:
    # Their numbers are given anew: the sequence of this store has not given them out.
    cursor.execute(f"DELETE FROM {file.stem}")
    cursor.execute(
        f"INSERT INTO {file.stem} BY NAME SELECT {_COPIED[file.stem]} FROM read_parquet(?)",
        [str(file)],
    )


def _refuse_other(cursor: DuckDBPyConnection, snapshot: Path) -> None:
    rows = cursor.execute(
        "SELECT key, value FROM read_parquet(?)", [str(snapshot / "meta.parquet")]
    ).fetchall()
    meta = dict(rows)
    # A snapshot is never changed, so one of an earlier release cannot be brought up.
    layouts.refuse_other(
        int(meta["schema_version"]),
        snapshot,
        meta["written_by"],
        readable=range(SCHEMA_VERSION, SCHEMA_VERSION + 1),
    )


def _snapshot(folder: Path) -> Path | None:
    try:
        return folder / str(json.loads((folder / _CURRENT).read_text("utf-8"))["snapshot"])
    except FileNotFoundError:
        return None


def _point_to(folder: Path, name: str) -> None:
    unfinished = folder / f".{_CURRENT}.{name}"
    unfinished.write_text(json.dumps({"snapshot": name}), "utf-8")
    unfinished.replace(folder / _CURRENT)


def _clear(folder: Path, kept: set[str]) -> None:
    """Remove older snapshots, and what a publisher who was killed left."""
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name not in kept:
            shutil.rmtree(entry, ignore_errors=True)
        elif not entry.is_dir() and entry.name.startswith(f".{_CURRENT}."):
            with suppress(OSError):
                entry.unlink()
