"""What goes on around segment jobs: schedules and export jobs go in and out of a cursor.

Both are kept as the JSON documents that the wire shows, as the `ledger` keeps jobs. Every function
works inside the transaction of the cursor it is given.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from duckdb import DuckDBPyConnection

from segtoolkit import wire
from segtoolkit.local.ledger import FINAL
from segtoolkit.models import ExportJob, JobFault, JobStatus, Schedule

_TABLES = """
CREATE TABLE IF NOT EXISTS schedules(
    id VARCHAR PRIMARY KEY, seq BIGINT DEFAULT nextval('ledger_order'), document VARCHAR);
CREATE TABLE IF NOT EXISTS exports(id BIGINT PRIMARY KEY, status VARCHAR, document VARCHAR);
"""


def adopt(cursor: DuckDBPyConnection, fault: JobFault, now: datetime) -> None:
    """Make the tables where there are none, and fail the exports of who had the store before."""
    cursor.execute(_TABLES)
    rows = cursor.execute(
        "SELECT document FROM exports WHERE NOT list_contains(?, status)", [FINAL]
    ).fetchall()
    for job in map(_export, rows):
        ended = replace(job, status=JobStatus.FAILED, errors=(fault,), updated_at=now)
        replace_export(cursor, ended)


# Schedules


def schedules(cursor: DuckDBPyConnection) -> tuple[Schedule, ...]:
    """Return all schedules, newest first."""
    rows = cursor.execute("SELECT document FROM schedules ORDER BY seq DESC").fetchall()
    return tuple(wire.schedule_from_json(json.loads(text)) for (text,) in rows)


def add_schedule(cursor: DuckDBPyConnection, schedule: Schedule) -> None:
    cursor.execute(
        "INSERT INTO schedules(id, document) VALUES (?, ?)",
        [schedule.id, json.dumps(wire.schedule_to_json(schedule))],
    )


def replace_schedule(cursor: DuckDBPyConnection, schedule: Schedule) -> None:
    cursor.execute(
        "UPDATE schedules SET document = ? WHERE id = ?",
        [json.dumps(wire.schedule_to_json(schedule)), schedule.id],
    )


def remove_schedule(cursor: DuckDBPyConnection, schedule_id: str) -> None:
    cursor.execute("DELETE FROM schedules WHERE id = ?", [schedule_id])


# Export jobs


def next_export_id(cursor: DuckDBPyConnection) -> str:
    """Return a number that no export has yet; export jobs are numbered on the platform, too."""
    rows = cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM exports").fetchall()
    return str(rows[0][0])


def add_export(cursor: DuckDBPyConnection, job: ExportJob) -> None:
    cursor.execute(
        "INSERT INTO exports VALUES (?, ?, ?)", [int(job.id), job.status.value, _text(job)]
    )


def replace_export(cursor: DuckDBPyConnection, job: ExportJob) -> None:
    cursor.execute(
        "UPDATE exports SET status = ?, document = ? WHERE id = ?",
        [job.status.value, _text(job), int(job.id)],
    )


def export(cursor: DuckDBPyConnection, export_id: str) -> ExportJob | None:
    """Return the export of that id, if there is one; an id that is no number is of none."""
    rows = cursor.execute(
        "SELECT document FROM exports WHERE id::VARCHAR = ?", [export_id]
    ).fetchall()
    return _export(rows[0]) if rows else None


def exports(
    cursor: DuckDBPyConnection,
    *,
    limit: int,
    before: int | None = None,
    status: JobStatus | None = None,
) -> tuple[ExportJob, ...]:
    """Return the newest exports, older than the one numbered *before* and in that *status*."""
    rows = cursor.execute(
        """SELECT document FROM exports
           WHERE ($before IS NULL OR id < $before) AND ($status IS NULL OR status = $status)
           ORDER BY id DESC LIMIT $limit""",
        {"before": before, "status": status and status.value, "limit": limit},
    ).fetchall()
    return tuple(map(_export, rows))


def _export(row: tuple[str, ...]) -> ExportJob:
    return wire.export_from_json(json.loads(row[0]))


def _text(job: ExportJob) -> str:
    return json.dumps(wire.export_to_json(job))
