"""Who is in which segment: bitmaps go in and out of a cursor, inside its transaction.

They are written while a job runs, and become an audience only when it has succeeded.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

Cursor = duckdb.DuckDBPyConnection

_PART_BYTES = 2**16


def create(cursor: Cursor) -> None:
    """Make the table of members, of whom many a row would be megabytes: they lie in parts.

    To find one compressed part DuckDB would read two thousand.
    """
    cursor.execute(
        "CREATE TABLE memberships(segment_id VARCHAR, job_id VARCHAR, part INTEGER,"
        " members BLOB USING COMPRESSION uncompressed)"
    )


def add(cursor: Cursor, job_id: str, members: Mapping[str, bytes]) -> None:
    """Keep *members* (segment id to serialised bitmap of row ids) that a running job has found."""
    for segment_id, blob in members.items():
        parts = [blob[at : at + _PART_BYTES] for at in range(0, len(blob), _PART_BYTES)]
        cursor.execute(
            "INSERT INTO memberships SELECT ?, ?, unnest(range(?)), unnest(?::BLOB[])",
            [segment_id, job_id, len(parts), parts],
        )


def publish(cursor: Cursor, job_id: str) -> None:
    """Make the members that the job has found the latest of their segments."""
    cursor.execute(
        "DELETE FROM memberships USING audiences old, memberships new"
        " WHERE memberships.segment_id = old.segment_id AND memberships.job_id = old.job_id"
        " AND new.segment_id = old.segment_id AND new.job_id = $job AND old.job_id <> $job",
        {"job": job_id},
    )
    cursor.execute(
        "INSERT OR REPLACE INTO audiences"
        " SELECT DISTINCT segment_id, job_id FROM memberships WHERE job_id = ?",
        [job_id],
    )


def drop(cursor: Cursor, job_id: str) -> None:
    """Forget what a job found that did not succeed."""
    cursor.execute("DELETE FROM memberships WHERE job_id = ?", [job_id])


def latest(cursor: Cursor, segment_id: str) -> bytes | None:
    """Return the serialised bitmap of the last finished job of that segment, if there was one."""
    jobs_ = cursor.execute(
        "SELECT job_id FROM audiences WHERE segment_id = ?", [segment_id]
    ).fetchall()
    return found_by(cursor, segment_id, jobs_[0][0]) if jobs_ else None


def found_by(cursor: Cursor, segment_id: str, job_id: str) -> bytes:
    """Return the serialised bitmap that the job found for that segment."""
    parts = cursor.execute(
        "SELECT members FROM memberships WHERE segment_id = ? AND job_id = ? ORDER BY part",
        [segment_id, job_id],
    ).fetchall()
    return b"".join(part for (part,) in parts)
