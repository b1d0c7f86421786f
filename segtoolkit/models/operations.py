"""What goes on around segment jobs: schedules, export jobs, and audiences as a sandbox lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from segtoolkit import cards
from segtoolkit.models.jobs import JobFault, JobStatus, TimeSpan
from segtoolkit.models.segmentation import Counts, Expression, Sandbox


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Schedule:
    """When segments are evaluated or exported by themselves. *raw* is the body it was read from.

    Attributes:
        id: of the schedule.
        name: of the schedule.
        state: ``active`` or ``inactive``; None if the service did not say.
        type: ``batch_segmentation`` or ``export``.
        cron: seconds, minutes, hours, day of month, month, day of week, in UTC; a Quartz expression.
        segment_ids: what it is about; ``*`` is everything.
    """

    id: str
    name: str = ""
    state: str | None = None
    type: str | None = None
    cron: str | None = None
    segment_ids: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    ims_org_id: str | None = None
    sandbox: Sandbox | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def is_active(self) -> bool:
        return self.state == "active"

    def __repr__(self) -> str:
        return f"<{cards.schedule_line(self)}>"

    def _repr_html_(self) -> str:
        return cards.schedule_card(self)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ExportedSegment(cards.Thing):
    """A segment of an export: its members in one of *statuses* are written."""

    segment_id: str
    namespace: str | None = "ups"
    statuses: tuple[str, ...] = ("realized",)

    def _line(self) -> str:
        return f"{self.segment_id}: {', '.join(self.statuses)}"

    def _known(self) -> Mapping[str, object]:
        return {"namespace": self.namespace} if self.namespace else {}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ExportMetrics(cards.Thing):
    """The published metrics of an export, under their published names in snake_case."""

    total_time: TimeSpan | None = None
    profile_export_time: TimeSpan | None = None
    dataset_write_time: TimeSpan | None = None
    total_exported_profile_counter: int | None = None
    exported_profile_by_namespace_counter: Counts = field(default_factory=dict)

    def _line(self) -> str:
        written = self.total_exported_profile_counter
        whole = "" if self.total_time is None else f" in {cards.span_text(self.total_time)}"
        return f"{cards.number_text(written)} profiles written{whole}"

    def _known(self) -> Mapping[str, object]:
        return dict(self.exported_profile_by_namespace_counter)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ExportJob:
    """A job that writes profiles to a dataset. *raw* is the body it was read from.

    Attributes:
        id: of the job; a number, kept as text like every other id.
        segments: whose members are written; none writes everybody.
        fields: what is written of a profile, by dotted path; none writes all.
        dataset_id: where to; on the local road the folder of that name.
        batch_ids: what it wrote there.
        segment_per_batch: whether each segment has a batch of its own.
        evaluates_first: whether the segments were evaluated before.
    """

    id: str
    status: JobStatus
    job_type: str | None = None
    segments: tuple[ExportedSegment, ...] = ()
    fields: tuple[str, ...] = ()
    dataset_id: str | None = None
    batch_ids: tuple[str, ...] = ()
    segment_per_batch: bool | None = None
    evaluates_first: bool | None = None
    merge_policy_id: str | None = None
    merge_policy_version: int | None = None
    metrics: ExportMetrics | None = None
    errors: tuple[JobFault, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    request_id: str | None = None
    schema_name: str | None = None
    profile_instance_id: str | None = None
    ims_org_id: str | None = None
    sandbox: Sandbox | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"<{cards.export_line(self)}>"

    def _repr_html_(self) -> str:
        return cards.export_card(self)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AudienceRecord:
    """An audience as a sandbox lists it, made there or brought from elsewhere.

    Attributes:
        id: what paths want.
        audience_id: what segments refer to; the same for an audience made on the platform.
        type: ``SegmentDefinition`` or ``ExternalSegment``.
        lifecycle: ``draft``, ``published``, ``inactive`` or ``archived``.
        job_id: of the run that counted it last.
        total_profiles: as that run counted them.
    """

    id: str
    audience_id: str | None = None
    name: str = ""
    description: str | None = None
    namespace: str | None = None
    type: str | None = None
    lifecycle: str | None = None
    expression: Expression | None = None
    merge_policy_id: str | None = None
    origin_name: str | None = None
    job_id: str | None = None
    total_profiles: int | None = None
    total_profiles_by_namespace: Counts = field(default_factory=dict)
    total_profiles_by_status: Counts = field(default_factory=dict)
    counted_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    schema_name: str | None = None
    ims_org_id: str | None = None
    sandbox: Sandbox | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"<{cards.audience_line(self)}>"

    def _repr_html_(self) -> str:
        return cards.audience_card(self)
