"""Read jobs, a hundred per request: ids go in, for each of them a record or a failure comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from segtoolkit.errors import APIError, NotFound, RateLimited, TransportError
from segtoolkit.jobs.polling import PASSING
from segtoolkit.jobs.sights import Answer
from segtoolkit.models import JobRecord

MOST_IDS = 100


class ReadCalls(Protocol):
    """The requests that looking takes."""

    def read_job(self, job_id: str) -> JobRecord: ...
    def read_jobs(self, job_ids: Sequence[str]) -> Mapping[str, JobRecord | APIError]: ...


def answers(calls: ReadCalls, job_ids: Sequence[str]) -> Iterator[Mapping[str, Answer]]:
    """Yield what each request says of its part of *job_ids*."""
    for start in range(0, len(job_ids), MOST_IDS):
        said = _answer(calls, job_ids[start : start + MOST_IDS])
        yield said
        failure = next(iter(said.values()))
        if isinstance(failure, RateLimited | TransportError):
            # Nor will the service answer the rest.
            yield dict.fromkeys(job_ids[start + MOST_IDS :], failure)
            return


def _answer(calls: ReadCalls, job_ids: Sequence[str]) -> Mapping[str, Answer]:
    try:
        if len(job_ids) == 1:
            return {job_ids[0]: calls.read_job(job_ids[0])}
        found = calls.read_jobs(job_ids)
    except (APIError, TransportError) as error:
        return dict.fromkeys(job_ids, error)
    return {i: _in_full(calls, found.get(i) or _missing(i)) for i in job_ids}


def _in_full(calls: ReadCalls, answer: Answer) -> Answer:
    """Return *answer*, read alone if it is of a job that ended and does not say what it found.

    In all published answers to a request for several jobs these are cut.
    """
    if not isinstance(answer, JobRecord) or not answer.status.is_final:
        return answer
    if answer.metrics is not None or answer.errors:
        return answer
    try:
        return calls.read_job(answer.id)
    except PASSING as error:
        return error
    except APIError:
        return answer


def _missing(job_id: str) -> NotFound:
    return NotFound(f"no such job: {job_id}", status_code=404)
