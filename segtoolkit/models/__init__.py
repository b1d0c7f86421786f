"""The vocabulary: jobs, metrics, definitions, estimates and what is around them, as frozen values.

Times are aware UTC datetimes, durations are timedeltas; milliseconds and camelCase exist
only in `wire`. ``None`` means that the service did not say; it is never a zero.
"""

from __future__ import annotations

from segtoolkit.models.jobs import (
    JobFault,
    JobMetrics,
    JobProgress,
    JobRecord,
    JobSegment,
    JobStatus,
    TimeSpan,
)
from segtoolkit.models.operations import (
    AudienceRecord,
    ExportedSegment,
    ExportJob,
    ExportMetrics,
    Schedule,
)
from segtoolkit.models.segmentation import (
    AttributeMerge,
    Counts,
    Estimate,
    Expression,
    IdentityGraph,
    MergePolicy,
    Sandbox,
    SegmentDefinition,
)

__all__ = [
    "AttributeMerge",
    "AudienceRecord",
    "Counts",
    "Estimate",
    "ExportJob",
    "ExportMetrics",
    "ExportedSegment",
    "Expression",
    "IdentityGraph",
    "JobFault",
    "JobMetrics",
    "JobProgress",
    "JobRecord",
    "JobSegment",
    "JobStatus",
    "MergePolicy",
    "Sandbox",
    "Schedule",
    "SegmentDefinition",
    "TimeSpan",
]
