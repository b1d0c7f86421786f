"""What a monitor knows: a group of jobs goes in; when to look, what was seen and what is asked come out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from segtoolkit import warned
from segtoolkit.cards import duration_text
from segtoolkit.errors import APIError, ConfigError
from segtoolkit.jobs import Clock, Job, JobGroup, JobResult
from segtoolkit.models import JobStatus

TICK_S = 1.0
_QUICKEST_S = 0.5
_ROWS = 20
_TROUBLE = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})


class MonitorState:
    """Jobs as last read, and what the user is about to do with them.

    Attributes:
        group: the jobs.
        selected: the id of the job that the buttons are about; None if there is none.
        asked: the id of the job whose cancellation is to be confirmed.
        opened: the job whose outcome is shown.
        news: what was done last.
        problem: what went wrong last.
    """

    def __init__(self, group: JobGroup, clock: Clock, most_s: float) -> None:
        """Look at *group* for *most_s* seconds at most."""
        self.group = group
        # One that runs is more likely to be cancelled than one that ended is to be opened.
        active_first = sorted(group.jobs, key=lambda job: job.is_final)
        self.selected = next((job.id for job in active_first), None)
        self.asked: str | None = None
        self.opened: Job | None = None
        self.news = ""
        self.problem = ""
        self._clock = clock
        self._most_s = most_s
        self._quiet = 0
        self.begin()

    def begin(self) -> None:
        """Look from now on."""
        self._ends_at_s = self._clock.monotonic() + self._most_s
        self.hurry()

    def hurry(self) -> None:
        """Look at the next tick."""
        self._due_at_s = self._clock.monotonic()
        self._quiet = 0

    def tick(self) -> float | None:
        """Read the jobs if that is due, once for all; return seconds to the next tick, None at the end."""
        now_s = self._clock.monotonic()
        if now_s >= self._due_at_s and not self.group.is_final:
            self._look()
        if self.group.is_final:
            return None
        if now_s >= self._ends_at_s:
            lasted = duration_text(timedelta(seconds=self._most_s))
            self.news = f"stopped looking after {lasted}; the jobs live on"
            return None
        return TICK_S

    def _look(self) -> None:
        before = [job.status for job in self.group.jobs]
        with warned.kept() as notes:
            self.group.refresh()
        self.news = notes[-1] if notes else self.news
        failure = self.group.last_failure
        self.problem = "" if failure is None else f"could not be read: {failure}"
        is_news = before != [job.status for job in self.group.jobs]
        self._quiet = 0 if is_news else self._quiet + 1
        asked_s = (failure.retry_after if isinstance(failure, APIError) else None) or 0.0
        pause_s = max(self.group.polling.pause(self._quiet), _QUICKEST_S, asked_s)
        self._due_at_s = self._clock.monotonic() + pause_s

    def job(self, job_id: str | None = None) -> Job:
        """Return the job of that id, or the selected one.

        Raises:
            ConfigError: it is not watched here.
        """
        wanted = self.selected if job_id is None else job_id
        found = next((job for job in self.group.jobs if job.id == wanted), None)
        if found is None:
            raise ConfigError(f"no job {wanted!r} is watched here; see .group.jobs")
        return found

    def select(self, job_id: str) -> None:
        self.selected, self.asked = self.job(job_id).id, None

    def ask_to_cancel(self, job_id: str | None = None) -> None:
        """Have the cancellation of a job confirmed, if it has not ended."""
        job = self.job(job_id)
        self.asked = None if job.is_final else job.id

    def keep(self) -> None:
        """Let the job live on whose cancellation was to be confirmed."""
        self.asked = None

    def cancel(self, job_id: str | None = None) -> bool:
        """Cancel a job; False if it has ended."""
        job = self.job(job_id)
        self.asked = None
        accepted = job.cancel()
        says = "is being cancelled" if accepted else f"has ended already: {job.status}"
        self.news = f"job {job.id} {says}"
        self.hurry()
        return accepted

    def open(self, job_id: str | None = None) -> JobResult:
        """Return what a job found, and show it, or why it found nothing.

        Raises:
            ConfigError: it has not ended.
            JobFailed, JobCancelled: it ended so.
        """
        job = self.job(job_id)
        if not job.is_final:
            raise ConfigError(
                f"job {job.id} is {job.status} and has found nothing yet; open it when it has ended"
            )
        self.opened = job
        return job.result()

    def rows(self) -> Sequence[Job]:
        """Return the jobs to list, in their order: all, or of many those with most to tell."""
        jobs = self.group.jobs
        if len(jobs) <= _ROWS:
            return jobs
        told = sorted(jobs, key=lambda job: (*self._interest(job), job.is_final))
        shown = set(told[:_ROWS])
        return [job for job in jobs if job in shown]

    def _interest(self, job: Job) -> tuple[bool, bool]:
        # The selected one has to be among those that can be selected.
        return job.id != self.selected, job.status not in _TROUBLE
