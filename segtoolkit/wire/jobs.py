"""Segment jobs: a job's body to `JobRecord` and back, and the body that submits one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from segtoolkit.models import (
    JobFault,
    JobMetrics,
    JobProgress,
    JobRecord,
    JobSegment,
    JobStatus,
)
from segtoolkit.wire.bodies import (
    as_list,
    as_object,
    child,
    either,
    first,
    identifier,
    integer,
    numeric,
    present,
    required_id,
    text,
)
from segtoolkit.wire.expressions import expression_from_json, expression_to_json
from segtoolkit.wire.metrics import metrics_from_json, metrics_to_json
from segtoolkit.wire.paths import job_path
from segtoolkit.wire.sandboxes import sandbox_from_json, sandbox_to_json
from segtoolkit.wire.times import first_time, optional_ms, optional_s

_STATUSES: Mapping[str, JobStatus] = {status.value: status for status in JobStatus} | {
    "NEU": JobStatus.NEW,
    "RUNNING": JobStatus.PROCESSING,
    "IN PROGRESS": JobStatus.PROCESSING,
    "IN_PROGRESS": JobStatus.PROCESSING,
    "VERARBEITUNG LÄUFT": JobStatus.PROCESSING,
    "SUCCESS": JobStatus.SUCCEEDED,
    "ERFOLGREICH": JobStatus.SUCCEEDED,
    "ERROR": JobStatus.FAILED,
    "FEHLGESCHLAGEN": JobStatus.FAILED,
    "CANCELING": JobStatus.CANCELLING,
    "ABBRUCH": JobStatus.CANCELLING,
    "MARKED FOR CANCELLING": JobStatus.CANCELLING,
    "CANCELED": JobStatus.CANCELLED,
    "ABGEBROCHEN": JobStatus.CANCELLED,
}
_FAULT_WORDS = ("msg", "message", "description", "detail")


def job_from_json(body: object) -> JobRecord:
    """Read a job of any vintage, complete or cut; only its id is needed.

    A state that is not published is kept as it came; a missing one reads ``UNKNOWN``.
    """
    answer = as_object(body, "a segment job")
    job = child(answer, "segmentJob") or answer
    return JobRecord(
        id=required_id(job, "id", "a segment job"),
        status=status_from_json(job.get("status")),
        segments=tuple(_segments(job.get("segments"))),
        metrics=_metrics(job.get("metrics")),
        errors=tuple(faults_from_json(job.get("errors"))),
        created_at=first_time(job, "creationTime"),
        updated_at=first_time(job, "updateTime", "updateEpoch"),
        source=text(job.get("source")),
        request_id=text(job.get("requestId")),
        batch_id=text(job.get("batchId")),
        compute_job_id=text(job.get("computeJobId")),
        compute_gateway_job_id=text(job.get("computeGatewayJobId")),
        ims_org_id=text(job.get("imsOrgId")),
        sandbox=sandbox_from_json(job),
        profile_instance_id=text(job.get("profileInstanceId")),
        schema_name=first(
            text(child(job, "schema").get("name")), text(job.get("modelName"))
        ),
        properties=dict(child(job, "properties")),
        progress=_progress(child(job, "progress")),
        raw=answer,
    )


def status_from_json(value: object) -> JobStatus:
    word = text(value) or "UNKNOWN"
    return _STATUSES.get(word.strip().upper()) or JobStatus(word)


def _segments(value: object) -> Iterator[JobSegment]:
    entries = value if isinstance(value, list) else [value]
    for entry in entries:
        if isinstance(entry, Mapping) and (segment := _segment(entry)):
            yield segment


def _segment(entry: Mapping[str, Any]) -> JobSegment | None:
    # One published body has "segment": null and the copy's keys beside it.
    copy = child(entry, "segment") or entry
    segment_id = first(identifier(entry.get("segmentId")), identifier(copy.get("id")))
    if segment_id is None:
        return None
    policy = child(copy, "mergePolicy")
    return JobSegment(
        segment_id=segment_id,
        expression=expression_from_json(copy),
        merge_policy_id=first(
            identifier(copy.get("mergePolicyId")), identifier(policy.get("id"))
        ),
        merge_policy_version=integer(policy.get("version")),
    )


def _metrics(value: object) -> JobMetrics | None:
    return metrics_from_json(value) if isinstance(value, Mapping) else None


def faults_from_json(value: object) -> Iterator[JobFault]:
    match value:
        case str() if value:
            yield JobFault(message=value)
        case list():
            for entry in value:
                yield from faults_from_json(entry)
        case Mapping() if "code" in value or any(key in value for key in _FAULT_WORDS):
            yield _fault(value)
        case Mapping():
            for entry in value.values():
                yield from faults_from_json(entry) if isinstance(entry, list) else ()
        case _:
            return


def _fault(entry: Mapping[str, Any]) -> JobFault:
    # Not the whole entry for want of a message: its call stack may expose internals.
    code = text(entry.get("code"))
    return JobFault(
        message=text(either(entry, *_FAULT_WORDS))
        or f"error {code or 'without a message'}",
        code=code,
        call_stack=text(entry.get("callStack")),
    )


def _progress(body: Mapping[str, Any]) -> JobProgress | None:
    # Not in the published schema: only the local road knows, and only while a job runs.
    done, total = integer(body.get("done")), integer(body.get("total"))
    if done is None or total is None:
        return None
    return JobProgress(done=done, total=total)


def job_to_json(job: JobRecord) -> dict[str, Any]:
    """Write a job with the published keys in the published order; what is None is left out."""
    return present(
        {
            "id": job.id,
            "imsOrgId": job.ims_org_id,
            "sandbox": sandbox_to_json(job.sandbox),
            "profileInstanceId": job.profile_instance_id,
            "source": job.source,
            "status": job.status.value,
            "batchId": job.batch_id,
            "computeJobId": numeric(job.compute_job_id),
            "computeGatewayJobId": job.compute_gateway_job_id,
            "segments": [_segment_to_json(segment) for segment in job.segments],
            "errors": [fault_to_json(fault) for fault in job.errors] or None,
            "metrics": job.metrics and metrics_to_json(job.metrics),
            "requestId": job.request_id,
            "schema": job.schema_name and {"name": job.schema_name},
            "properties": dict(job.properties) or None,
            "progress": job.progress and asdict(job.progress),
            "_links": _links(job.id),
            "updateTime": optional_ms(job.updated_at),
            "creationTime": optional_ms(job.created_at),
            "updateEpoch": optional_s(job.updated_at),
        }
    )


def _segment_to_json(segment: JobSegment) -> dict[str, Any]:
    policy = {"id": segment.merge_policy_id, "version": segment.merge_policy_version}
    copy = present(
        {
            "expression": segment.expression and expression_to_json(segment.expression),
            "mergePolicyId": segment.merge_policy_id,
            "mergePolicy": None if policy["version"] is None else present(policy),
        }
    )
    nested = {"segment": {"id": segment.segment_id} | copy} if copy else {}
    return {"segmentId": segment.segment_id} | nested


def fault_to_json(fault: JobFault) -> dict[str, Any]:
    return present(
        {"code": fault.code, "msg": fault.message, "callStack": fault.call_stack}
    )


def _links(job_id: str) -> dict[str, Any]:
    href = job_path(job_id)
    return {
        "cancel": {"href": href, "method": "DELETE"},
        "checkStatus": {"href": href, "method": "GET"},
    }


def job_request_to_json(segment_ids: Iterable[str]) -> list[dict[str, str]]:
    return [{"segmentId": segment_id} for segment_id in segment_ids]


def job_request_from_json(body: object) -> tuple[str, ...]:
    """Return the segment ids to evaluate, ``*`` as it came; also from the historic object.

    Raises:
        ValueError: there is none, or an entry has no ``segmentId``.
    """
    entries = body.get("segments") if isinstance(body, Mapping) else body
    segments = as_list(entries, 'the segments of a job: [{"segmentId": "…"}, …]')
    if not segments:
        raise ValueError("a job needs at least one segment: [{'segmentId': '…'}, …]")
    what = "each segment of a job"
    return tuple(required_id(as_object(s, what), "segmentId", what) for s in segments)
