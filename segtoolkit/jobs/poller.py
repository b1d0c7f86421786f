"""One reader for all who wait: jobs go in, what became of them comes out, at one pace for a client.

There is no thread. Of those who wait, the first to find a look due reads for all, a hundred jobs a
request, and the others take what it read. When nobody waits, nothing is read.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from segtoolkit.cards import Thing, counted
from segtoolkit.jobs.polling import TICK_S, Clock, Outage, Polling, asked_pause
from segtoolkit.jobs.reading import MOST_IDS, ReadCalls, answers
from segtoolkit.jobs.sights import SOON_S, Answer, Pace, Sight
from segtoolkit.models import JobRecord

_log = logging.getLogger("segtoolkit")


class Poller(Thing):
    """Reads all jobs that are waited for, in any number of threads; a client has one."""

    def __init__(self, calls: ReadCalls, *, polling: Polling, clock: Clock) -> None:
        self.polling = polling
        self.clock = clock
        self._calls = calls
        self._changed = threading.Condition()
        self._sights: dict[str, Sight] = {}
        self._pace = Pace(polling)
        self._is_reading = False

    def _line(self) -> str:
        return f"waiting for {counted(len(self._sights), 'job')}"

    def hurry(self) -> None:
        """Look soon: somebody did something to a job."""
        with self._changed:
            if self._sights:
                self._pace.hurry(self.clock.monotonic())

    def join(self, record: JobRecord, *, is_stale: bool) -> int:
        """Have *record*'s job looked at, at once if it *is_stale*; return how many looks are no news."""
        with self._changed:
            now_s = self.clock.monotonic()
            if not self._sights:
                self._pace.due_at_s = math.inf
            sight = self._sights.setdefault(
                record.id, Sight(record, Outage(self.polling.grace))
            )
            sight.waiting += 1
            self._pace.hurry(now_s)
            if is_stale:
                sight.urgent_at_s = max(now_s, self._pace.not_before_s)
            return sight.looks - 1 if sight.is_settled else sight.looks

    def leave(self, job_id: str) -> None:
        with self._changed:
            sight = self._sights[job_id]
            sight.waiting -= 1
            if not sight.waiting:
                del self._sights[job_id]

    def news(self, taken: Mapping[str, int]) -> list[Sight]:
        """Return what was seen since *taken*, the number of looks by job."""
        with self._changed:
            return [
                replace(sight, outage=replace(sight.outage))
                for job_id, looks in taken.items()
                if (sight := self._sights[job_id]).looks > looks
            ]

    def is_looked_at(self, job_ids: Mapping[str, int], at_s: float) -> bool:
        """Tell whether all were looked at then or later; have the others looked at now."""
        with self._changed:
            missed = [
                sight
                for job_id in job_ids
                if (sight := self._sights[job_id]).looked_at_s < at_s - SOON_S
            ]
            for sight in missed:
                sight.urgent_at_s = min(sight.urgent_at_s, at_s)
            return not missed

    def read_if_due(self) -> bool:
        """Read what is due, for all who wait; False if nothing is, or somebody does already."""
        began_s, is_common = self.clock.monotonic(), False
        chosen: list[Sight] = []
        found: dict[str, Answer] = {}
        try:
            with self._changed:
                is_common = self._pace.due_at_s <= began_s + SOON_S
                if not self._is_reading:
                    chosen = self._chosen(began_s, everyone=is_common)
                    self._is_reading = bool(chosen)
            for said in answers(self._calls, [sight.record.id for sight in chosen]):
                found |= said
        finally:
            # What was read before an interrupt is not lost, and the next one reads the rest.
            if chosen:
                self._note(chosen, found, began_s, is_common=is_common)
        return bool(chosen)

    def wait_for_reader(self) -> bool:
        """Wait a second at most for whoever reads; tell whether that has ended."""
        with self._changed:
            return not self._is_reading or self._changed.wait(TICK_S)

    @property
    def is_reading(self) -> bool:
        return self._is_reading

    def due_in_s(self) -> float:
        """Return in how many seconds something is to be read."""
        with self._changed:
            urgent = [s.urgent_at_s for s in self._sights.values() if not s.is_settled]
            due_at_s = min(self._pace.due_at_s, *urgent) if urgent else math.inf
        return max(due_at_s - self.clock.monotonic(), 0.0)

    def _chosen(self, now_s: float, *, everyone: bool) -> list[Sight]:
        return [
            sight
            for sight in self._sights.values()
            if not sight.is_settled and (everyone or sight.urgent_at_s <= now_s + SOON_S)
        ]

    def _note(
        self,
        chosen: Sequence[Sight],
        found: Mapping[str, Answer],
        began_s: float,
        *,
        is_common: bool,
    ) -> None:
        now_s, outages = self.clock.monotonic(), list[Answer]()
        with self._changed:
            try:
                before = [sight.record.status for sight in chosen]
                outages += (
                    answer
                    for sight in chosen
                    if (answer := found.get(sight.record.id)) is not None
                    and sight.note(answer, began_s, now_s)
                )
                is_news = before != [sight.record.status for sight in chosen]
                if is_common and found:
                    requests = math.ceil(len(chosen) / MOST_IDS)
                    self._pace.after_look(now_s, is_news=is_news, requests=requests)
                elif is_news:
                    self._pace.hurry(now_s)
                self._pace.slow(now_s, max(map(asked_pause, found.values()), default=0.0))
            finally:
                # Whatever interrupts this, the others must not wait for a reader that is gone.
                self._is_reading = False
                self._changed.notify_all()
        if outages:
            # One line, however many jobs it is about.
            _log.warning(
                "Reading failed, trying on for %g s: %s", self.polling.grace, outages[0]
            )
