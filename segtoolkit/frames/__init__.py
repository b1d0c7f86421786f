"""Models in, DataFrames out: the one place of column names and dtypes.

Every frame is built through its entry in ``SCHEMAS``, also when it has no rows, so that a
notebook sees the same columns and dtypes on every day. What the service did not say is
``<NA>`` or ``NaT``, never 0. Times are UTC, cut to milliseconds.
"""

from segtoolkit.frames.audiences import (
    audiences_frame,
    identities_frame,
    members_frame,
    overlap_frame,
    pairs_frame,
)
from segtoolkit.frames.comparing import comparison_frame
from segtoolkit.frames.groups import group_frame, grouped_frame
from segtoolkit.frames.history import history_frame
from segtoolkit.frames.jobs import (
    by_namespace_frame,
    by_status_frame,
    jobs_frame,
    profiles_frame,
    timing_frame,
)
from segtoolkit.frames.reach import reach_frame
from segtoolkit.frames.schemas import SCHEMAS

__all__ = [
    "SCHEMAS",
    "audiences_frame",
    "by_namespace_frame",
    "by_status_frame",
    "comparison_frame",
    "group_frame",
    "grouped_frame",
    "history_frame",
    "identities_frame",
    "jobs_frame",
    "members_frame",
    "overlap_frame",
    "pairs_frame",
    "profiles_frame",
    "reach_frame",
    "timing_frame",
]
