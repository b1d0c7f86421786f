"""A listing of jobs: filters go in, handles come out while one iterates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from segtoolkit.client import paging
from segtoolkit.jobs import Job
from segtoolkit.models import JobRecord
from segtoolkit.wire import Page

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, repr=False)
class JobListing:
    """Jobs that match some filters, read while one iterates and afresh each time.

    Attributes:
        parameters: of the query.
        limit: most jobs to return; None for all.
    """

    parameters: Mapping[str, str]
    limit: int | None
    read_page: Callable[[str], Page[JobRecord]] = field(compare=False)
    handle_of: Callable[[JobRecord], Job] = field(compare=False)

    def __iter__(self) -> Iterator[Job]:
        return map(self.handle_of, self._records())

    def to_frame(self) -> DataFrame:
        """Read the listing and return one row per job."""
        # pandas takes half a second to load, which other listings need not pay.
        from segtoolkit import frames  # noqa: PLC0415

        return frames.jobs_frame(self._records())

    def _records(self) -> Iterator[JobRecord]:
        return paging.items(
            self.read_page, self.parameters, counter="start", limit=self.limit
        )

    def __repr__(self) -> str:
        filters = [f"{name}={value}" for name, value in self.parameters.items()]
        filters += [] if self.limit is None else [f"limit={self.limit}"]
        return f"<{' '.join(['JobListing', *filters])}: iterate, or .to_frame()>"
