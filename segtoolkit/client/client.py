"""The client: an HTTP client that knows its way goes in; jobs, definitions and sizes come out.

It is the same on both roads. What is on the far side is decided before it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx

from segtoolkit import wire
from segtoolkit.client import sizing
from segtoolkit.client.asked import AsOf, extras
from segtoolkit.client.chosen import Segments, each, expression_text, segment_ids
from segtoolkit.client.connection import Connection
from segtoolkit.client.filters import (
    NEWEST_FIRST,
    Properties,
    Statuses,
    When,
    job_filters,
)
from segtoolkit.client.guards import Guards, checked, doubts, looked_up, tell
from segtoolkit.client.listing import JobListing
from segtoolkit.client.many import read_all
from segtoolkit.client.submitting import Submitter
from segtoolkit.errors import ConfigError
from segtoolkit.jobs import (
    Clock,
    Job,
    JobGroup,
    JobResult,
    Member,
    Poller,
    Polling,
    SystemClock,
    Timeout,
)
from segtoolkit.jobs.polling import seconds_of
from segtoolkit.models import Estimate, JobRecord
from segtoolkit.progress import ProgressChoice, for_calls
from segtoolkit.settings import Settings

Jobs = list[Job]

# Jobs that guards look at: far more than a sandbox may have in a day.
_RECENT = 20


class Client(Connection):
    """Submits segment jobs, finds them again, and sizes audiences.

    Attributes:
        settings: ``settings.explain()`` shows what the client was made from.
    """

    def __init__(  # noqa: PLR0913 - connect() and connect_local() are what people call
        self,
        http: httpx.Client,
        *,
        polling: Polling = Polling(),  # noqa: B008 - frozen
        clock: Clock | None = None,
        local: Any = None,
        name: str | None = None,
        progress: ProgressChoice = None,
        settings: Settings | None = None,
        guards: Guards = "off",
    ) -> None:
        """Take over *http*, which has the base address, credentials and time limits.

        Args:
            http: closed together with the client.
            polling: how often waiting looks.
            clock: the machine's if None.
            local: what only the local road can do; None on the remote road.
            name: what the repr calls the other side; its host if None.
            progress: what waiting shows unless told otherwise.
            settings: what the client was made from.
            guards: whether to "warn" of submissions beyond the published limits or to a production
                sandbox, or to "raise" for them; either reads a page of the listing before.
        """
        super().__init__(http, local=local, name=name)
        self.settings = settings
        self._polling = polling
        self._clock = clock or SystemClock()
        self._progress = progress
        self._guards = checked(guards)
        # Who asks again by itself is not to be kept waiting by a transport that does so too.
        once = replace(self._service, repeats=False)
        self._poller = Poller(once, polling=polling, clock=self._clock)
        submitted: set[str] = set()
        self._submitter = Submitter(self._service, self._clock, submitted)
        self._group_submitter = Submitter(once, self._clock, submitted)

    def submit(self, segments: Segments, *, as_of: AsOf = None) -> Job:
        """Start one job that evaluates *segments*, and return its handle at once.

        The request is sent once: a second one could start, and charge, a second job. When its
        answer is lost, the job is looked for in the listing.

        Args:
            segments: a definition or its id, or several.
            as_of: the instant at which to evaluate, aware or ISO 8601 with an offset; only
                on the local road. None is now.

        Raises:
            ConfigError: an argument is not usable, or *as_of* on the remote road.
            BadRequest, NotFound: a segment is unknown or its expression is refused.
            SubmitUncertain: no answer came, and the listing does not tell which job it is.
            TransportError: nothing was sent.
            GuardError: it is doubtful, and the client's guards are "raise".
        """
        ids, headers = segment_ids(segments), self._extras(as_of)
        self._guard([ids])
        return self._submitter.submit(ids, headers, self._handle)

    def submit_each(
        self,
        segments: Iterable[Segments],
        *,
        max_active: int | None = None,
        as_of: AsOf = None,
    ) -> JobGroup:
        """Start one job for each of *segments*, and return a handle of them all at once.

        What is refused does not keep the others from being submitted: `JobGroup.errors` says
        why. No job is started twice.

        Args:
            segments: definitions or their ids; lists of them for jobs of several segments.
            max_active: how many jobs may be under way; the others are submitted as earlier ones
                end, while somebody waits for the group. None submits all now.
            as_of: as for `submit`.

        Raises:
            ConfigError: an argument is not usable.
            GuardError: it is doubtful, and the client's guards are "raise".
        """
        if max_active is not None and max_active < 1:
            raise ConfigError(
                f"max_active is 1 or more, not {max_active}; None has no bound"
            )
        wanted, headers = each(segments), self._extras(as_of)
        self._guard(wanted)
        group = self._group(
            list(map(Member, wanted)),
            submit=lambda ids: self._group_submitter.submit(ids, headers, self._handle),
            max_active=max_active,
        )
        return group.begin()

    def run(
        self,
        segments: Segments,
        *,
        as_of: AsOf = None,
        timeout: Timeout = None,
        progress: ProgressChoice = None,
    ) -> JobResult:
        """Submit a job, wait, and return what it found; an interrupt cancels the job.

        Raises:
            JobTimeout: it has not ended in time; it lives on, and the error carries it.
            JobFailed, JobCancelled: it ended otherwise.
        """
        seconds_of(timeout)  # A job must not be started by a call that is wrong.
        job = self.submit(segments, as_of=as_of)
        return job.result(timeout, progress=progress, on_interrupt="cancel")

    def get(self, job_id: str) -> Job:
        """Find a job by its id.

        Raises:
            NotFound: there is none.
        """
        return self._handle(self._service.read_job(job_id))

    def get_many(self, job_ids: Iterable[str]) -> Jobs:
        """Find jobs by their ids, a hundred per request, in the order of *job_ids*.

        Raises:
            NotFound: some are missing; the message names all of them.
        """
        records = read_all(self._service.read_jobs, job_ids, "jobs")
        return [self._handle(record) for record in records]

    def group(self, jobs: Iterable[Job | str] | Job | str) -> JobGroup:
        """Return one handle of several *jobs*, or of those found by their ids.

        Raises:
            NotFound: some are missing; the message names all of them.
        """
        given = [jobs] if isinstance(jobs, Job | str) else list(jobs)
        found = self.get_many(job for job in given if isinstance(job, str))
        by_id = {job.id: job for job in found}
        handles = [by_id[job] if isinstance(job, str) else job for job in given]
        members = [Member(job.segment_ids, job) for job in dict.fromkeys(handles)]
        return self._group(members)

    def list(
        self,
        *,
        status: Statuses = None,
        since: When = None,
        until: When = None,
        property: Properties = None,  # noqa: A002 - the service's own word
        sort: str = NEWEST_FIRST,
        start: int | str | None = None,
        limit: int | None = None,
    ) -> JobListing:
        """Return jobs, newest first; they are read page by page while one iterates.

        Args:
            status: only jobs in this state, or in one of several.
            since: only jobs created then or later: an aware datetime, ISO 8601 with an offset, or
                how long ago, as a timedelta or such as ``"7d"``. Those whose creation is unknown
                are listed as well.
            until: only jobs created then or before, likewise.
            property: ``source==api``, or ``segments~segmentId==…`` for elements of arrays; or
                several, also as a mapping such as ``{"source": "api"}``.
            sort: attribute and ``asc`` or ``desc``.
            start: where to begin, as the service counts.
            limit: of jobs, not of jobs per page; None lists all.

        Raises:
            ConfigError: an argument is not usable.
        """
        filters = job_filters(
            status=status,
            properties=property,
            sort=sort,
            since=since,
            until=until,
            start=start,
            limit=limit,
            now=self._clock.now(),
        )
        return JobListing(filters, self._service.jobs_page, self._handle, self.group)

    def size(
        self,
        expression: str,
        *,
        as_of: AsOf = None,
        budget: int | None = None,
        timeout: Timeout = None,
        progress: ProgressChoice = None,
    ) -> Estimate:
        """Size the audience of a PQL *expression* without storing anything.

        Args:
            expression: PQL.
            as_of: as for `submit`.
            budget: how many profiles to look at, drawn at random, if that is fewer than there
                are; only on the local road, which otherwise looks at all of them.
            timeout: how long to wait, in seconds or such as ``"5m"``.
            progress: as for `Job.wait`; what is ready within half a second needs none.

        Raises:
            ConfigError: an argument is not usable, or *as_of* or *budget* on the remote road.
            BadRequest: the expression is refused.
            EstimateFailed: the service could not size it.
            EstimateTimeout: it is not ready in time; the error carries what is known.
        """
        timeout_s = seconds_of(timeout)
        shown = for_calls(progress, self._progress)
        text = expression_text(expression)
        preview_id = self._service.preview(text, self._extras(as_of, budget))
        return sizing.estimate_of(
            preview_id,
            self._service,
            polling=self._polling,
            clock=self._clock,
            timeout_s=timeout_s,
            shown=shown,
        )

    def _handle(self, record: JobRecord) -> Job:
        return Job(
            record,
            self._kept_service(),
            poller=self._poller,
            progress=self._progress,
        )

    def _group(
        self,
        members: Sequence[Member],
        *,
        submit: Callable[[Sequence[str]], Job] | None = None,
        max_active: int | None = None,
    ) -> JobGroup:
        return JobGroup(
            members,
            self._poller,
            submit=submit,
            max_active=max_active,
            progress=self._progress,
        )

    def _guard(self, jobs: Sequence[Sequence[str]]) -> None:
        """Tell what is doubtful about submitting *jobs*, each of some segments."""
        if self._guards == "off" or not jobs:
            return
        recent = looked_up(self.list(limit=_RECENT).records, self._guards)
        sandbox = self._http.headers.get(wire.SANDBOX_HEADER)
        tell(doubts(jobs, recent, self._clock.now(), sandbox), self._guards)

    def _extras(self, as_of: AsOf, budget: int | None = None) -> Mapping[str, str]:
        return extras(as_of, budget, is_local=self._local is not None)
