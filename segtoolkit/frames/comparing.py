"""Two jobs in, a DataFrame out: what each of their segments had before and has now."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from segtoolkit.frames.jobs import Row
from segtoolkit.frames.schemas import framed
from segtoolkit.models import JobMetrics, JobRecord


def comparison_frame(earlier: JobRecord, later: JobRecord) -> pd.DataFrame:
    """Return one row per segment of either job, those of the later one first.

    Columns:
        segment_id: id of the segment definition.
        before: its profiles in the earlier job; unknown if that did not count it.
        after: its profiles in the later job, likewise.
        change: *after* less *before*.
        growth: *change* as a part of *before*; unknown if that is 0.

    >>> from segtoolkit.models import JobStatus
    >>> jobs = [
    ...     JobRecord(
    ...         id=str(n),
    ...         status=JobStatus.SUCCEEDED,
    ...         metrics=JobMetrics(segmented_profile_counter={"gold": n}),
    ...     )
    ...     for n in (40, 50)
    ... ]
    >>> comparison_frame(*jobs).to_numpy().tolist()
    [['gold', 40, 50, 10, 0.25]]
    """
    return framed("comparison", _rows(earlier, later))


def _rows(earlier: JobRecord, later: JobRecord) -> Iterator[Row]:
    old, new = (job.metrics or JobMetrics() for job in (earlier, later))
    for name in dict.fromkeys([*later.segment_ids, *earlier.segment_ids]):
        before = old.segmented_profile_counter.get(name)
        after = new.segmented_profile_counter.get(name)
        change = None if before is None or after is None else after - before
        growth = None if change is None or not before else change / before
        yield name, before, after, change, growth
