"""Segment definitions, merge policies, segment jobs with their metrics, and estimates, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from segtoolkit import cards
from segtoolkit.intervals import wilson

Counts = Mapping[str, int]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A PQL expression as the service stores it: *format* may lie about *value*."""

    value: str
    format: str = "pql/text"
    type: str = "PQL"

    def _repr_html_(self) -> str:
        return cards.expression_card(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    name: str
    id: str | None = None
    type: str | None = None
    default: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SegmentDefinition:
    """An audience's rule. *raw* is the body it was read from.

    *evaluation* tells of ``batch``, ``continuous`` (streaming) and ``synchronous`` (on the edge)
    whether the audience is evaluated so.
    """

    id: str
    name: str
    expression: Expression
    description: str | None = None
    schema_name: str | None = None
    merge_policy_id: str | None = None
    evaluation: Mapping[str, bool] = field(default_factory=dict)
    profile_instance_id: str | None = None
    ims_org_id: str | None = None
    sandbox: Sandbox | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"<{cards.definition_line(self)}>"

    def _repr_html_(self) -> str:
        return cards.definition_card(self)


class AttributeMerge(StrEnum):
    """Which fragment of a profile says what an attribute is."""

    TIMESTAMP_ORDERED = "timestampOrdered"
    DATASET_PRECEDENCE = "dataSetPrecedence"


class IdentityGraph(StrEnum):
    """Which fragments are of one person: those of one primary identity, or all that are linked."""

    NONE = "none"
    PRIVATE = "pdg"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MergePolicy:
    """How the fragments of several datasets become profiles.

    *order* names datasets, the first of them preferred; only precedence asks for it. *raw* is the
    body it was read from.
    """

    id: str
    name: str
    attribute_merge: AttributeMerge = AttributeMerge.TIMESTAMP_ORDERED
    order: tuple[str, ...] = ()
    identity_graph: IdentityGraph = IdentityGraph.NONE
    is_default: bool = False
    version: int | None = None
    is_active_on_edge: bool | None = None
    updated_at: datetime | None = None
    ims_org_id: str | None = None
    sandbox: Sandbox | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __repr__(self) -> str:
        return f"<{cards.policy_line(self)}>"

    def _repr_html_(self) -> str:
        return cards.policy_card(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSegment:
    """One segment of a job: a copy of what was evaluated, where the service gives one."""

    segment_id: str
    expression: Expression | None = None
    merge_policy_id: str | None = None
    merge_policy_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFault:
    """One entry of a job's ``errors``. *call_stack* may expose internals: do not print it."""

    message: str
    code: str | None = None
    call_stack: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpan:
    """A phase of a job; any part may be unknown."""

    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration: timedelta | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """How far a running job is: tests *done* of all that are planned so far; local road only."""

    done: int
    total: int


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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Estimate:
    """The size of an ad-hoc audience.

    Attributes:
        size: profiles in the audience: exact when *standard_error* is 0 and every row was read.
        total: profiles in all.
        state: ``NEW``, ``RUNNING``, ``RESULT_READY`` or ``FAILED``.
        rows_read: profiles looked at so far.
        rows_to_read: profiles that will be looked at.
        rows_matched: of those, the ones in the audience.
        standard_error: of *size*, in profiles.
        confidence: the level of the interval that AEP reports, such as ``95%``.
        by_namespace: profiles reachable per namespace; one profile counts in several.
        error: what went wrong, if anything.
    """

    size: int | None
    total: int | None = None
    state: str = "RESULT_READY"
    rows_read: int | None = None
    rows_to_read: int | None = None
    rows_matched: int | None = None
    standard_error: float | None = None
    confidence: str | None = None
    by_namespace: Counts = field(default_factory=dict)
    error: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def share(self) -> float | None:
        """Part of all profiles, 0 to 1; None when either number is unknown or there are none."""
        if self.size is None or not self.total:
            return None
        return self.size / self.total

    @property
    def interval(self) -> tuple[int, int] | None:
        """Between which sizes the audience lies in 95 of 100 samples; None where that is unknown."""
        matched, read, total = self.rows_matched, self.rows_read, self.total
        if matched is None or not read or total is None:
            return None
        return wilson(matched, read, total) if 0 <= matched <= read <= total else None

    def __str__(self) -> str:
        if self.size is None:
            return f"unknown size ({self.state})"
        share = "" if self.share is None else f" = {self.share:.2%}"
        of = "" if self.total is None else f" of {self.total:,}"
        return f"{self.size:,}{of} profiles{share}{self._doubt()}"

    def __repr__(self) -> str:
        return f"<Estimate {cards.one_line(str(self), most=200)}>"

    def _repr_html_(self) -> str:
        return cards.estimate_card(self)

    def _doubt(self) -> str:
        low, high = self.interval or (0, 0)
        return f", between {low:,} and {high:,} at 95%" if low < high else ""
