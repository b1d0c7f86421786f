"""Export jobs: a body to `ExportJob` and back, and the request to start one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from segtoolkit.models import ExportedSegment, ExportJob, ExportMetrics
from segtoolkit.wire.bodies import (
    as_list,
    as_object,
    boolean,
    child,
    counts,
    either,
    first,
    identifier,
    integer,
    numeric,
    present,
    required_id,
    text,
)
from segtoolkit.wire.definitions import PROFILE_SCHEMA
from segtoolkit.wire.jobs import fault_to_json, faults_from_json, status_from_json
from segtoolkit.wire.metrics import span_from_json, span_to_json
from segtoolkit.wire.sandboxes import sandbox_from_json, sandbox_to_json
from segtoolkit.wire.times import first_time, optional_ms

# What an export can be asked for, and this package has no word for.
_FILTERS = ("segmentQualificationTime", "fromIngestTimestamp", "emptyProfiles")


def export_from_json(body: object) -> ExportJob:
    """Read an export job; only its id is needed."""
    job = as_object(body, "an export job")
    destination, policy = child(job, "destination"), child(job, "mergePolicy")
    return ExportJob(
        id=required_id(job, "id", "an export job"),
        status=status_from_json(job.get("status")),
        job_type=text(job.get("jobType")),
        segments=tuple(_segments(child(job, "filter"))),
        fields=_fields(job.get("fields")),
        dataset_id=identifier(either(destination, "datasetId", "dataSetId")),
        batch_ids=_batch_ids(destination),
        segment_per_batch=boolean(destination.get("segmentPerBatch")),
        evaluates_first=boolean(child(job, "evaluationInfo").get("segmentation")),
        merge_policy_id=identifier(policy.get("id")),
        merge_policy_version=integer(policy.get("version")),
        metrics=_metrics(job.get("metrics")),
        errors=tuple(faults_from_json(job.get("errors"))),
        created_at=first_time(job, "creationTime"),
        updated_at=first_time(job, "updateTime", "updateEpoch"),
        request_id=text(job.get("requestId")),
        schema_name=text(child(job, "schema").get("name")),
        profile_instance_id=text(job.get("profileInstanceId")),
        ims_org_id=text(job.get("imsOrgId")),
        sandbox=sandbox_from_json(job),
        raw=job,
    )


def _segments(filters: Mapping[str, Any]) -> Iterator[ExportedSegment]:
    entries = filters.get("segments")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping) and (
            segment_id := identifier(entry.get("segmentId"))
        ):
            yield ExportedSegment(
                segment_id=segment_id,
                namespace=text(entry.get("segmentNs")),
                statuses=tuple(_statuses(entry.get("status"))),
            )


def _statuses(value: object) -> Iterator[str]:
    for status in value if isinstance(value, list) else [value]:
        if (word := text(status)) is not None:
            # Guides say exiting where bodies say exited.
            yield {"exiting": "exited"}.get(word.lower(), word.lower())


def _fields(value: object) -> tuple[str, ...]:
    names = (text(value) or "").split(",")
    return tuple(name.strip() for name in names if name.strip())


def _batch_ids(destination: Mapping[str, Any]) -> tuple[str, ...]:
    several = destination.get("batches")
    if isinstance(several, Mapping):  # so in one published body
        several = list(several.values())
    listed = several if isinstance(several, list) else [destination.get("batchId")]
    found = (identifier(b.get("batchId") if isinstance(b, Mapping) else b) for b in listed)
    return tuple(batch_id for batch_id in found if batch_id is not None)


def _metrics(value: object) -> ExportMetrics | None:
    if not isinstance(value, Mapping):
        return None
    return ExportMetrics(
        total_time=span_from_json(value.get("totalTime")),
        profile_export_time=span_from_json(value.get("profileExportTime")),
        dataset_write_time=span_from_json(value.get("aCPDatasetWriteTime")),
        total_exported_profile_counter=integer(value.get("totalExportedProfileCounter")),
        exported_profile_by_namespace_counter=counts(
            value.get("exportedProfileByNamespaceCounter")
        ),
    )


def export_to_json(job: ExportJob) -> dict[str, Any]:
    """Write an export job with the published keys; what is None is left out."""
    policy = {"id": job.merge_policy_id, "version": job.merge_policy_version}
    first_told = {"segmentation": job.evaluates_first}
    return present(
        {
            "id": numeric(job.id),
            "jobType": job.job_type,
            "destination": _destination(job),
            "fields": ",".join(job.fields) or None,
            "schema": job.schema_name and {"name": job.schema_name},
            "imsOrgId": job.ims_org_id,
            "sandbox": sandbox_to_json(job.sandbox),
            "status": job.status.value,
            "filter": _filter(job.segments),
            "mergePolicy": present(policy) or None,
            "evaluationInfo": present(first_told) or None,
            "profileInstanceId": job.profile_instance_id,
            "errors": [fault_to_json(fault) for fault in job.errors] or None,
            "metrics": job.metrics and _metrics_to_json(job.metrics),
            "computeGatewayJobId": {},
            "creationTime": optional_ms(job.created_at),
            "updateTime": optional_ms(job.updated_at),
            "requestId": job.request_id,
        }
    )


def _destination(job: ExportJob) -> dict[str, Any]:
    several = [{"batchId": batch_id} for batch_id in job.batch_ids]
    return present(
        {
            "datasetId": job.dataset_id,
            "segmentPerBatch": job.segment_per_batch,
            "batchId": job.batch_ids[0] if len(several) == 1 else None,
            "batches": several if len(several) > 1 else None,
        }
    )


def _filter(segments: Iterable[ExportedSegment]) -> dict[str, Any] | None:
    written = [
        present(
            {
                "segmentId": segment.segment_id,
                "segmentNs": segment.namespace,
                "status": list(segment.statuses),
            }
        )
        for segment in segments
    ]
    return {"segments": written} if written else None


def _metrics_to_json(m: ExportMetrics) -> dict[str, Any]:
    return present(
        {
            "totalTime": span_to_json(m.total_time),
            "profileExportTime": span_to_json(m.profile_export_time),
            "aCPDatasetWriteTime": span_to_json(m.dataset_write_time),
            "totalExportedProfileCounter": m.total_exported_profile_counter,
            "exportedProfileByNamespaceCounter": dict(
                m.exported_profile_by_namespace_counter
            )
            or None,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What an export is started with.

    Attributes:
        dataset_id: where to.
        segments: whose members to write; none writes everybody.
        fields: what to write of a profile; none writes all.
        segment_per_batch: whether each segment gets a batch of its own.
        evaluates_first: whether to evaluate the segments before.
        unsupported: what else the body asked for, by its key: of events, times and empty profiles.
    """

    dataset_id: str
    segments: tuple[ExportedSegment, ...] = ()
    fields: tuple[str, ...] = ()
    segment_per_batch: bool = False
    evaluates_first: bool = False
    merge_policy_id: str | None = None
    merge_policy_version: int | None = None
    schema_name: str = PROFILE_SCHEMA
    unsupported: tuple[str, ...] = ()


def export_request_to_json(request: ExportRequest) -> dict[str, Any]:
    """Write the request; the filter of states is always told, as its default has changed."""
    policy = {"id": request.merge_policy_id, "version": request.merge_policy_version}
    return present(
        {
            "fields": ",".join(request.fields) or None,
            "mergePolicy": present(policy) or None,
            "filter": _filter(request.segments),
            "destination": {
                "datasetId": request.dataset_id,
                "segmentPerBatch": request.segment_per_batch,
            },
            "schema": {"name": request.schema_name},
            "evaluationInfo": {"segmentation": request.evaluates_first},
        }
    )


def export_request_from_json(body: object) -> ExportRequest:
    """Read the request.

    Raises:
        ValueError: there is no dataset, or a segment without id.
    """
    request = as_object(body, "an export job")
    destination, policy = child(request, "destination"), child(request, "mergePolicy")
    dataset_id = identifier(either(destination, "datasetId", "dataSetId"))
    if dataset_id is None:
        raise ValueError("an export job needs a 'destination' with a 'datasetId'")
    filters = child(request, "filter")
    asked = filters.get("segments")
    what = "each segment of an export"
    for entry in as_list([] if asked is None else asked, "the 'segments' of an export"):
        required_id(as_object(entry, what), "segmentId", what)
    return ExportRequest(
        dataset_id=dataset_id,
        segments=tuple(map(_with_state, _segments(filters))),
        fields=_fields(request.get("fields")),
        segment_per_batch=boolean(destination.get("segmentPerBatch")) or False,
        evaluates_first=boolean(child(request, "evaluationInfo").get("segmentation"))
        or False,
        merge_policy_id=identifier(policy.get("id")),
        merge_policy_version=integer(policy.get("version")),
        schema_name=first(text(child(request, "schema").get("name")), PROFILE_SCHEMA) or "",
        unsupported=tuple(_unsupported(request, filters)),
    )


def _with_state(segment: ExportedSegment) -> ExportedSegment:
    if segment.statuses:
        return segment
    return ExportedSegment(segment_id=segment.segment_id, namespace=segment.namespace)


def _unsupported(request: Mapping[str, Any], filters: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"filter.{key}" for key in _FILTERS if filters.get(key))
    yield from (key for key in ("additionalFields",) if request.get(key))
