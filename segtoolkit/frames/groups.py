"""Groups of jobs in, DataFrames out: one row per job, or each frame of a job for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import pandas as pd

from segtoolkit.frames.jobs import (
    Row,
    by_namespace_rows,
    by_status_rows,
    job_row,
    profiles_rows,
    timing_rows,
)
from segtoolkit.frames.schemas import SCHEMAS, framed
from segtoolkit.models import JobRecord

_ROWS: Mapping[str, Callable[[JobRecord], Iterator[Row]]] = {
    "profiles": profiles_rows,
    "by_namespace": by_namespace_rows,
    "by_status": by_status_rows,
    "timing": timing_rows,
}


def group_frame(
    entries: Iterable[tuple[Sequence[str], JobRecord | None, str | None]],
) -> pd.DataFrame:
    """Return one row per entry of a group: segments, the job made of them, and what went wrong.

    The columns are those of `jobs_frame`. Segments without a job, because it was refused or is not
    submitted yet, have a row as well, where all but *segments*, *segment_ids* and *error* is unknown.

    >>> frame = group_frame([(["gold"], None, "no such segment")])
    >>> frame[["job_id", "segment_ids", "error"]].to_numpy().tolist()
    [[<NA>, 'gold', 'no such segment']]
    """
    return framed("jobs", (_row(*entry) for entry in entries))


def _row(segment_ids: Sequence[str], record: JobRecord | None, problem: str | None) -> Row:
    known = {"segments": len(segment_ids) or None, "segment_ids": ", ".join(segment_ids)}
    if record is not None:
        known = dict(zip(SCHEMAS["jobs"], job_row(record), strict=True))
    known["error"] = problem or known.get("error")
    return tuple(known.get(column) for column in SCHEMAS["jobs"])


def grouped_frame(name: str, records: Iterable[JobRecord]) -> pd.DataFrame:
    """Return the frame *name* of all *records*, with ``job_id`` before its columns.

    Args:
        name: ``profiles``, ``by_namespace``, ``by_status`` or ``timing``.
        records: jobs, finished or not.

    >>> from segtoolkit.models import JobStatus
    >>> jobs = [JobRecord(id=i, status=JobStatus.QUEUED) for i in ("468eeefd", "511bda4f")]
    >>> grouped_frame("timing", jobs)[["job_id", "phase"]].to_numpy().tolist()[:4]
    [['468eeefd', 'total'], ['468eeefd', 'waiting'], ['468eeefd', 'segmentation'], ['511bda4f', 'total']]
    """
    rows = ((record.id, *row) for record in records for row in _ROWS[name](record))
    return framed(f"group_{name}", rows)
