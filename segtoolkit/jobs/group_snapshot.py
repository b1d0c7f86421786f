"""A group as last read: its members go in, attributes, frames and pictures come out; nothing asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from segtoolkit.cards import words
from segtoolkit.errors import SegtoolkitError
from segtoolkit.jobs.group_cards import group_card, problem_of
from segtoolkit.jobs.job import Job
from segtoolkit.jobs.members import Member, counted, summary

if TYPE_CHECKING:
    from pandas import DataFrame

_IDS_SHOWN = 100


class GroupSnapshot:
    """What the handle of several jobs knows without asking."""

    def __init__(self, members: Sequence[Member]) -> None:
        self._members = tuple(members)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs that were submitted."""
        return tuple(member.job for member in self._members if member.job is not None)

    @property
    def errors(self) -> Mapping[str, SegtoolkitError]:
        """Why segments have no job, by their ids, or a job could not be read, by its id."""
        return {m.name: m.error for m in self._members if m.error is not None}

    @property
    def to_submit(self) -> tuple[tuple[str, ...], ...]:
        """Segments that no job was submitted for yet."""
        return tuple(m.segment_ids for m in self._members if m.is_to_submit)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many are in which state: those of jobs, "to submit", "refused" and "unreadable"."""
        return counted(self._members)

    @property
    def fraction(self) -> float:
        """The part that has ended, however it ended, 0 to 1; 1 for no jobs at all."""
        ended = sum(member.has_ended for member in self._members)
        return ended / len(self._members) if self._members else 1.0

    @property
    def is_final(self) -> bool:
        return all(member.has_ended for member in self._members)

    @property
    def status(self) -> str:
        """How far the group is, such as ``66% of 3 jobs``."""
        return f"{int(self.fraction * 100)}% of {words.counted(len(self._members), 'job')}"

    def to_frame(self) -> DataFrame:
        """Return one row per job, and per segment that has none: see `frames.group_frame`."""
        # pandas takes half a second to load, which a script without frames need not pay.
        from segtoolkit import frames  # noqa: PLC0415

        return frames.group_frame(
            (m.segment_ids, m.job.record if m.job else None, problem_of(m))
            for m in self._members
        )

    def profiles(self) -> DataFrame:
        """Return one row per job and segment: its profiles and how they changed."""
        return self._grouped("profiles")

    def by_namespace(self) -> DataFrame:
        """Return one row per job, segment and identity namespace; namespaces overlap."""
        return self._grouped("by_namespace")

    def by_status(self) -> DataFrame:
        """Return one row per job, segment and membership status."""
        return self._grouped("by_status")

    def timing(self) -> DataFrame:
        """Return one row per job and phase."""
        return self._grouped("timing")

    def history(self) -> DataFrame:
        """Return one row per segment and job: see `frames.history_frame`."""
        from segtoolkit import frames  # noqa: PLC0415

        return frames.history_frame(job.record for job in self.jobs)

    def whereabouts(self) -> str:
        """Return how to come by the jobs that live on, should this handle be lost."""
        ids = [job.id for job in self.jobs if not job.is_final]
        more = f" and {len(ids) - _IDS_SHOWN} more" if len(ids) > _IDS_SHOWN else ""
        left = len(self.to_submit)
        return (
            f"{len(ids)} jobs live on{more and f' ({_IDS_SHOWN} named)'}, {left} are not submitted. "
            f"client.group({ids[:_IDS_SHOWN]!r}){more} finds the jobs again."
        )

    def _grouped(self, name: str) -> DataFrame:
        from segtoolkit import frames  # noqa: PLC0415

        return frames.grouped_frame(name, [job.record for job in self.jobs])

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Job]:
        return iter(self.jobs)

    def __getitem__(self, place: int) -> Job:
        return self.jobs[place]

    def __repr__(self) -> str:
        return f"<JobGroup {summary(self._members)}>"

    def _repr_html_(self) -> str:
        return group_card(self._members)
