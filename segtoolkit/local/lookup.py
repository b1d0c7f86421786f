"""Find in the store what a request names, or refuse the request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from segtoolkit.errors import APIError, BadRequest, NotFound
from segtoolkit.local import ledger, logbook
from segtoolkit.local.ledger import Cursor
from segtoolkit.models import ExportJob, JobRecord, Schedule, SegmentDefinition

ALL = "*"
_NOT_FOUND = "UPAPI-113430-404"


def wanted(cursor: Cursor, segment_ids: Sequence[str]) -> tuple[SegmentDefinition, ...]:
    if ALL in segment_ids:
        if everything := ledger.list_definitions(cursor).items:
            return everything
        raise BadRequest("there is no segment definition to evaluate", status_code=400)
    found = ledger.definitions(cursor, segment_ids)
    wanted = dict.fromkeys(segment_ids)
    if missing := [i for i in wanted if i not in found]:
        names = ", ".join(map(repr, missing))
        remedy = _by_name(cursor, missing) or "create it first"
        raise BadRequest(f"no segment definition {names}; {remedy}", status_code=400)
    return tuple(found[i] for i in wanted)


def _by_name(cursor: Cursor, missing: Sequence[str]) -> str | None:
    """Tell the ids of those that were asked for by their names."""
    named = ((name, ledger.definition_named(cursor, name)) for name in missing)
    ids = [f"{name!r} has the id {found.id!r}" for name, found in named if found]
    return f"jobs take ids, and {', '.join(ids)}" if ids else None


def by_policy(wanted: Iterable[SegmentDefinition]) -> dict[str, dict[str, str]]:
    """Return the expressions by merge policy and segment id."""
    found: dict[str, dict[str, str]] = {}
    for definition in wanted:
        assert definition.merge_policy_id is not None  # the store gives each one
        expressions = found.setdefault(definition.merge_policy_id, {})
        expressions[definition.id] = definition.expression.value
    return found


def definitions_by_id(
    cursor: Cursor, segment_ids: Sequence[str]
) -> dict[str, SegmentDefinition | APIError]:
    """Return each of *segment_ids* with its definition, or with the error that says it is missing."""
    found = ledger.definitions(cursor, segment_ids)
    return {i: found.get(i) or not_found("segment definition", i) for i in segment_ids}


def present_definition(cursor: Cursor, segment_id: str) -> SegmentDefinition:
    found = ledger.definitions(cursor, [segment_id])
    if segment_id not in found:
        raise not_found("segment definition", segment_id)
    return found[segment_id]


def present_job(cursor: Cursor, job_id: str) -> JobRecord:
    found = ledger.jobs(cursor, [job_id])
    if job_id not in found:
        raise not_found("segment job", job_id)
    return found[job_id]


def present_schedule(cursor: Cursor, schedule_id: str) -> Schedule:
    found = [s for s in logbook.schedules(cursor) if s.id == schedule_id]
    if not found:
        raise not_found("schedule", schedule_id)
    return found[0]


def present_export(cursor: Cursor, export_id: str) -> ExportJob:
    found = logbook.export(cursor, export_id)
    if found is None:
        raise not_found("export job", export_id)
    return found


def not_found(what: str, name: str) -> NotFound:
    return NotFound(f"there is no {what} {name!r}", status_code=404, code=_NOT_FOUND)
