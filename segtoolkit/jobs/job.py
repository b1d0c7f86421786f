"""The handle of a job: a record and the calls to read and cancel it go in, verbs come out.

The verbs are those of ``concurrent.futures``, and `refresh`, which asks exactly once.
"""

from __future__ import annotations

from collections.abc import Generator
from copy import copy
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from segtoolkit import cards
from segtoolkit.errors import (
    BadRequest,
    Conflict,
    JobCancelled,
    JobFailed,
    JobTimeout,
    PollFailed,
    SegtoolkitError,
)
from segtoolkit.jobs import awaiting, interrupts
from segtoolkit.jobs.interrupts import OnInterrupt
from segtoolkit.jobs.poller import Poller
from segtoolkit.jobs.polling import (
    PASSING,
    Clock,
    Polling,
    SystemClock,
    Timeout,
    seconds_of,
)
from segtoolkit.jobs.reading import ReadCalls
from segtoolkit.jobs.result import JobResult
from segtoolkit.jobs.sights import Sight
from segtoolkit.jobs.snapshot import FRESH_S, JobSnapshot
from segtoolkit.jobs.unconnected import NoCalls
from segtoolkit.jobs.watching import Watch
from segtoolkit.models import JobRecord, JobStatus
from segtoolkit.progress import Progress, ProgressChoice, choose

if TYPE_CHECKING:
    from segtoolkit.widgets import JobMonitor

_RUNNING = frozenset({JobStatus.PROCESSING, JobStatus.CANCELLING})


class JobCalls(ReadCalls, Protocol):
    """The requests that a handle makes."""

    def cancel_job(self, job_id: str) -> None: ...


class Job(JobSnapshot):
    """A segment job, submitted or found again by its id.

    Attributes never ask the service. ``with client.submit(…) as job:`` cancels the job if
    it is left unfinished.
    """

    def __init__(
        self,
        record: JobRecord,
        calls: JobCalls,
        *,
        polling: Polling = Polling(),  # noqa: B008 - frozen
        clock: Clock | None = None,
        poller: Poller | None = None,
        progress: ProgressChoice = None,
    ) -> None:
        """Hold *record*'s job; *poller*, with its own clock and pace, is shared by a client's handles."""
        self._poller = poller or Poller(
            calls, polling=polling, clock=clock or SystemClock()
        )
        super().__init__(record, self._poller.clock)
        self._calls = calls
        self._progress = progress
        self._on_interrupt: OnInterrupt = "detach"
        self._result: JobResult | None = None

    def refresh(self) -> Self:
        """Read the job once."""
        self.observe(self._calls.read_job(self.id))
        return self

    def done(self) -> bool:
        """Tell whether the job has ended; reads it unless that was done a second ago."""
        return self._fresh().is_final

    def running(self) -> bool:
        """Tell whether the service is working on the job, which includes cancelling it."""
        return self._fresh().status in _RUNNING

    def cancelled(self) -> bool:
        return self._fresh().status == JobStatus.CANCELLED

    def wait(
        self,
        timeout: Timeout = None,
        *,
        progress: ProgressChoice = None,
        on_interrupt: OnInterrupt | None = None,
    ) -> Self:
        """Wait until the job has ended, however it ended.

        Args:
            timeout: seconds, a timedelta or such as "30m"; None waits for ever.
            progress: see `segtoolkit.progress.choose`; None takes the client's.
            on_interrupt: what Ctrl-C or ■ does besides ending the wait: "detach" lets the
                job live on, "cancel" cancels it. Inside ``with`` it is "cancel", else "detach".

        Raises:
            JobTimeout: it has not ended in time; it lives on.
            PollFailed: it could not be read for *polling.grace* seconds; it may live on.
            APIError: the service refuses to tell, such as NotFound.
        """
        timeout_s = seconds_of(timeout)
        shown = choose(self._progress if progress is None else progress)
        if self.is_final:
            return self

        def give_up(interrupt: KeyboardInterrupt) -> None:
            how = on_interrupt or self._on_interrupt
            interrupts.give_up(self, interrupt, shown, how)

        with interrupts.told_how_it_ends(self, shown, give_up):
            self._watch(timeout_s, shown)
        return self

    def result(
        self,
        timeout: Timeout = None,
        *,
        progress: ProgressChoice = None,
        on_interrupt: OnInterrupt | None = None,
    ) -> JobResult:
        """Wait as `wait` does and return what the job found.

        Raises:
            JobFailed: it ended FAILED.
            JobCancelled: it ended CANCELLED.
        """
        self.wait(timeout, progress=progress, on_interrupt=on_interrupt)
        if (error := self._error()) is not None:
            raise error
        if self._result is None:
            self._result = JobResult(self.record)
        return self._result

    def __await__(self) -> Generator[Any, None, JobResult]:
        """Wait as `result` does, while the event loop goes on; to cancel that lets the job live on."""
        return awaiting.outcome_of(
            lambda shown: iter([self.result(progress=shown)]),
            choose(self._progress),
            self,
            lambda: interrupts.advice(self),
        ).__await__()

    def exception(self, timeout: Timeout = None) -> JobFailed | JobCancelled | None:
        """Wait as `wait` does and return what `result` would raise, or None."""
        self.wait(timeout)
        return self._error()

    def cancel(self) -> bool:
        """Ask for the job to be cancelled, which takes effect a little later.

        Returns:
            True if that was accepted, False if the job has ended already.
        """
        if self._has_surely_ended():
            return False
        if self.status == JobStatus.CANCELLING:
            return True
        if not self.ask_to_cancel():
            return False
        self._look_after_cancelling()
        return self.status not in {JobStatus.SUCCEEDED, JobStatus.FAILED}

    def ask_to_cancel(self) -> bool:
        """Send what `cancel` sends, without a look before or after; False if the job has ended."""
        try:
            self._calls.cancel_job(self.id)
        except (BadRequest, Conflict):
            # A service may refuse to cancel what has just ended.
            if self.refresh().is_final:
                return False
            raise
        self._poller.hurry()
        return True

    def watch(self) -> JobMonitor:
        """Return a live view of the job, which does not keep the notebook from going on."""
        from segtoolkit.widgets import JobMonitor  # noqa: PLC0415 - ipywidgets takes a while

        return JobMonitor(self)

    @property
    def poller(self) -> Poller:
        """Who reads the job for all that wait."""
        return self._poller

    def _fresh(self) -> Self:
        is_fresh = self.is_final or self.age_s < FRESH_S
        return self if is_fresh else self.refresh()

    def _has_surely_ended(self) -> bool:
        try:
            return self.done()
        except PASSING:
            return False

    def _watch(self, timeout_s: float, shown: Progress) -> None:
        shown.show(self)
        error = None
        with Watch(self._poller, timeout_s, lambda: shown.tick(self)) as watch:
            # What was read long ago is looked at first; what was just read can wait.
            watch.add(self.record, is_stale=self.age_s >= FRESH_S)
            while not self.is_final:
                seen = watch.news()
                if seen is None:
                    raise self._timeout(timeout_s) from error
                error = seen[0].error
                self.take_in(seen[0])
                if error is None:
                    shown.show(self)

    def take_in(self, sight: Sight) -> None:
        """Make of a look what waiting makes of it.

        Raises:
            PollFailed: there were only failures for too long.
            APIError: the service refuses to tell.
        """
        if sight.error is None:
            self.observe(sight.record)
        elif sight.is_lost:
            # Others may be told the same error, and a traceback belongs to one of them.
            raise copy(sight.error)
        elif sight.is_unreadable:
            raise PollFailed(
                f"job {self.id} could not be read for {self._poller.polling.grace:g} s; it "
                f"was {self.status} and may live on: {sight.error}",
                self,
            ) from sight.error

    def _timeout(self, timeout_s: float) -> JobTimeout:
        return JobTimeout(
            f"job {self.id} is still {self.status} after waiting {timeout_s:g} s; "
            "it lives on, and can be waited for again",
            self,
        )

    def _look_after_cancelling(self) -> None:
        """Read what became of the job: the answer to a cancellation does not say."""
        try:
            self.refresh()
        except SegtoolkitError:
            # The service accepted and may have dropped the job from its lists by now.
            self.observe(replace(self.record, status=JobStatus.CANCELLING))

    def _error(self) -> JobFailed | JobCancelled | None:
        if self.status == JobStatus.FAILED:
            return JobFailed(f"job {self.id} failed: {cards.fault_text(self.record)}", self)
        if self.status == JobStatus.CANCELLED:
            return JobCancelled(f"job {self.id} was cancelled", self)
        return None

    def __enter__(self) -> Self:
        self._on_interrupt = "cancel"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._on_interrupt = "detach"
        if self.is_final:
            return
        if error is None:
            self.cancel()
        else:
            interrupts.cancel_for(self, error)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restored, (self.record, self.history))


def _restored(record: JobRecord, history: tuple[tuple[datetime, JobStatus], ...]) -> Job:
    job = Job(record, NoCalls())
    job.history = history
    return job
