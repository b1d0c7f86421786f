"""What a succeeded job found: its record goes in, metrics and DataFrames come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segtoolkit import cards
from segtoolkit.models import JobMetrics, JobRecord

if TYPE_CHECKING:
    from pandas import DataFrame

# Frames are imported where they are made: pandas takes half a second to load, and a script
# that only reads numbers never needs it.


@dataclass(frozen=True, slots=True, repr=False)
class JobResult:
    """The outcome of a job that succeeded.

    Attributes:
        record: the job as it ended.
    """

    record: JobRecord

    @property
    def metrics(self) -> JobMetrics:
        """The published metrics; what the service did not say is None or absent."""
        return self.record.metrics or JobMetrics()

    def to_frame(self) -> DataFrame:
        """Return one row per segment: its profiles and how they changed."""
        from segtoolkit import frames  # noqa: PLC0415

        return frames.profiles_frame(self.record)

    def by_namespace(self) -> DataFrame:
        """Return one row per segment and identity namespace; namespaces overlap."""
        from segtoolkit import frames  # noqa: PLC0415

        return frames.by_namespace_frame(self.record)

    def by_status(self) -> DataFrame:
        """Return one row per segment and membership status."""
        from segtoolkit import frames  # noqa: PLC0415

        return frames.by_status_frame(self.record)

    def timing(self) -> DataFrame:
        """Return one row per phase of the job."""
        from segtoolkit import frames  # noqa: PLC0415

        return frames.timing_frame(self.record)

    def __repr__(self) -> str:
        return f"<{cards.result_line(self.record)}>"

    def _repr_html_(self) -> str:
        return cards.result_card(self.record)
