"""Definitions and finished jobs in; audiences as a sandbox lists them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from segtoolkit import wire
from segtoolkit.local import ledger, lookup
from segtoolkit.local.ledger import Cursor, PropertyFilter
from segtoolkit.models import AudienceRecord, JobRecord, SegmentDefinition

_OURS: Mapping[str, Any] = {
    "namespace": "AEPSegments",
    "type": "SegmentDefinition",
    "lifecycle": "published",
    "origin_name": "REAL_TIME_CUSTOMER_PROFILE",
}


def audiences(
    cursor: Cursor, filters: Sequence[PropertyFilter] = ()
) -> tuple[AudienceRecord, ...]:
    """Return the audiences that pass all *filters*, newest first."""
    everything = _counted(cursor, ledger.list_definitions(cursor).items)
    if not filters:
        return everything
    return tuple(
        audience
        for audience in everything
        if all(_passes(wire.audience_to_json(audience), one) for one in filters)
    )


def audience(cursor: Cursor, audience_id: str) -> AudienceRecord:
    """Return the audience of that id.

    Raises:
        NotFound: there is none.
    """
    found = ledger.definitions(cursor, [audience_id])
    if audience_id not in found:
        raise lookup.not_found("audience", audience_id)
    return _counted(cursor, found.values())[0]


def _counted(
    cursor: Cursor, definitions: Iterable[SegmentDefinition]
) -> tuple[AudienceRecord, ...]:
    several = list(definitions)
    jobs = ledger.evaluated_by(cursor, [definition.id for definition in several])
    return tuple(_audience(d, jobs.get(d.id)) for d in several)


def _audience(definition: SegmentDefinition, job: JobRecord | None) -> AudienceRecord:
    counted = {} if job is None else _counts(definition.id, job)
    return AudienceRecord(
        id=definition.id,
        audience_id=definition.id,
        name=definition.name,
        description=definition.description,
        expression=definition.expression,
        merge_policy_id=definition.merge_policy_id,
        created_at=definition.created_at,
        updated_at=definition.updated_at,
        schema_name=definition.schema_name,
        **_OURS,
        **counted,
    )


def _counts(segment_id: str, job: JobRecord) -> dict[str, Any]:
    metrics = job.metrics
    if metrics is None:
        return {}
    by_namespace = metrics.segmented_profile_by_namespace_counter
    by_status = metrics.segmented_profile_by_status_counter
    return {
        "job_id": job.id,
        "counted_at": job.updated_at,
        "total_profiles": metrics.segmented_profile_counter.get(segment_id),
        "total_profiles_by_namespace": by_namespace.get(segment_id, {}),
        "total_profiles_by_status": by_status.get(segment_id, {}),
    }


def _passes(body: object, wanted: PropertyFilter) -> bool:
    """Tell whether the JSON *body* has the value at the path, as the listing of jobs does."""
    found = _at(body, wanted.path)
    if wanted.key is None:
        return _spelt(found) == wanted.value
    entries = found if isinstance(found, list) else []
    return any(_spelt(_at(entry, wanted.key)) == wanted.value for entry in entries)


def _at(value: object, path: Iterable[str]) -> object:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _spelt(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None
