"""Jobs in, DataFrames out: sizes, namespaces, statuses and times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

import pandas as pd

from segtoolkit.frames.schemas import framed
from segtoolkit.models import Counts, JobMetrics, JobRecord, TimeSpan

Row: TypeAlias = tuple[Any, ...]

_UNKNOWN_SPAN = TimeSpan()


def jobs_frame(records: Iterable[JobRecord]) -> pd.DataFrame:
    """Return one row per job, in the order given.

    Columns:
        job_id: the job's id.
        status: ordered category; a state unknown to us comes after the known ones.
        segments: number of segments; unknown for a job over all segments that has not counted yet.
        segment_ids: their ids, joined with ", "; "*" for such a job.
        created_at: when the job was created.
        started_at: when the evaluation proper began.
        ended_at: when the whole job ended.
        updated_at: when the service last touched the job.
        queued: from the job's start to *started_at*.
        duration: of the whole job, queue included.
        total_profiles: profiles looked at.
        source: who asked for it, such as ``api`` or ``scheduler``.
        error: message of the first error.

    >>> from segtoolkit.models import JobStatus
    >>> job = JobRecord(id="468eeefd", status=JobStatus.QUEUED)
    >>> jobs_frame([job])[["job_id", "status", "total_profiles"]].to_numpy().tolist()
    [['468eeefd', 'QUEUED', <NA>]]
    """
    return framed("jobs", map(job_row, records))


def profiles_frame(record: JobRecord) -> pd.DataFrame:
    """Return one row per segment: those of the job, then those only a counter mentions.

    Columns:
        segment_id: id of the segment definition.
        profiles: merged profiles in the segment.
        share: *profiles* as a part of *total_profiles*, 0 to 1.
        new: profiles that entered in this run; known only where the service also says who stayed.
        stayed: profiles that were in it before and still are.
        left: profiles that are in it no longer.
        total_profiles: profiles the job looked at; the same in every row.

    >>> metrics = JobMetrics(total_profiles=200, segmented_profile_counter={"gold": 50})
    >>> from segtoolkit.models import JobStatus
    >>> job = JobRecord(id="468eeefd", status=JobStatus.SUCCEEDED, metrics=metrics)
    >>> profiles_frame(job)[["segment_id", "profiles", "share"]].to_numpy().tolist()
    [['gold', 50, 0.25]]
    """
    return framed("profiles", profiles_rows(record))


def by_namespace_frame(record: JobRecord) -> pd.DataFrame:
    """Return one row per segment and identity namespace that the service counted.

    A profile counts once in every namespace it has an identity of: the rows of a segment add up
    to more than the segment.

    Columns:
        segment_id: id of the segment definition.
        namespace: code of the namespace, as it came.
        profiles: profiles of the segment with at least one identity of the namespace.
        share: *profiles* as a part of the segment's profiles, 0 to 1.

    >>> metrics = JobMetrics(
    ...     segmented_profile_counter={"gold": 50},
    ...     segmented_profile_by_namespace_counter={"gold": {"ECID": 45, "Email": 20}},
    ... )
    >>> from segtoolkit.models import JobStatus
    >>> job = JobRecord(id="468eeefd", status=JobStatus.SUCCEEDED, metrics=metrics)
    >>> by_namespace_frame(job).to_numpy().tolist()
    [['gold', 'ECID', 45, 0.9], ['gold', 'Email', 20, 0.4]]
    """
    return framed("by_namespace", by_namespace_rows(record))


def by_status_frame(record: JobRecord) -> pd.DataFrame:
    """Return one row per segment and membership status that the service counted.

    Columns:
        segment_id: id of the segment definition.
        status: ``realized``, ``existing``, ``exited`` or whatever the service said. Where
            ``existing`` is absent, ``realized`` counts all members, else only the new ones.
        profiles: profiles with that status.

    >>> metrics = JobMetrics(segmented_profile_by_status_counter={"gold": {"exited": 3}})
    >>> from segtoolkit.models import JobStatus
    >>> job = JobRecord(id="468eeefd", status=JobStatus.SUCCEEDED, metrics=metrics)
    >>> by_status_frame(job).to_numpy().tolist()
    [['gold', 'exited', 3]]
    """
    return framed("by_status", by_status_rows(record))


def timing_frame(record: JobRecord) -> pd.DataFrame:
    """Return one row per phase: total, waiting, segmentation.

    Columns:
        phase: ``total`` is the whole job, ``waiting`` its part before the evaluation began,
            ``segmentation`` the evaluation proper.
        started_at: when the phase began.
        ended_at: when it ended.
        duration: as the service said, else from the two times.

    >>> from segtoolkit.models import JobStatus
    >>> job = JobRecord(id="468eeefd", status=JobStatus.QUEUED)
    >>> timing_frame(job)["phase"].tolist()
    ['total', 'waiting', 'segmentation']
    """
    return framed("timing", timing_rows(record))


def profiles_rows(record: JobRecord) -> Iterator[Row]:
    metrics = _metrics(record)
    return (_segment_row(metrics, i) for i in _segment_ids(record))


def by_namespace_rows(record: JobRecord) -> Iterator[Row]:
    metrics = _metrics(record)
    sizes = metrics.segmented_profile_counter
    counters = metrics.segmented_profile_by_namespace_counter
    return (
        (segment_id, namespace, profiles, _share(profiles, sizes.get(segment_id)))
        for segment_id, namespace, profiles in _long(counters, _segment_ids(record))
    )


def by_status_rows(record: JobRecord) -> Iterator[Row]:
    counters = _metrics(record).segmented_profile_by_status_counter
    return _long(counters, _segment_ids(record))


def timing_rows(record: JobRecord) -> Iterator[Row]:
    phases = {
        "total": _total(record),
        "waiting": _waiting(record),
        "segmentation": _segmentation(record),
    }
    return (
        (phase, span.started_at, span.ended_at, _duration(span))
        for phase, span in phases.items()
    )


def job_row(record: JobRecord) -> Row:
    segment_ids = _segment_ids(record)
    total, waiting = _total(record), _waiting(record)
    return (
        record.id,
        str(record.status),
        len(segment_ids) or None,
        ", ".join(segment_ids or _listed(record)) or None,
        record.created_at,
        waiting.ended_at,
        total.ended_at,
        record.updated_at,
        _duration(waiting),
        _duration(total),
        _metrics(record).total_profiles,
        record.source,
        record.errors[0].message if record.errors else None,
    )


def _segment_row(metrics: JobMetrics, segment_id: str) -> Row:
    profiles = metrics.segmented_profile_counter.get(segment_id)
    by_status = metrics.segmented_profile_by_status_counter.get(segment_id, {})
    # Without "existing", "realized" counts every member: who is new is then unknown.
    new = by_status.get("realized") if "existing" in by_status else None
    return (
        segment_id,
        profiles,
        _share(profiles, metrics.total_profiles),
        new,
        by_status.get("existing"),
        by_status.get("exited"),
        metrics.total_profiles,
    )


def _segment_ids(record: JobRecord) -> tuple[str, ...]:
    """Return every segment the job lists or any counter knows, without the "*" for all."""
    metrics = _metrics(record)
    counted = [
        *metrics.segmented_profile_by_namespace_counter,
        *metrics.segmented_profile_by_status_counter,
    ]
    return tuple(i for i in dict.fromkeys([*record.segment_ids, *counted]) if i != "*")


def _listed(record: JobRecord) -> tuple[str, ...]:
    return tuple(segment.segment_id for segment in record.segments)


def _long(
    counters: Mapping[str, Counts], segment_ids: Iterable[str]
) -> Iterator[tuple[str, str, int]]:
    for segment_id in segment_ids:
        for key, profiles in counters.get(segment_id, {}).items():
            yield segment_id, key, profiles


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def _metrics(record: JobRecord) -> JobMetrics:
    return record.metrics or JobMetrics()


def _total(record: JobRecord) -> TimeSpan:
    return _metrics(record).total_time or _UNKNOWN_SPAN


def _segmentation(record: JobRecord) -> TimeSpan:
    return _metrics(record).profile_segmentation_time or _UNKNOWN_SPAN


def _waiting(record: JobRecord) -> TimeSpan:
    return TimeSpan(
        started_at=_total(record).started_at or record.created_at,
        ended_at=_segmentation(record).started_at,
    )


def _duration(span: TimeSpan) -> timedelta | None:
    if span.duration is not None or span.started_at is None or span.ended_at is None:
        return span.duration
    return span.ended_at - span.started_at
