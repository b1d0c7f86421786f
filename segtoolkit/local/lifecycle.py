"""The states of a local job: a record goes in, the record in its next state comes out.

``NEW -> QUEUED -> PROCESSING -> SUCCEEDED | FAILED``, and from any of the first three by way of
``CANCELLING`` to ``CANCELLED``. Pure; the clock's readings come in as arguments.
"""

from __future__ import annotations

import uuid
from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from segtoolkit.engine import Evaluation
from segtoolkit.models import (
    JobFault,
    JobMetrics,
    JobRecord,
    JobSegment,
    JobStatus,
    Sandbox,
    SegmentDefinition,
    TimeSpan,
)

T = TypeVar("T")

ORGANISATION = "local@AdobeOrg"
SANDBOX = Sandbox(
    name="local",
    id="00000000-0000-0000-0000-000000000000",
    type="development",
    default=True,
)
SCHEMA = "_xdm.context.profile"
PROFILE_INSTANCE = "ups"


def copy_of(definition: SegmentDefinition) -> JobSegment:
    """Return what a job keeps of *definition*: the audit trail of what it evaluated."""
    return JobSegment(
        segment_id=definition.id,
        expression=definition.expression,
        merge_policy_id=definition.merge_policy_id,
    )


def new(
    segments: Iterable[JobSegment],
    *,
    as_of: datetime,
    now: datetime,
    request_id: str | None,
) -> JobRecord:
    return JobRecord(
        id=str(uuid.uuid4()),
        status=JobStatus.NEW,
        segments=tuple(segments),
        created_at=now,
        updated_at=now,
        source="api",
        request_id=request_id or str(uuid.uuid4()),
        ims_org_id=ORGANISATION,
        sandbox=SANDBOX,
        profile_instance_id=PROFILE_INSTANCE,
        schema_name=SCHEMA,
        # Not in the published schema: a local job can be evaluated against any moment.
        properties={"asOf": as_of.isoformat()},
    )


def queued(job: JobRecord) -> JobRecord:
    return replace(job, status=JobStatus.QUEUED)


def processing(job: JobRecord, *, number: int, now: datetime) -> JobRecord:
    return replace(
        job,
        status=JobStatus.PROCESSING,
        updated_at=now,
        batch_id=str(uuid.uuid4()),
        compute_job_id=str(number),
        compute_gateway_job_id=str(uuid.uuid4()),
        metrics=JobMetrics(
            total_time=TimeSpan(started_at=job.created_at),
            profile_segmentation_time=TimeSpan(started_at=now),
        ),
    )


def cancelling(job: JobRecord, now: datetime) -> JobRecord:
    return replace(job, status=JobStatus.CANCELLING, updated_at=now)


def cancelled(job: JobRecord, now: datetime) -> JobRecord:
    return _ended(job, JobStatus.CANCELLED, now)


def failed(job: JobRecord, fault: JobFault, now: datetime) -> JobRecord:
    return replace(_ended(job, JobStatus.FAILED, now), errors=(fault,))


def succeeded(
    job: JobRecord, found: Mapping[str, Evaluation], *, now: datetime
) -> JobRecord:
    """Return *job* with what was *found* under each merge policy, by its id.

    The profiles of several policies are the same people, so their totals do not add up: the
    job's is that of the policy with the most.
    """
    ended = _ended(job, JobStatus.SUCCEEDED, now)
    assert ended.metrics is not None
    totals = {policy: evaluation.total_profiles for policy, evaluation in found.items()}
    metrics = replace(
        ended.metrics,
        total_profiles=max(totals.values()),
        total_profiles_by_merge_policy=totals,
        segmented_profile_counter=_joined(e.counts for e in found.values()),
        segmented_profile_by_namespace_counter=_joined(
            e.by_namespace for e in found.values()
        ),
        segmented_profile_by_status_counter=_joined(e.by_status for e in found.values()),
    )
    version = next(iter(found.values())).data_version  # of all: they are one transaction
    told = {"dataVersion": version} if version else {}
    return replace(ended, metrics=metrics, properties={**ended.properties, **told})


def _joined(parts: Iterable[Mapping[str, T]]) -> dict[str, T]:
    return dict(ChainMap(*(dict(part) for part in parts)))


def _ended(job: JobRecord, status: JobStatus, now: datetime) -> JobRecord:
    """Return *job* in its final state; how long its phases took is known whatever came of it."""
    metrics = job.metrics or JobMetrics(total_time=TimeSpan(started_at=job.created_at))
    timed = replace(
        metrics,
        total_time=_closed(metrics.total_time, now),
        profile_segmentation_time=_closed(metrics.profile_segmentation_time, now),
    )
    return replace(job, status=status, updated_at=now, metrics=timed)


def _closed(phase: TimeSpan | None, now: datetime) -> TimeSpan | None:
    if phase is None or phase.started_at is None:
        return phase
    return replace(phase, ended_at=now, duration=now - phase.started_at)
