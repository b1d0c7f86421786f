"""The client: an HTTP client that knows its way goes in; jobs, definitions and sizes come out.

It is the same on both roads. What is on the far side is decided before it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import httpx

from segtoolkit.client import sizing
from segtoolkit.client.asked import AsOf, extras
from segtoolkit.client.definitions import Definitions
from segtoolkit.client.listing import JobListing
from segtoolkit.client.service import Service
from segtoolkit.errors import APIError, ConfigError, NotFound, TransportError
from segtoolkit.jobs import Clock, Job, JobResult, Polling, SystemClock, Timeout
from segtoolkit.jobs.polling import seconds_of
from segtoolkit.models import Estimate, Expression, JobRecord, JobStatus, SegmentDefinition
from segtoolkit.pql.forms import is_json
from segtoolkit.progress import ProgressChoice
from segtoolkit.settings import Settings

Segments = str | SegmentDefinition | Iterable[str | SegmentDefinition]
Jobs = list[Job]

_MOST_IDS = 100


class Client:
    """Submits segment jobs, finds them again, and sizes audiences.

    Attributes:
        settings: ``settings.explain()`` shows what the client was made from.
    """

    def __init__(
        self,
        http: httpx.Client,
        *,
        polling: Polling = Polling(),  # noqa: B008 - frozen
        clock: Clock | None = None,
        local: Any = None,
        name: str | None = None,
        progress: ProgressChoice = None,
        settings: Settings | None = None,
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
        """
        self.settings = settings
        self._http = http
        self._service = Service(http)
        self._polling = polling
        self._clock = clock or SystemClock()
        self._local = local
        self._name = name
        self._progress = progress

    @property
    def definitions(self) -> Definitions:
        """The audiences' rules: create, put, get, list, update."""
        return Definitions(self._kept_service(), local=self._local is not None)

    @property
    def local(self) -> Any:
        """What only the local road can do, such as listing members.

        Raises:
            ConfigError: this is not the local road.
        """
        if self._local is None:
            raise ConfigError(
                f"{self!r} is not local: members and overlaps of audiences can be read only "
                "where the profiles are; use segtoolkit.connect_local(…)"
            )
        return self._local

    def submit(self, segments: Segments, *, as_of: AsOf = None) -> Job:
        """Start one job that evaluates *segments*, and return its handle at once.

        The request is sent once: a second one could start, and charge, a second job.

        Args:
            segments: a definition or its id, or several.
            as_of: the instant at which to evaluate, aware or ISO 8601 with an offset; only
                on the local road. None is now.

        Raises:
            ConfigError: an argument is not usable, or *as_of* on the remote road.
            BadRequest, NotFound: a segment is unknown or its expression is refused.
            TransportError: no answer came; the job may have been started nevertheless.
        """
        segment_ids, headers = _segment_ids(segments), self._extras(as_of)
        try:
            return self._handle(self._service.submit(segment_ids, headers))
        except (TransportError, KeyboardInterrupt) as error:
            error.add_note(
                "The job may have been started all the same; before submitting it again, look "
                f'at client.list(property="segments~segmentId=={segment_ids[0]}", limit=3)'
            )
            raise

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
        wanted = list(job_ids)
        distinct = list(dict.fromkeys(wanted))
        found: dict[str, JobRecord | APIError] = {}
        for start in range(0, len(distinct), _MOST_IDS):
            found |= self._read_jobs(distinct[start : start + _MOST_IDS])
        records = _all_found(distinct, found)
        return [self._handle(records[job_id]) for job_id in wanted]

    def list(
        self,
        *,
        status: JobStatus | str | None = None,
        sort: str = "creationTime:desc",
        property: str | None = None,  # noqa: A002 - the service's own word
        start: int | str | None = None,
        limit: int | None = None,
    ) -> JobListing:
        """Return jobs, newest first; they are read page by page while one iterates.

        Args:
            status: only jobs in this state.
            sort: attribute and ``asc`` or ``desc``.
            property: ``source==api``, or ``segments~segmentId==…`` for elements of arrays.
            start: where to begin, as the service counts.
            limit: of jobs, not of jobs per page; None lists all.
        """
        asked = {
            "status": None if status is None else str(status).upper(),
            "sort": sort,
            "property": property,
            "start": None if start is None else str(start),
        }
        parameters = {name: value for name, value in asked.items() if value is not None}
        return JobListing(parameters, limit, self._service.jobs_page, self._handle)

    def size(
        self,
        expression: str,
        *,
        as_of: AsOf = None,
        budget: int | None = None,
        timeout: Timeout = None,
    ) -> Estimate:
        """Size the audience of a PQL *expression* without storing anything.

        Args:
            expression: PQL.
            as_of: as for `submit`.
            budget: how many profiles to look at, drawn at random, if that is fewer than there
                are; only on the local road, which otherwise looks at all of them.
            timeout: how long to wait, in seconds or such as ``"5m"``.

        Raises:
            ConfigError: an argument is not usable, or *as_of* or *budget* on the remote road.
            BadRequest: the expression is refused.
            EstimateFailed: the service could not size it.
            EstimateTimeout: it is not ready in time; the error carries what is known.
        """
        timeout_s = seconds_of(timeout)
        preview_id = self._service.preview(expression, self._extras(as_of, budget))
        return sizing.estimate_of(
            preview_id,
            self._service,
            polling=self._polling,
            clock=self._clock,
            timeout_s=timeout_s,
        )

    def convert(self, expression: str | Expression) -> Expression:
        """Return *expression* in the other form: PQL text as ``pql/json``, and the reverse.

        Raises:
            BadRequest: it is neither.
        """
        if isinstance(expression, str):
            form = "pql/json" if is_json(expression) else "pql/text"
            expression = Expression(value=expression, format=form)
        return self._service.convert(expression)

    def close(self) -> None:
        self._http.close()

    def _handle(self, record: JobRecord) -> Job:
        return Job(
            record,
            self._kept_service(),
            polling=self._polling,
            clock=self._clock,
            progress=self._progress,
        )

    def _kept_service(self) -> Service:
        # A handle must go on working when nobody holds the client: dropping that may close
        # the connection.
        return replace(self._service, keeps=self)

    def _read_jobs(self, job_ids: Sequence[str]) -> Mapping[str, JobRecord | APIError]:
        try:
            return self._service.read_jobs(job_ids)
        except NotFound as error:
            # The service says so for the whole request when it knows none of them.
            return dict.fromkeys(job_ids, error)

    def _extras(self, as_of: AsOf, budget: int | None = None) -> Mapping[str, str]:
        return extras(as_of, budget, is_local=self._local is not None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        road = "" if self._local is None else "local "
        return f"<Client {road}{self._name or self._http.base_url.host}>"


def _segment_ids(segments: Segments) -> tuple[str, ...]:
    several = [segments] if isinstance(segments, str | SegmentDefinition) else segments
    ids = tuple(dict.fromkeys(map(_segment_id, several)))
    if not ids:
        raise ConfigError("no segment to evaluate; give definitions or their ids")
    return ids


def _segment_id(segment: object) -> str:
    match segment:
        case SegmentDefinition():
            return segment.id
        case str() if segment:
            return segment
        case _:
            raise ConfigError(f"{segment!r} is neither a definition nor the id of one")


def _all_found(
    job_ids: Sequence[str], found: Mapping[str, JobRecord | APIError]
) -> Mapping[str, JobRecord]:
    """Return the records, or raise for the ones that are missing or unreadable."""
    missing = [i for i in job_ids if isinstance(found.get(i), NotFound | None)]
    if missing:
        raise NotFound(f"no such jobs: {', '.join(missing)}", status_code=404)
    records: dict[str, JobRecord] = {}
    for job_id in job_ids:
        answer = found[job_id]
        if isinstance(answer, APIError):
            raise answer
        records[job_id] = answer
    return records
