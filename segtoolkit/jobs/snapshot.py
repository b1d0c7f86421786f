"""A job as last read: records go in, attributes and pictures come out; nothing asks the service."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from segtoolkit import cards
from segtoolkit.jobs.polling import Clock
from segtoolkit.models import JobFault, JobMetrics, JobProgress, JobRecord, JobStatus
from segtoolkit.warned import warn

FRESH_S = 1.0
_SILENCE_S = 30.0


class JobSnapshot:
    """What a handle knows without asking.

    Attributes:
        record: everything last read.
        history: the states this handle saw, and when; the service keeps no such log.
    """

    def __init__(self, record: JobRecord, clock: Clock) -> None:
        self.record = record
        self.history: tuple[tuple[datetime, JobStatus], ...] = ()
        self._clock = clock
        self._lock = threading.Lock()
        self.observe(record)

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def status(self) -> JobStatus:
        return self.record.status

    @property
    def is_final(self) -> bool:
        return self.record.status.is_final

    @property
    def segment_ids(self) -> tuple[str, ...]:
        return self.record.segment_ids

    @property
    def created_at(self) -> datetime | None:
        return self.record.created_at

    @property
    def updated_at(self) -> datetime | None:
        return self.record.updated_at

    @property
    def elapsed(self) -> timedelta | None:
        """Time from creation to the end, or until now while it runs; None if unknown."""
        began, ended = self.record.created_at, self._ended_at()
        if began is None or ended is None:
            return None
        # The service rounds some times to seconds, and its clock is not ours.
        return max(ended - began, timedelta(0))

    @property
    def errors(self) -> tuple[JobFault, ...]:
        return self.record.errors

    @property
    def metrics(self) -> JobMetrics | None:
        """The published metrics; None until the service gives some."""
        return self.record.metrics

    @property
    def progress(self) -> JobProgress | None:
        """Tests done of all, when last read; None where the service does not tell, as AEP."""
        return self.record.progress

    @property
    def request_id(self) -> str | None:
        """What to quote to support."""
        return self.record.request_id

    @property
    def raw(self) -> Mapping[str, Any]:
        """The service's last answer as it came."""
        return self.record.raw

    @property
    def age_s(self) -> float:
        """Seconds since the job was last read."""
        return self._clock.monotonic() - self._read_at_s

    def observe(self, record: JobRecord) -> None:
        """Take in what was read of the job, by whomever."""
        with self._lock:
            # A lagging replica must not bring a job back to life.
            if not self.is_final or record.status.is_final:
                self.record = record
            self._read_at_s = self._clock.monotonic()
            is_news = not self.history or self.history[-1][1] != self.status
            if is_news:
                self.history += ((self._clock.now(), self.status),)
        if is_news:
            self._warn_of_stranger()

    def _warn_of_stranger(self) -> None:
        if not self.status.is_known:
            warn(
                f"the service reports the job status {str(self.status)!r}, which segtoolkit "
                "does not know; it counts as not final",
                UserWarning,
            )

    def _ended_at(self) -> datetime | None:
        if not self.is_final:
            return self._clock.now()
        total_time = self.metrics.total_time if self.metrics else None
        return (total_time.ended_at if total_time else None) or self.updated_at

    def __eq__(self, other: object) -> bool:
        return self.id == other.id if isinstance(other, JobSnapshot) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<{cards.job_line(self.record, self.elapsed)}>"

    def _repr_html_(self) -> str:
        return cards.job_card(self.record, self.elapsed, remark=self._silence())

    def _silence(self) -> str:
        age = timedelta(seconds=self.age_s)
        is_long = not self.is_final and age.total_seconds() > _SILENCE_S
        return f"last read {cards.duration_text(age)} ago" if is_long else ""
