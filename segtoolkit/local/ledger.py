"""The service's own rows: definitions and jobs go in and out of a cursor.

A definition or job is kept as the JSON document that the wire shows, next to the few columns by
which it is found. Every function works inside the transaction of the cursor it is given.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from segtoolkit import wire
from segtoolkit.local import memberships
from segtoolkit.models import JobFault, JobRecord, JobStatus, MergePolicy, SegmentDefinition

Cursor = duckdb.DuckDBPyConnection

_TABLES = """
CREATE SEQUENCE ledger_order;
CREATE TABLE definitions(
    id VARCHAR PRIMARY KEY, seq BIGINT DEFAULT nextval('ledger_order'), name VARCHAR,
    document VARCHAR);
CREATE TABLE jobs(
    id VARCHAR PRIMARY KEY, seq BIGINT DEFAULT nextval('ledger_order'), status VARCHAR,
    created BIGINT, updated BIGINT, document VARCHAR);
CREATE TABLE audiences(segment_id VARCHAR PRIMARY KEY, job_id VARCHAR);
CREATE TABLE merge_policies(id VARCHAR PRIMARY KEY, document VARCHAR);
"""

SORT_COLUMNS: Mapping[str, str] = {
    "creationTime": "created",
    "updateTime": "updated",
    "status": "status",
}
"""What jobs can be sorted by: the key on the wire, and our column."""

FINAL = [s.value for s in JobStatus if s.is_final]


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyFilter:
    """``path==value``, or ``path~key==value`` for some element of the array at *path*.

    *path* holds the keys from the job's root; the value is compared as text.
    """

    path: tuple[str, ...]
    value: str
    key: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """Which jobs to list: records *start* to *start* + *limit* of those that pass all filters."""

    start: int = 0
    limit: int = 100
    sort: str = "creationTime"
    descending: bool = True
    status: JobStatus | None = None
    properties: tuple[PropertyFilter, ...] = ()


def create_tables(cursor: Cursor) -> None:
    """Make the tables, with the one merge policy that a store starts with."""
    cursor.execute(_TABLES)
    memberships.create(cursor)
    policy = MergePolicy(id=str(uuid.uuid4()), name="Default", is_default=True)
    cursor.execute(
        "INSERT INTO merge_policies VALUES (?, ?)",
        [policy.id, json.dumps(wire.merge_policy_to_json(policy))],
    )


def default_merge_policy(cursor: Cursor) -> str:
    (policy_id,) = _one(
        cursor,
        "SELECT id FROM merge_policies"
        " WHERE json_extract_string(document, '/default') = 'true'",
    )
    return str(policy_id)


# Definitions


def add_definition(cursor: Cursor, definition: SegmentDefinition) -> None:
    cursor.execute(
        "INSERT INTO definitions(id, name, document) VALUES (?, ?, ?)",
        [definition.id, definition.name, json.dumps(wire.definition_to_json(definition))],
    )


def replace_definition(cursor: Cursor, definition: SegmentDefinition) -> None:
    cursor.execute(
        "UPDATE definitions SET name = ?, document = ? WHERE id = ?",
        [definition.name, json.dumps(wire.definition_to_json(definition)), definition.id],
    )


def remove_definition(cursor: Cursor, segment_id: str) -> None:
    """Remove a definition and who was in it; jobs keep their copy."""
    cursor.execute("DELETE FROM definitions WHERE id = ?", [segment_id])
    for table in ("audiences", "memberships"):
        cursor.execute(f"DELETE FROM {table} WHERE segment_id = ?", [segment_id])


def definitions(cursor: Cursor, ids: Sequence[str]) -> dict[str, SegmentDefinition]:
    """Return those of *ids* that there are, by id."""
    rows = cursor.execute(
        "SELECT document FROM definitions WHERE list_contains(?::VARCHAR[], id)",
        [list(ids)],
    ).fetchall()
    return {d.id: d for d in map(_definition, rows)}


def merge_policies(cursor: Cursor) -> frozenset[str]:
    """Return the ids of the merge policies."""
    return frozenset(
        id_ for (id_,) in cursor.execute("SELECT id FROM merge_policies").fetchall()
    )


def expressions(cursor: Cursor) -> dict[str, str]:
    """Return the expression of every definition, by its id."""
    rows = cursor.execute(
        "SELECT id, json_extract_string(document, '/expression/value') FROM definitions"
    ).fetchall()
    return dict(rows)


def definition_named(cursor: Cursor, name: str) -> SegmentDefinition | None:
    row = cursor.execute(
        "SELECT document FROM definitions WHERE name = ?", [name]
    ).fetchone()
    return _definition(row) if row else None


def list_definitions(
    cursor: Cursor, *, start: int = 0, limit: int | None = None
) -> wire.Page[SegmentDefinition]:
    """Return the definitions, newest first; no *limit* gives them all."""
    (total,) = _one(cursor, "SELECT count(*) FROM definitions")
    rows = cursor.execute(
        "SELECT document FROM definitions ORDER BY seq DESC LIMIT ? OFFSET ?",
        [total if limit is None else limit, start],
    ).fetchall()
    return wire.Page(items=tuple(map(_definition, rows)), total=total)


# Jobs


def add_job(cursor: Cursor, job: JobRecord) -> None:
    cursor.execute(
        "INSERT INTO jobs(id, status, created, updated, document) VALUES (?, ?, ?, ?, ?)",
        [job.id, job.status.value, _us(job.created_at), _us(job.updated_at), _text(job)],
    )


def replace_job(cursor: Cursor, job: JobRecord) -> None:
    cursor.execute(
        "UPDATE jobs SET status = ?, updated = ?, document = ? WHERE id = ?",
        [job.status.value, _us(job.updated_at), _text(job), job.id],
    )


def jobs(cursor: Cursor, ids: Sequence[str]) -> dict[str, JobRecord]:
    """Return those of *ids* that there are, by id."""
    rows = cursor.execute(
        "SELECT document FROM jobs WHERE list_contains(?::VARCHAR[], id)", [list(ids)]
    ).fetchall()
    return {j.id: j for j in map(_job, rows)}


def numbered_job(cursor: Cursor, job_id: str) -> tuple[JobRecord, int]:
    """Return the job of that id, which there is, and its place in the order of submission."""
    row = cursor.execute("SELECT document, seq FROM jobs WHERE id = ?", [job_id]).fetchone()
    assert row is not None, job_id
    return _job(row), row[1]


def list_jobs(cursor: Cursor, query: JobQuery) -> wire.Page[JobRecord]:
    """Return the jobs *query* asks for; ``total`` counts all that pass its filters."""
    where, values = _condition(query)
    (total,) = _one(cursor, f"SELECT count(*) FROM jobs WHERE {where}", values)
    way = "DESC" if query.descending else "ASC"
    rows = cursor.execute(
        f"SELECT document FROM jobs WHERE {where}"
        f" ORDER BY {SORT_COLUMNS[query.sort]} {way}, seq {way} LIMIT ? OFFSET ?",
        [*values, query.limit, query.start],
    ).fetchall()
    return wire.Page(items=tuple(map(_job, rows)), total=total)


def fail_unfinished(cursor: Cursor, fault: JobFault, now: datetime) -> None:
    """Turn every job that has not ended into a FAILED one, because of *fault*."""
    rows = cursor.execute(
        "SELECT document FROM jobs WHERE NOT list_contains(?, status)", [FINAL]
    ).fetchall()
    for job in map(_job, rows):
        failed = replace(job, status=JobStatus.FAILED, errors=(fault,), updated_at=now)
        replace_job(cursor, failed)
        memberships.drop(cursor, job.id)


def evaluated(
    cursor: Cursor, segment_ids: Sequence[str]
) -> dict[str, tuple[JobRecord, bytes]]:
    """Return, by segment, the last finished job and its members; segments without one are left out."""
    return {
        segment_id: (job, memberships.found_by(cursor, segment_id, job.id))
        for segment_id, job in evaluated_by(cursor, segment_ids).items()
    }


def evaluated_by(cursor: Cursor, segment_ids: Sequence[str]) -> dict[str, JobRecord]:
    """Return, by segment, the last finished job; segments without one are left out."""
    rows = cursor.execute(
        "SELECT segment_id, job_id FROM audiences"
        " WHERE list_contains(?::VARCHAR[], segment_id)",
        [list(segment_ids)],
    ).fetchall()
    found = jobs(cursor, [*{job_id for _, job_id in rows}])
    return {segment_id: found[job_id] for segment_id, job_id in rows}


def _condition(query: JobQuery) -> tuple[str, list[str]]:
    """Return a WHERE clause and what to bind in it."""
    terms, values = ["TRUE"], list[str]()
    if query.status is not None:
        terms.append("status = ?")
        values.append(query.status.value)
    for wanted in query.properties:
        if wanted.key is None:
            terms.append("json_extract_string(document, ?) = ?")
            values += [_pointer(wanted.path), wanted.value]
        else:
            terms.append(
                "len(list_filter(json_extract(json_extract(document, ?), '$[*]'),"
                " lambda e: json_extract_string(e, ?) = ?)) > 0"
            )
            values += [_pointer(wanted.path), _pointer(wanted.key), wanted.value]
    return " AND ".join(terms), values


def _pointer(keys: Iterable[str]) -> str:
    """Return the JSON pointer (RFC 6901) that leads through *keys*."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def _one(cursor: Cursor, sql: str, values: Sequence[str] = ()) -> tuple[int, ...]:
    row = cursor.execute(sql, values).fetchone()
    assert row is not None, sql
    return row


def _definition(row: tuple[str, ...]) -> SegmentDefinition:
    return wire.definition_from_json(json.loads(row[0]))


def _job(row: tuple[str, ...]) -> JobRecord:
    return wire.job_from_json(json.loads(row[0]))


def _text(job: JobRecord) -> str:
    return json.dumps(wire.job_to_json(job))


def _us(time: datetime | None) -> int | None:
    return None if time is None else wire.datetime_to_ms(time) * 1000
