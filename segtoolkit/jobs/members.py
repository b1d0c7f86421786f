"""The parts of a group: segments, the job that was made of them, and what went wrong with either."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from segtoolkit.cards import words
from segtoolkit.errors import SegtoolkitError
from segtoolkit.jobs.job import Job
from segtoolkit.models import JobStatus

TO_SUBMIT, REFUSED, UNREADABLE = "to submit", "refused", "unreadable"

_STATES = (TO_SUBMIT, *(str(status) for status in JobStatus), UNREADABLE, REFUSED)


@dataclass(slots=True)
class Member:
    """One job of a group, or the segments that one is to be made of.

    Attributes:
        segment_ids: what it evaluates.
        job: its handle; None until it is submitted.
        error: why there is no job, or why it could not be read.
    """

    segment_ids: tuple[str, ...]
    job: Job | None = None
    error: SegtoolkitError | None = None

    @property
    def name(self) -> str:
        """The id of the job, or else its segments."""
        return self.job.id if self.job else ", ".join(self.segment_ids)

    @property
    def is_to_submit(self) -> bool:
        return self.job is None and self.error is None

    @property
    def has_ended(self) -> bool:
        is_final = self.job is not None and self.job.is_final
        return is_final or self.error is not None

    @property
    def is_active(self) -> bool:
        return self.job is not None and not self.has_ended

    @property
    def has_failed(self) -> bool:
        return self.has_ended and self.state != JobStatus.SUCCEEDED

    @property
    def state(self) -> str:
        if self.job is None:
            return TO_SUBMIT if self.error is None else REFUSED
        return UNREADABLE if self.error and not self.job.is_final else self.job.status

    def forget_failure(self) -> None:
        """Wait again for a job that could not be read."""
        if self.job is not None:
            self.error = None

    def failure(self) -> SegtoolkitError | None:
        """Return what is wrong with it, now that it has ended; None if nothing is."""
        if self.error is not None:
            # Whoever raises it adds a traceback to it.
            return copy(self.error)
        return None if self.job is None else self.job.exception()


def counted(members: Sequence[Member]) -> Mapping[str, int]:
    """Return how many *members* are in which state, in the order of a job's life.

    >>> dict(counted([Member(("gold",)), Member(("lapsed",))]))
    {'to submit': 2}
    """
    counts = Counter(str(member.state) for member in members)
    order = dict.fromkeys([*_STATES[:-2], *counts, *_STATES[-2:]])
    return {state: counts[state] for state in order if counts[state]}


def tone(states: Iterable[str], *, is_final: bool) -> JobStatus:
    """Return the state whose colour tells of several: the worst, once there is one."""
    found = set(states)
    if found & {JobStatus.FAILED, REFUSED, UNREADABLE}:
        return JobStatus.FAILED
    if JobStatus.CANCELLED in found:
        return JobStatus.CANCELLED
    return JobStatus.SUCCEEDED if is_final else JobStatus.PROCESSING


def summary(members: Sequence[Member]) -> str:
    """Return such as ``3 jobs · 2 SUCCEEDED · 1 QUEUED · 66%``."""
    number = len(members)
    states = [f"{count:,} {state}" for state, count in counted(members).items()]
    ended = sum(member.has_ended for member in members)
    percent = [f"{ended * 100 // number}%"] if number else []
    return " · ".join([words.counted(number, "job"), *states, *percent])
