"""The handle of many jobs: they, or segments still to be submitted, go in, verbs for all come out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from segtoolkit import interrupted
from segtoolkit.errors import ConfigError, GroupTimeout, SegtoolkitError
from segtoolkit.jobs import awaiting
from segtoolkit.jobs.group_snapshot import GroupSnapshot
from segtoolkit.jobs.interrupts import OnInterrupt, told_how_it_ends
from segtoolkit.jobs.job import Job
from segtoolkit.jobs.members import Member, summary
from segtoolkit.jobs.poller import Poller
from segtoolkit.jobs.polling import PASSING, Polling, SystemClock, Timeout, seconds_of
from segtoolkit.jobs.queue import Queue, Submit
from segtoolkit.jobs.result import JobResult
from segtoolkit.jobs.sights import Failure, Sight
from segtoolkit.jobs.snapshot import FRESH_S
from segtoolkit.jobs.unconnected import NoCalls
from segtoolkit.jobs.watching import Watch
from segtoolkit.models import JobStatus
from segtoolkit.progress import Progress, ProgressChoice, choose, for_calls

if TYPE_CHECKING:
    from segtoolkit.widgets import JobMonitor

ReturnWhen = Literal["all", "any", "first_error"]

_ENOUGH: Mapping[str, Callable[[Sequence[Member]], bool]] = {
    "all": lambda members: all(member.has_ended for member in members),
    "any": lambda members: any(member.has_ended for member in members),
    "first_error": lambda members: any(member.has_failed for member in members),
}


class JobGroup(GroupSnapshot):
    """Several jobs, in the order in which they were given; attributes and reprs never ask.

    What is wrong with one job does not end the wait for the others: it is in `errors`. Segments
    that are not submitted yet, as there is a bound to active jobs, are submitted while somebody
    waits: nothing is started behind anybody's back.

    Attributes:
        last_failure: why a job could not be read when they were last looked at; None if all could.
    """

    def __init__(
        self,
        members: Sequence[Member],
        poller: Poller,
        *,
        submit: Submit | None = None,
        max_active: int | None = None,
        progress: ProgressChoice = None,
    ) -> None:
        super().__init__(members)
        self._poller = poller
        self._queue = Queue(self._members, poller, submit, max_active)
        self._progress = progress
        self.last_failure: Failure | None = None

    @property
    def polling(self) -> Polling:
        """How often waiting looks."""
        return self._poller.polling

    def refresh(self) -> Self:
        """Read all jobs that have not ended, a hundred per request."""
        with Watch(self._poller, 0.0) as watch:
            self._add_to(watch)
            self._take(watch.news() or [])
        return self

    def wait(
        self,
        timeout: Timeout = None,
        *,
        return_when: ReturnWhen = "all",
        progress: ProgressChoice = None,
        on_interrupt: OnInterrupt = "detach",
    ) -> Self:
        """Wait for jobs to end, however they end.

        Args:
            timeout: seconds, a timedelta or such as "30m"; None waits for ever.
            return_when: "all" have ended, "any" has, or "first_error": one has failed, or all
                have ended.
            progress: see `segtoolkit.progress.choose`; None takes the client's.
            on_interrupt: what Ctrl-C or ■ does besides ending the wait: "detach" lets the jobs
                live on, "cancel" cancels them.

        Raises:
            GroupTimeout: it has not come to that in time; the jobs live on.
        """
        if return_when not in _ENOUGH:
            known = ", ".join(f'"{name}"' for name in _ENOUGH)
            raise ConfigError(f"no return_when {return_when!r}; it is one of {known}")
        with closing(self._rounds(timeout, progress, on_interrupt)) as rounds:
            for _ in rounds:
                if _ENOUGH[return_when](self._members):
                    break
        return self

    def as_completed(
        self, timeout: Timeout = None, *, progress: ProgressChoice = None
    ) -> Iterator[Job]:
        """Yield each job when it has ended, however it ended; nothing is read in between.

        Raises:
            GroupTimeout: some have not ended in time.
        """
        told: set[str] = set()
        with closing(self._rounds(timeout, progress, "detach")) as rounds:
            for _ in rounds:
                ended = [job for job in self.jobs if job.is_final and job.id not in told]
                told |= {job.id for job in ended}
                yield from ended

    def __aiter__(self) -> AsyncIterator[Job]:
        """Yield jobs as `as_completed` does, while the event loop goes on."""
        return awaiting.outcomes_of(
            lambda shown: self.as_completed(progress=shown),
            choose(self._progress),
            self,
            lambda: f"Stopped waiting; {self.whereabouts()}",
        )

    @overload
    def results(
        self,
        timeout: Timeout = ...,
        *,
        errors: Literal["raise", "skip"] = ...,
        progress: ProgressChoice = ...,
    ) -> list[JobResult]: ...
    @overload
    def results(
        self,
        timeout: Timeout = ...,
        *,
        errors: Literal["return"],
        progress: ProgressChoice = ...,
    ) -> list[JobResult | SegtoolkitError]: ...
    def results(
        self,
        timeout: Timeout = None,
        *,
        errors: Literal["raise", "return", "skip"] = "raise",
        progress: ProgressChoice = None,
    ) -> list[JobResult] | list[JobResult | SegtoolkitError]:
        """Wait for all jobs and return what they found, in their order.

        Args:
            timeout: as for `wait`.
            errors: "raise" what is first wrong, as soon as it is, while the other jobs live on;
                "return" errors in place of results; or "skip" them.
            progress: as for `wait`.

        Raises:
            GroupTimeout: some have not ended in time.
            JobFailed, JobCancelled: a job ended so, and *errors* is "raise".
        """
        if errors not in {"raise", "return", "skip"}:
            raise ConfigError(
                f'no errors {errors!r}; it is one of "raise", "return", "skip"'
            )
        enough: ReturnWhen = "first_error" if errors == "raise" else "all"
        self.wait(timeout, return_when=enough, progress=progress)
        failures = {
            member.name: failure
            for member in self._members
            if member.has_ended and (failure := member.failure())
        }
        if errors == "raise" and failures:
            raise next(iter(failures.values()))
        found = {job.id: job.result() for job in self.jobs if job.id not in failures}
        if errors == "skip":
            return list(found.values())
        return [found.get(m.name) or failures[m.name] for m in self._members]

    def cancel(self) -> int:
        """Submit nothing more, and ask for every job that has not ended to be cancelled.

        Returns:
            how many jobs that was accepted for; it takes effect a little later.

        Raises:
            APIError, TransportError: some could not be asked for; all others were.
        """
        self._queue.empty()
        self._refresh_if_possible()
        accepted, failures = 0, list[SegtoolkitError]()
        for member in self._members:
            if member.job is None or member.job.is_final:
                continue
            try:
                accepted += self._cancelled(member.job)
            except SegtoolkitError as error:
                failures.append(error)
        self._refresh_if_possible()
        if failures:
            failures[0].add_note(f"{len(failures)} jobs could not be cancelled")
            raise failures[0]
        return accepted

    def watch(self) -> JobMonitor:
        """Return a live view of the jobs, which does not keep the notebook from going on."""
        from segtoolkit.widgets import JobMonitor  # noqa: PLC0415 - ipywidgets takes a while

        return JobMonitor(self)

    def begin(self) -> JobGroup:
        """Submit as many as may be active, and show it if that takes long; waiting does so as well."""
        shown = for_calls(None, self._progress)
        try:
            self._queue.submit_more(lambda: shown.tick(self))
        except KeyboardInterrupt as interrupt:
            interrupted.note(interrupt, self.whereabouts())
            shown.leave(self, "stopped submitting")
            raise
        finally:
            shown.close()
        return self

    def _rounds(
        self, timeout: Timeout, progress: ProgressChoice, on_interrupt: OnInterrupt
    ) -> Generator[None]:
        """Yield at first, and whenever something may have changed, until all have ended."""
        timeout_s = seconds_of(timeout)
        shown = choose(self._progress if progress is None else progress)
        with told_how_it_ends(
            self, shown, lambda by: self._give_up(by, shown, on_interrupt)
        ):
            yield from self._looks(timeout_s, shown)

    def _looks(self, timeout_s: float, shown: Progress) -> Generator[None]:
        for member in self._members:
            member.forget_failure()
        if not self.is_final:
            shown.show(self)
        with Watch(self._poller, timeout_s, lambda: shown.tick(self)) as watch:
            while True:
                self._queue.submit_more(lambda: shown.tick(self))
                self._add_to(watch)
                yield
                if self.is_final:
                    return
                seen = watch.news(self._queue.retry_at_s)
                if seen is None:
                    raise GroupTimeout(
                        f"after waiting {timeout_s:g} s there are {summary(self._members)}; "
                        "they live on, and can be waited for again",
                        self,
                    )
                self._take(seen)
                shown.show(self)

    def _add_to(self, watch: Watch) -> None:
        for member in self._members:
            if member.is_active and member.job is not None:
                watch.add(member.job.record, is_stale=member.job.age_s >= FRESH_S)

    def _take(self, seen: Sequence[Sight]) -> None:
        by_id = {member.job.id: member for member in self._members if member.job}
        self.last_failure = next((sight.error for sight in seen if sight.error), None)
        for sight in seen:
            member = by_id[sight.record.id]
            assert member.job is not None
            try:
                member.job.take_in(sight)
            except SegtoolkitError as error:
                member.error = error
            if member.has_ended:
                self._queue.note_end()

    def _refresh_if_possible(self) -> None:
        try:
            self.refresh()
        except PASSING:
            return

    def _cancelled(self, job: Job) -> bool:
        accepted = job.status == JobStatus.CANCELLING or job.ask_to_cancel()
        if accepted:
            job.observe(replace(job.record, status=JobStatus.CANCELLING))
        return accepted

    def _give_up(
        self, interrupt: KeyboardInterrupt, shown: Progress, on_interrupt: OnInterrupt
    ) -> None:
        interrupted.note(interrupt, f"Stopped waiting; {self.whereabouts()}")
        if on_interrupt == "cancel":
            try:
                interrupt.add_note(f"Asked to cancel {self.cancel()} jobs.")
            except (SegtoolkitError, KeyboardInterrupt) as failure:
                interrupt.add_note(f"Not all jobs could be cancelled: {failure!r}")
        shown.leave(self, "stopped waiting")

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restored, (self._members,))


def _restored(members: tuple[Member, ...]) -> JobGroup:
    return JobGroup(members, Poller(NoCalls(), polling=Polling(), clock=SystemClock()))
