"""What is known of the jobs that are waited for, and when to look again; answers and times go in."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TypeAlias

from segtoolkit.errors import APIError, TransportError
from segtoolkit.jobs.polling import PASSING, Outage, Polling, drawn
from segtoolkit.models import JobRecord

Failure: TypeAlias = APIError | TransportError
Answer: TypeAlias = JobRecord | Failure

# Sums of floats: what is due in so few seconds is due.
SOON_S = 1e-6


@dataclass(slots=True)
class Sight:
    """What is known of a job that somebody waits for.

    Attributes:
        record: as last read; until then, as it was when the waiting began.
        error: why the last look failed; None if it did not.
        is_unreadable: looking has failed for longer than is borne.
        looks: how many there were.
        looked_at_s: when the last one began.
        urgent_at_s: when it is to be looked at besides the common looks.
        waiting: how many callers wait for it.
    """

    record: JobRecord
    outage: Outage
    error: Failure | None = None
    is_unreadable: bool = False
    looks: int = 0
    looked_at_s: float = -math.inf
    urgent_at_s: float = math.inf
    waiting: int = 0

    @property
    def is_lost(self) -> bool:
        """Whether the service's last word is that it will not tell."""
        return self.error is not None and not isinstance(self.error, PASSING)

    @property
    def is_settled(self) -> bool:
        return self.record.status.is_final or self.is_lost or self.is_unreadable

    def note(self, answer: Answer, began_s: float, now_s: float) -> bool:
        """Take in *answer*, which was asked for at *began_s*; tell whether an outage begins."""
        self.looks += 1
        self.looked_at_s, self.urgent_at_s = began_s, math.inf
        self.error = None if isinstance(answer, JobRecord) else answer
        begins = self.outage.note(self.error, now_s)
        self.is_unreadable = self.outage.is_too_long
        if isinstance(answer, JobRecord):
            self.record = _completed(answer, self.record)
        return begins and not self.is_lost


@dataclass(slots=True)
class Pace:
    """When the next common look is due.

    Attributes:
        due_at_s: then.
        not_before_s: until when the service asked to be left alone.
        quiet: looks without news so far.
    """

    polling: Polling
    due_at_s: float = math.inf
    not_before_s: float = -math.inf
    quiet: int = 0

    def hurry(self, now_s: float) -> None:
        """Look soon, as something happened."""
        self.quiet = 0
        soon = max(now_s + drawn(self.polling, 0), self.not_before_s)
        self.due_at_s = min(self.due_at_s, soon)

    def slow(self, now_s: float, asked_s: float) -> None:
        self.not_before_s = max(self.not_before_s, now_s + asked_s)
        self.due_at_s = max(self.due_at_s, self.not_before_s)

    def after_look(self, now_s: float, *, is_news: bool, requests: int) -> None:
        self.quiet = 0 if is_news else self.quiet + 1
        # Many jobs take several requests, and those shall not come faster than for one job.
        least = requests * self.polling.first if requests > 1 else 0.0
        self.due_at_s = now_s + max(drawn(self.polling, self.quiet), least)


def _completed(record: JobRecord, earlier: JobRecord) -> JobRecord:
    """Return *record* with what it does not say, and an earlier answer did; its id is the one asked."""
    known = {
        f.name: getattr(earlier, f.name)
        for f in fields(JobRecord)
        # How far a job is was true of that moment only.
        if f.compare and f.name != "progress" and getattr(record, f.name) in (None, (), {})
    }
    return replace(record, **known, id=earlier.id)
