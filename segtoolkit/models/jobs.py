"""Segment jobs with their metrics, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from segtoolkit import cards
from segtoolkit.models.segmentation import Counts, Expression, Sandbox


class JobStatus(StrEnum):
    """Where a job stands; a state unknown to us is kept as it came and is not final.

    >>> JobStatus("SUCCEEDED").is_final, JobStatus("PAUSED").is_final
    (True, False)
    >>> JobStatus("PAUSED").is_known
    False
    """

    NEW = "NEW"
    QUEUED = "QUEUED"
    PROCESSING = "PROCESSING"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"
    SUCCEEDED = "SUCCEEDED"

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        stranger = str.__new__(cls, value)
        stranger._name_ = stranger._value_ = value
        return stranger

    @property
    def is_known(self) -> bool:
        return self.value in type(self).__members__

    @property
    def is_final(self) -> bool:
        return self in _FINAL


_FINAL = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class JobSegment(cards.Thing):
    """One segment of a job: a copy of what was evaluated, where the service gives one."""

    segment_id: str
    expression: Expression | None = None
    merge_policy_id: str | None = None
    merge_policy_version: int | None = None

    def _line(self) -> str:
        return self.segment_id

    def _known(self) -> Mapping[str, object]:
        return {
            "rule": self.expression and self.expression.value,
            "merge policy": self.merge_policy_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class JobFault(cards.Thing):
    """One entry of a job's ``errors``. *call_stack* may expose internals: do not print it."""

    message: str
    code: str | None = None
    call_stack: str | None = None

    def _line(self) -> str:
        return f"{self.message} [code {self.code}]" if self.code else self.message


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TimeSpan(cards.Thing):
    """A phase of a job; any part may be unknown."""

    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration: timedelta | None = None

    def _line(self) -> str:
        return cards.span_text(self)

    def _known(self) -> Mapping[str, object]:
        return {"started": self.started_at, "ended": self.ended_at}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class JobMetrics:
    """The published metrics, under their published names in snake_case.

    Counters are keyed by segment definition id. Their keys need not match the job's segments
    in either direction, and their numbers need not agree: absent means unknown.
    """

    total_time: TimeSpan | None = None
    profile_segmentation_time: TimeSpan | None = None
    total_profiles: int | None = None
    total_profiles_by_merge_policy: Counts = field(default_factory=dict)
    segmented_profile_counter: Counts = field(default_factory=dict)
    segmented_profile_by_namespace_counter: Mapping[str, Counts] = field(
        default_factory=dict
    )
    segmented_profile_by_status_counter: Mapping[str, Counts] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<{cards.metrics_line(self)}>"

    def _repr_html_(self) -> str:
        return cards.metrics_card(self)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class JobProgress(cards.Thing):
    """How far a running job is: tests *done* of all that are planned so far; local road only."""

    done: int
    total: int

    def _line(self) -> str:
        return f"{self.done:,} of {self.total:,} tests"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class JobRecord:
    """A segment job as it stood when the service was last asked. *raw* is that answer."""

    id: str
    status: JobStatus
    segments: tuple[JobSegment, ...] = ()
    metrics: JobMetrics | None = None
    errors: tuple[JobFault, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    source: str | None = None
    request_id: str | None = None
    batch_id: str | None = None
    compute_job_id: str | None = None
    compute_gateway_job_id: str | None = None
    ims_org_id: str | None = None
    sandbox: Sandbox | None = None
    profile_instance_id: str | None = None
    schema_name: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    progress: JobProgress | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def segment_ids(self) -> tuple[str, ...]:
        """Ids of the job's segments, then those that only its counters mention."""
        listed = [s.segment_id for s in self.segments]
        counted = list(self.metrics.segmented_profile_counter) if self.metrics else []
        return tuple(dict.fromkeys(i for i in listed + counted if i != "*"))

    @property
    def as_of(self) -> datetime | None:
        """The instant that "now" was for its expressions; only the local road tells."""
        told = self.properties.get("asOf")
        try:
            moment = datetime.fromisoformat(told) if isinstance(told, str) else None
        except ValueError:
            return None
        return moment if moment is not None and moment.tzinfo is not None else None

    def __repr__(self) -> str:
        return f"<{cards.job_line(self, None, kind='JobRecord')}>"

    def _repr_html_(self) -> str:
        return cards.job_card(self, None)
