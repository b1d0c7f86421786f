"""What the tests of plots draw, and what they read off the Axes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
from matplotlib import dates as mdates

from segtoolkit import frames
from segtoolkit.models import JobMetrics, JobRecord, JobSegment, JobStatus, TimeSpan

T0 = datetime(2026, 1, 1, 12, tzinfo=UTC)


def result(**namespaces: dict[str, int]) -> pd.DataFrame:
    record = JobRecord(
        id="job",
        status=JobStatus.SUCCEEDED,
        segments=tuple(JobSegment(segment_id=i) for i in namespaces),
        metrics=JobMetrics(
            total_profiles=100,
            segmented_profile_counter=dict.fromkeys(namespaces, 50),
            segmented_profile_by_namespace_counter=namespaces,
        ),
    )
    return frames.by_namespace_frame(record)


def job(
    status: str, *, start: float | None = 1, end: float | None = 5, id_="job-1"
) -> JobRecord:
    """Return a job created at T0 that started and ended so many minutes later."""
    span = TimeSpan(
        started_at=None if start is None else T0 + timedelta(minutes=start),
        ended_at=None if end is None else T0 + timedelta(minutes=end),
    )
    total = TimeSpan(started_at=T0, ended_at=span.ended_at)
    metrics = JobMetrics(total_time=total, profile_segmentation_time=span)
    return JobRecord(
        id=id_, status=JobStatus(status), metrics=metrics, created_at=T0, updated_at=T0
    )


def timed(job_id: str, status: str, **minutes: float) -> JobRecord:
    """Return a job of which only the given times are known, in minutes after T0."""
    at = {name: T0 + timedelta(minutes=minute) for name, minute in minutes.items()}
    metrics = JobMetrics(
        total_time=TimeSpan(ended_at=at.get("ended")),
        profile_segmentation_time=TimeSpan(started_at=at.get("started")),
    )
    return JobRecord(
        id=job_id,
        status=JobStatus(status),
        metrics=metrics,
        created_at=at.get("created"),
        updated_at=at.get("updated"),
    )


def widths(ax):
    return [round(float(bar.get_width()), 6) for bar in ax.patches]


def words(ax):
    return [text.get_text() for text in ax.texts]


def rows(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def minutes_of(bar):
    """Return begin and end of *bar* in minutes after T0."""
    begin = (bar.get_x() - mdates.date2num(T0)) * 24 * 60
    return round(begin, 3), round(begin + bar.get_width() * 24 * 60, 3)


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]
