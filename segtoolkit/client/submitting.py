"""Submit a job once: segment ids go in, the record of the one job comes out, or an error that says what is known.

When the answer is lost the job may run all the same, and a second request could start, and
charge, another. So the service is asked for what it has begun meanwhile.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice, takewhile

from segtoolkit import interrupted, wire
from segtoolkit.client import paging
from segtoolkit.client.service import Service
from segtoolkit.errors import APIError, ServerError, SubmitUncertain, TransportError
from segtoolkit.jobs import Clock, Job
from segtoolkit.models import JobRecord

# Seconds between looks at the listing: a job shows up there a little after it was made.
_PAUSES_S = (0.0, 1.0, 2.0, 4.0)
# How far the service's clock may be behind ours.
_SKEW = timedelta(minutes=1)
_MOST_LOOKED_AT = 200
# The scheduler's jobs are nobody's submission.
_SCHEDULER = "scheduler"

_log = logging.getLogger("segtoolkit")


class Submitter:
    """Sends the request that starts a job, once, and finds the job when the answer is lost."""

    def __init__(self, service: Service, clock: Clock, known: set[str]) -> None:
        """Use *service*; *known* holds the ids of jobs that were submitted before."""
        self._service = service
        self._clock = clock
        self._known = known

    def submit(
        self,
        segment_ids: Sequence[str],
        headers: Mapping[str, str],
        handle_of: Callable[[JobRecord], Job],
    ) -> Job:
        """Start one job, and return its handle.

        Raises:
            SubmitUncertain: no answer came, and the listing does not tell which job it is.
            TransportError: nothing was sent.
            APIError: the service refused; after a ServerError there is no job either.
        """
        began, request_id = self._clock.now(), str(uuid.uuid4())
        sent = {**headers, wire.REQUEST_ID_HEADER: request_id}
        try:
            record = self._service.submit(segment_ids, sent)
        except (TransportError, ServerError) as error:
            if isinstance(error, TransportError) and error.was_sent is False:
                raise
            candidates = self._looked_up(segment_ids, request_id, began)
            record = _adopted(segment_ids, candidates, error, handle_of)
        except KeyboardInterrupt as interrupt:
            interrupted.note(interrupt, _advice(segment_ids))
            raise
        self._known.add(record.id)
        return handle_of(record)

    def _looked_up(
        self, segment_ids: Sequence[str], request_id: str, began: datetime
    ) -> tuple[JobRecord, ...] | None:
        try:
            return self._candidates(segment_ids, request_id, began)
        except KeyboardInterrupt as interrupt:
            interrupted.note(interrupt, _advice(segment_ids))
            raise

    def _candidates(
        self, segment_ids: Sequence[str], request_id: str, began: datetime
    ) -> tuple[JobRecord, ...] | None:
        """Return the jobs that may be the one; None if the listing cannot be read."""
        found: tuple[JobRecord, ...] | None = None
        for pause_s in _PAUSES_S:
            self._clock.sleep(pause_s)
            try:
                since = tuple(self._listed(segment_ids, began - _SKEW))
            except (APIError, TransportError) as error:
                _log.info("Looking for the job that was submitted failed: %s", error)
                # What an earlier look did not find may be there by now.
                found = None
                continue
            # Our own id settles it; the service may also have made one of its own.
            ours = tuple(job for job in since if job.request_id == request_id)
            if found := ours or since:
                return found
        return found

    def _listed(self, segment_ids: Sequence[str], since: datetime) -> Iterator[JobRecord]:
        asked = {
            "property": f"segments~segmentId=={segment_ids[0]}",
            "sort": "creationTime:desc",
        }
        newest = paging.items(self._service.jobs_page, asked, counter="start")
        recent = takewhile(lambda job: _is_since(job, since), newest)
        for job in islice(recent, _MOST_LOOKED_AT):
            asked_for = {segment.segment_id for segment in job.segments}
            is_other = job.id in self._known or job.source == _SCHEDULER
            if asked_for == set(segment_ids) and not is_other:
                yield job


def _adopted(
    segment_ids: Sequence[str],
    candidates: Sequence[JobRecord] | None,
    error: APIError | TransportError,
    handle_of: Callable[[JobRecord], Job],
) -> JobRecord:
    """Return the job that was started though *error* was the answer.

    Raises:
        ServerError: the listing agrees that there is none.
        SubmitUncertain: nobody knows.
    """
    if candidates is not None and len(candidates) == 1:
        _log.warning("Adopted job %s, as no answer came: %s", candidates[0].id, error)
        return candidates[0]
    if candidates == () and isinstance(error, ServerError):
        error.add_note(f"The listing has no such job so far. {_advice(segment_ids)}")
        raise error
    raise SubmitUncertain(
        f"no usable answer to the submission of {', '.join(segment_ids)}, and "
        f"{_doubt(candidates)}: {error}. {_advice(segment_ids)}",
        tuple(map(handle_of, candidates or ())),
    ) from error


def _is_since(job: JobRecord, since: datetime) -> bool:
    return job.created_at is None or job.created_at >= since


def _doubt(candidates: Sequence[JobRecord] | None) -> str:
    if candidates is None:
        return "the listing cannot be read either"
    if not candidates:
        return "the listing has no such job so far"
    return f"it may be any of {', '.join(job.id for job in candidates)}"


def _advice(segment_ids: Sequence[str]) -> str:
    return (
        "The job may have been started all the same; before submitting it again, look at "
        f'client.list(property="segments~segmentId=={segment_ids[0]}", limit=3)'
    )
