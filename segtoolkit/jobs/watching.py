"""Wait for jobs: records go in, what was seen of them comes out, look after look."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Self

from segtoolkit.jobs.poller import Poller
from segtoolkit.jobs.polling import TICK_S
from segtoolkit.jobs.sights import SOON_S, Sight
from segtoolkit.models import JobRecord


class Watch:
    """The wait of one caller, for any number of jobs; leaving it as a context ends it."""

    def __init__(
        self,
        poller: Poller,
        timeout_s: float = math.inf,
        on_tick: Callable[[], object] = lambda: None,
    ) -> None:
        """Wait *timeout_s* seconds at most; *on_tick* is called about every second."""
        self._poller = poller
        self._deadline_s = poller.clock.monotonic() + timeout_s
        self._on_tick = on_tick
        self._taken: dict[str, int] = {}

    def add(self, record: JobRecord, *, is_stale: bool) -> None:
        """Wait for *record*'s job too; one that *is_stale*, read long ago, is looked at first."""
        if record.id not in self._taken:
            self._taken[record.id] = self._poller.join(record, is_stale=is_stale)

    def news(self, until_s: float = math.inf) -> list[Sight] | None:
        """Wait for a look at any of the jobs, and return what was seen; settled jobs leave.

        Returns:
            nothing when the clock shows *until_s*; None when the time is up, after a last look.
        """
        while True:
            if seen := self._poller.news(self._taken):
                self._take(seen)
                return seen
            now_s = self._poller.clock.monotonic()
            if is_late := now_s >= self._deadline_s - SOON_S:
                if self._poller.is_looked_at(self._taken, self._deadline_s):
                    return None
            elif now_s >= until_s - SOON_S:
                return []
            if self._poller.read_if_due():
                continue
            if not self._poller.is_reading:
                self._rest(until_s)
            elif not self._poller.wait_for_reader():
                self._on_tick()
                if is_late:
                    return None

    def _take(self, seen: Sequence[Sight]) -> None:
        for sight in seen:
            if sight.is_settled:
                del self._taken[sight.record.id]
                self._poller.leave(sight.record.id)
            else:
                self._taken[sight.record.id] = sight.looks

    def _rest(self, until_s: float) -> None:
        clock = self._poller.clock
        ends_in_s = min(self._deadline_s, until_s) - clock.monotonic()
        pause_s = min(self._poller.due_in_s(), ends_in_s)
        if pause_s > 0:
            clock.sleep(min(pause_s, TICK_S))
        if pause_s > TICK_S:
            self._on_tick()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for job_id in self._taken:
            self._poller.leave(job_id)
        self._taken.clear()
