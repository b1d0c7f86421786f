"""A listing of jobs: filters go in, handles come out while one iterates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import merge
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from segtoolkit import cards
from segtoolkit.client import paging
from segtoolkit.client.filters import JobFilters
from segtoolkit.client.paging import Query
from segtoolkit.jobs import Job, JobGroup
from segtoolkit.models import JobRecord
from segtoolkit.wire import Page

if TYPE_CHECKING:
    from pandas import DataFrame

# What several listings can be merged by: the attribute on the wire, and the time it is here.
_TIMES: dict[str, Callable[[JobRecord], datetime | None]] = {
    "creationTime": lambda record: record.created_at,
    "updateTime": lambda record: record.updated_at,
}
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, repr=False)
class JobListing:
    """Jobs that match some filters, read while one iterates and afresh each time."""

    filters: JobFilters
    read_page: Callable[[str], Page[JobRecord]] = field(compare=False)
    handle_of: Callable[[JobRecord], Job] = field(compare=False)
    group_of: Callable[[Iterable[Job]], JobGroup] = field(compare=False)

    def __iter__(self) -> Iterator[Job]:
        return map(self.handle_of, self.records())

    def group(self) -> JobGroup:
        """Read the listing and return a handle of all its jobs."""
        return self.group_of(self)

    def to_frame(self) -> DataFrame:
        """Read the listing and return one row per job."""
        # pandas takes half a second to load, which other listings need not pay.
        from segtoolkit import frames  # noqa: PLC0415

        return frames.jobs_frame(self.records())

    def history(self) -> DataFrame:
        """Read the listing and return one row per segment and job: see `frames.history_frame`."""
        from segtoolkit import frames  # noqa: PLC0415

        return frames.history_frame(self.records())

    def records(self) -> Iterator[JobRecord]:
        """Read the jobs as they are listed, without handles."""
        streams = [self._stream(query) for query in self.filters.queries]
        wanted = filter(self.filters.keeps, _distinct(_merged(streams, self.filters.sort)))
        return islice(wanted, self.filters.limit)

    def _stream(self, query: Query) -> Iterator[JobRecord]:
        limit = self.filters.limit_of_service
        records = paging.items(self.read_page, query, counter="start", limit=limit)
        return takewhile(lambda record: not self.filters.is_past(record), records)

    def __repr__(self) -> str:
        return f"<JobListing {self.filters}: iterate, or .to_frame()>"

    def _repr_html_(self) -> str:
        # What is listed is read afresh each time; a card that reads would be slow, and old at once.
        note = cards.faint("read when it is iterated: .to_frame(), .history(), .group()")
        return cards.thing_card("", "Listing of jobs", self.filters.given, note)


def _merged(streams: list[Iterator[JobRecord]], sort: str) -> Iterator[JobRecord]:
    """Return the records of *streams*, of which each is sorted, sorted as a whole where it can be."""
    attribute, _, way = sort.partition(":")
    time_of = _TIMES.get(attribute)
    if len(streams) == 1 or time_of is None:
        return (record for stream in streams for record in stream)
    key = lambda record: time_of(record) or _NEVER  # noqa: E731 - of one caller
    return merge(*streams, key=key, reverse=way == "desc")


def _distinct(records: Iterable[JobRecord]) -> Iterator[JobRecord]:
    seen: set[str] = set()
    for record in records:
        if record.id not in seen:
            seen.add(record.id)
            yield record
