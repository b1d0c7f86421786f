"""What a browser of jobs knows: filters go in, pages of jobs and the chosen ones come out.

Jobs are read as far as they are needed: newest first, page after page; in another order all that
match are read first, up to a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeAlias

from segtoolkit.errors import ConfigError, SegtoolkitError
from segtoolkit.jobs import Job
from segtoolkit.models import JobStatus

MOST_SORTED = 1_000
_UNKNOWN_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which jobs, and in what order.

    Attributes:
        status: of the jobs; empty for any.
        since: how long ago they were created at most, such as ``7d``; empty for whenever.
        segment: the id of a segment that they evaluate; empty for any.
        source: who asked for them, such as ``api``; empty for anybody.
        sort: one of `SORTS`.
    """

    status: str = ""
    since: str = ""
    segment: str = ""
    source: str = ""
    sort: str = "newest"

    def asked(self) -> dict[str, Any]:
        """Return the arguments of ``client.list``."""
        properties = []
        if self.segment:
            properties.append(f"segments~segmentId=={self.segment}")
        if self.source:
            properties.append(f"source=={self.source}")
        return {
            "status": self.status or None,
            "since": self.since or None,
            "property": properties or None,
        }


ListJobs: TypeAlias = Callable[..., Iterable[Job]]


def _profiles(job: Job) -> int:
    counts = job.metrics.segmented_profile_counter.values() if job.metrics else ()
    return sum(counts)


_Key: TypeAlias = Callable[[Job], Any]
# What jobs can be sorted by; None is the order in which they are listed.
SORTS: Mapping[str, _Key | None] = {
    "newest": None,
    "oldest": lambda job: job.created_at or _UNKNOWN_TIME,
    "longest": lambda job: -(job.elapsed or timedelta(0)),
    "largest": lambda job: -_profiles(job),
    "state": lambda job: list(JobStatus).index(job.status) if job.status.is_known else -1,
}


class BrowserState:
    """Jobs of a listing, page by page.

    Attributes:
        filters: those of the listing.
        page: the number of the page, from 0.
        chosen: the jobs that were selected, on whichever page, by id.
        news: what was done last.
        problem: what went wrong last.
    """

    def __init__(self, list_jobs: ListJobs, page_size: int) -> None:
        self.filters = Filters()
        self.page = 0
        self.page_size = page_size
        self.chosen: dict[str, Job] = {}
        self.news = ""
        self.problem = ""
        self._list_jobs = list_jobs
        self._read: list[Job] = []
        self._rest: Iterator[Job] = iter(())
        self._is_over = True

    def filter(self, filters: Filters) -> None:
        """List the jobs that match *filters*, from the first page.

        Raises:
            ConfigError: one of the filters is not usable.
        """
        if filters.sort not in SORTS:
            raise ConfigError(f"cannot sort by {filters.sort!r}; by {', '.join(SORTS)}")
        self.filters, self.page, self._read, self._is_over = filters, 0, [], False
        self.news = self.problem = ""
        self._rest = iter(self._list_jobs(**filters.asked()))
        self._fill()

    def turn(self, pages: int) -> None:
        """Go *pages* further, or back if negative; not beyond the ends."""
        self.page = max(self.page + pages, 0)
        self._fill()
        self.page = min(self.page, max(len(self._read) - 1, 0) // self.page_size)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs of the page."""
        start = self.page * self.page_size
        return tuple(self._read[start : start + self.page_size])

    @property
    def has_next(self) -> bool:
        # One job beyond the page was read to know this.
        return len(self._read) > (self.page + 1) * self.page_size

    @property
    def extent(self) -> str:
        """Which jobs the page has, of how many: such as ``jobs 1 to 10 of 34``, if that is known."""
        if not self._read:
            return self._nothing()
        first = self.page * self.page_size
        count = len(self._read)
        shown = f"jobs {first + 1:,} to {first + len(self.jobs):,}"
        if self._is_over:
            return f"{shown} of {count:,}"
        is_sorted = SORTS[self.filters.sort] is not None
        return f"{shown} of the newest {count:,}" if is_sorted else f"{shown}, and more"

    def _nothing(self) -> str:
        # A listing that broke off has told of no job, and not that there is none.
        if not self._is_over:
            return "jobs unknown"
        is_any = self.filters == Filters(sort=self.filters.sort)
        return "no jobs" if is_any else "no jobs match the filters"

    def choose(self, job: Job, *, is_chosen: bool) -> None:
        self.chosen.pop(job.id, None)
        if is_chosen:
            self.chosen[job.id] = job

    def pair(self) -> tuple[Job, Job]:
        """Return the two chosen jobs, the earlier one first.

        Raises:
            ConfigError: not exactly two are chosen.
        """
        if len(self.chosen) != 2:
            raise ConfigError(f"choose two jobs to compare; {len(self.chosen)} are chosen")
        one, other = sorted(
            self.chosen.values(), key=lambda job: job.created_at or _UNKNOWN_TIME
        )
        return one, other

    def _fill(self) -> None:
        key = SORTS[self.filters.sort]
        if key is not None:
            if not self._read:
                self._read = sorted(self._next(MOST_SORTED), key=key)
            return
        wanted = (self.page + 1) * self.page_size + 1
        self._read += self._next(wanted - len(self._read))

    def _next(self, most: int) -> list[Job]:
        if most <= 0 or self._is_over:
            return []
        try:
            found = list(islice(self._rest, most))
        except SegtoolkitError:
            # A listing that broke off cannot be read on; the next look begins anew.
            self._read, self._rest = [], iter(self._list_jobs(**self.filters.asked()))
            raise
        self._is_over = len(found) < most
        return found
