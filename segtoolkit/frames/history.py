"""Jobs in, a DataFrame of how audiences grew and shrank over them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import pandas as pd

from segtoolkit.frames.schemas import framed
from segtoolkit.models import JobMetrics, JobRecord, TimeSpan

_UNKNOWN = JobMetrics()
_UNKNOWN_SPAN = TimeSpan()


def history_frame(records: Iterable[JobRecord]) -> pd.DataFrame:
    """Return one row per segment and job, the segments in the order they come, the jobs by time.

    That is the time they are about, *as_of*; where it is unknown, *evaluated_at*.

    Columns:
        segment_id: id of the segment definition.
        evaluated_at: when the job ended; else when the service last touched it, or it was created.
        as_of: the instant for which it was evaluated; only the local road tells.
        job_id: the job's id.
        status: as in `jobs_frame`.
        profiles: profiles of the segment; unknown where the job counted nothing.
        share: *profiles* as a part of *total_profiles*, 0 to 1.
        total_profiles: profiles the job looked at.

    >>> from segtoolkit.models import JobStatus
    >>> metrics = JobMetrics(total_profiles=200, segmented_profile_counter={"gold": 50})
    >>> job = JobRecord(id="468eeefd", status=JobStatus.SUCCEEDED, metrics=metrics)
    >>> history_frame([job])[["segment_id", "profiles", "share"]].to_numpy().tolist()
    [['gold', 50, 0.25]]
    """
    rows = [row for record in records for row in _rows(record)]
    places = {
        segment_id: n for n, segment_id in enumerate(dict.fromkeys(r[0] for r in rows))
    }
    ordered = sorted(rows, key=lambda row: (places[row[0]], _sortable(row[2] or row[1])))
    return framed("history", ordered)


def _rows(record: JobRecord) -> Iterator[tuple[Any, ...]]:
    metrics = record.metrics or _UNKNOWN
    total = metrics.total_profiles
    ended = (metrics.total_time or _UNKNOWN_SPAN).ended_at
    for segment_id in record.segment_ids:
        profiles = metrics.segmented_profile_counter.get(segment_id)
        yield (
            segment_id,
            ended or record.updated_at or record.created_at,
            record.as_of,
            record.id,
            str(record.status),
            profiles,
            profiles / total if profiles is not None and total else None,
            total,
        )


def _sortable(moment: datetime | None) -> tuple[bool, float]:
    # Jobs of unknown times come last.
    return moment is None, moment.timestamp() if moment else 0.0
