"""Submitting: one request, and what becomes of it when its answer is lost."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from segtoolkit import wire
from segtoolkit.errors import (
    BadRequest,
    RateLimited,
    ServerError,
    SubmitUncertain,
    TransportError,
)
from tests.fakes import START, FakeService, connected, record, refusal


def slow() -> Exception:
    return httpx.ReadTimeout("slow")


def of(job_id: str, *segment_ids: str, age_s: float = 0.0, **fields):
    """Return a job of *segment_ids* that is *age_s* older than the submission."""
    made = record(job_id, segment_ids=list(segment_ids))
    return replace(made, created_at=START - timedelta(seconds=age_s), **fields)


def listing(*answers) -> FakeService:
    """Return a service whose POST of a job fails, and whose listing answers in turn, the last for ever."""
    left = list(answers)

    def listed(request):
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        jobs = [wire.job_to_json(job) for job in answer]
        return httpx.Response(200, json={"children": jobs})

    return FakeService(jobs={"job-1": [slow()]}, routes={"GET /segment/jobs": listed})


def submissions(service: FakeService) -> int:
    return service.methods().count("POST")


@pytest.mark.parametrize(
    "failure",
    [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("no")],
)
def test_what_was_not_sent_is_said_to_be_so(failure):
    service = listing([])
    service.jobs["job-1"] = [failure]

    with pytest.raises(TransportError) as caught:
        connected(service).submit("gold")

    assert caught.value.was_sent is False
    assert service.methods() == ["POST"]


@pytest.mark.parametrize(("status", "error"), [(400, BadRequest), (429, RateLimited)])
def test_a_refusal_is_an_answer(status, error):
    service = listing([])
    service.jobs["job-1"] = [refusal(status)]

    with pytest.raises(error):
        connected(service).submit("gold")

    assert service.methods() == ["POST"]


@pytest.mark.parametrize(
    "failure",
    [
        slow(),
        httpx.RemoteProtocolError("cut"),
        httpx.Response(200, text="<html>"),
        refusal(502),
    ],
)
def test_the_one_job_that_was_begun_meanwhile_is_adopted(failure):
    service = listing([of("job-9", "gold"), of("job-8", "gold", age_s=3600)])
    service.jobs["job-1"] = [failure]

    job = connected(service).submit("gold")

    assert job.id == "job-9"
    assert submissions(service) == 1


def test_the_listing_is_asked_for_the_segment_newest_first():
    service = listing([of("job-9", "a b", "gold")])

    connected(service).submit(["a b", "gold"])

    query = service.calls[1].path
    assert "property=segments~segmentId%3D%3Da+b" in query
    assert "sort=creationTime%3Adesc" in query


def test_the_job_shows_up_a_little_later():
    service = listing([], [], [of("job-9", "gold")])

    assert connected(service).submit("gold").id == "job-9"
    assert service.times("GET") == [0.0, 1.0, 3.0]


def test_the_listing_may_fail_once():
    service = listing(refusal(503), slow(), [of("job-9", "gold")])

    assert connected(service).submit("gold").id == "job-9"


OTHERS = {
    "older": of("other", "gold", age_s=120),
    "of more segments": of("other", "gold", "lapsed"),
    "of fewer segments": of("other", "lapsed"),
    "the scheduler's": of("other", "gold", source="scheduler"),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_other_jobs_are_not_adopted(other):
    service = listing([other])

    with pytest.raises(SubmitUncertain, match="no such job so far") as caught:
        connected(service).submit("gold")

    assert caught.value.candidates == ()
    assert submissions(service) == 1


def test_an_earlier_job_of_this_client_is_not_adopted():
    service = listing([of("job-1", "gold")])
    service.jobs["job-1"] = ["QUEUED", slow()]
    client = connected(service)
    client.submit("gold")

    with pytest.raises(SubmitUncertain):
        client.submit("gold")


def test_several_candidates_are_told():
    service = listing([of("job-9", "gold"), of("job-8", "gold")])

    with pytest.raises(SubmitUncertain, match="any of job-9, job-8") as caught:
        connected(service).submit("gold")

    assert [job.id for job in caught.value.candidates] == ["job-9", "job-8"]
    assert isinstance(caught.value.__cause__, TransportError)
    assert 'property="segments~segmentId==gold"' in str(caught.value)


def test_the_id_of_the_request_settles_which_job_it_is():
    service = FakeService()
    sent = []

    def post(request):
        sent.append(request.headers[wire.REQUEST_ID_HEADER])
        raise slow()

    def listed(_):
        ours = of("job-8", "gold", request_id=sent[0])
        jobs = [of("job-9", "gold"), ours]
        return httpx.Response(200, json={"children": [wire.job_to_json(j) for j in jobs]})

    service.routes = {"POST /segment/jobs": post, "GET /segment/jobs": listed}

    assert connected(service).submit("gold").id == "job-8"


def test_an_unreadable_listing_leaves_it_uncertain():
    service = listing(refusal(403))

    with pytest.raises(SubmitUncertain, match="listing cannot be read either") as caught:
        connected(service).submit("gold")

    assert caught.value.candidates == ()


def test_a_server_error_without_a_job_stays_one():
    service = listing([])
    service.jobs["job-1"] = [refusal(503, "busy")]

    with pytest.raises(ServerError, match="busy") as caught:
        connected(service).submit("gold")

    assert "no such job so far" in caught.value.__notes__[0]


def test_an_interrupt_says_that_the_job_may_run():
    service = listing([])
    service.clock.interrupt_at_s = 1.0

    with pytest.raises(KeyboardInterrupt) as caught:
        connected(service).submit("gold")

    assert "may have been started" in caught.value.__notes__[0]


def test_the_candidates_survive_pickling():
    service = listing([of("job-9", "gold"), of("job-8", "gold")])
    with pytest.raises(SubmitUncertain) as caught:
        connected(service).submit("gold")

    copy = pickle.loads(pickle.dumps(caught.value))

    assert (str(copy), copy.candidates) == (str(caught.value), caught.value.candidates)


def test_the_adopted_job_is_worked_with_like_any_other():
    service = listing([of("job-9", "gold")])
    service.jobs["job-9"] = ["SUCCEEDED"]

    assert connected(service).submit("gold").result().metrics.total_profiles == 5_000
