"""One poller for all who wait: how often it asks, for how many jobs, and who is told what."""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import replace

import httpx
import pytest

from segtoolkit import wire
from segtoolkit.errors import (
    APIError,
    ConfigError,
    JobTimeout,
    NotFound,
    PermissionDenied,
    PollFailed,
    ServerError,
)
from segtoolkit.jobs import Polling, SystemClock
from segtoolkit.models import JobStatus
from tests.fakes import FakeService, connected, record, refusal

BULK = "POST /segment/jobs/bulk-get"


class Shop:
    """A service of many jobs, which end when told; *answers* stand for single ones.

    Attributes:
        single, bulk: the ids of each request, in order.
    """

    def __init__(self, *ids: str) -> None:
        self.status = dict.fromkeys(ids, "PROCESSING")
        self.answers: dict[str, object] = {}
        self.whole: list[httpx.Response | Exception] = []
        self.is_cut = False
        self.bulk: list[list[str]] = []
        self.single: list[str] = []
        self.at_s: list[float] = []
        self.service = FakeService(routes={BULK: self._bulk})
        for job_id in ids:
            place = f"GET /segment/jobs/{job_id}"
            self.service.routes[place] = lambda _, i=job_id: self._single(i)

    def jobs(self, **options):
        """Return a client and handles of all jobs, QUEUED and just read."""
        client = connected(self.service, **options)
        return client, [client._handle(record(job_id)) for job_id in self.status]

    def _record(self, job_id: str):
        return self.answers.get(job_id) or record(job_id, self.status[job_id])

    def _bulk(self, request: httpx.Request) -> httpx.Response:
        self.at_s.append(self.service.clock.elapsed_s)
        ids = wire.bulk_request_from_json(json.loads(request.content))
        self.bulk.append(list(ids))
        if self.whole:
            answer = self.whole.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        found = {i: self._record(i) for i in ids}
        if self.is_cut:
            found = {
                i: replace(r, metrics=None, schema_name=None) for i, r in found.items()
            }
        return httpx.Response(207, json=wire.bulk_to_json(found))

    def _single(self, job_id: str) -> httpx.Response:
        self.at_s.append(self.service.clock.elapsed_s)
        self.single.append(job_id)
        if isinstance(error := self.answers.get(job_id), APIError):
            return refusal(error.status_code, error.message)
        return httpx.Response(
            200, json=wire.job_to_json(record(job_id, self.status[job_id]))
        )


def ids(number: int) -> list[str]:
    return [f"job-{n:03}" for n in range(number)]


def test_many_jobs_take_one_request_a_look():
    shop = Shop(*ids(100))
    client, jobs = shop.jobs()

    with pytest.raises(TimeoutError):
        client.group(jobs).wait("10m")

    assert {len(asked) for asked in shop.bulk} == {100}
    assert shop.single == []
    assert len(shop.bulk) < 45


def test_more_than_a_hundred_take_a_request_per_hundred():
    shop = Shop(*ids(250))
    client, jobs = shop.jobs()

    with pytest.raises(TimeoutError):
        client.group(jobs).wait(2)

    assert [len(asked) for asked in shop.bulk[:3]] == [100, 100, 50]


def test_many_requests_come_no_faster_than_one_a_second():
    shop = Shop(*ids(1_000))
    client, jobs = shop.jobs()

    with pytest.raises(TimeoutError):
        client.group(jobs).wait(30)

    assert sorted(set(shop.at_s)) == [1.0, 11.0, 21.0, 30.0]


def test_jobs_that_ended_are_not_read_again():
    shop = Shop("a", "b", "c")
    shop.status["a"] = "SUCCEEDED"
    client, jobs = shop.jobs()

    with pytest.raises(TimeoutError):
        client.group(jobs).wait(3)

    assert shop.bulk == [["a", "b", "c"], ["b", "c"], ["b", "c"]]


def test_an_error_in_place_of_a_job_reaches_its_own_handle():
    shop = Shop("a", "b", "c")
    shop.answers["b"] = PermissionDenied("not yours", status_code=403)
    shop.status |= {"a": "SUCCEEDED", "c": "FAILED"}
    client, jobs = shop.jobs()

    group = client.group(jobs).wait()

    assert [job.status for job in jobs] == ["SUCCEEDED", "QUEUED", "FAILED"]
    assert list(group.errors) == ["b"]
    assert isinstance(group.errors["b"], PermissionDenied)


def test_an_id_that_is_not_answered_is_of_no_job():
    shop = Shop("a", "b")
    shop.whole = [
        httpx.Response(207, json={"results": {"a": wire.job_to_json(record("a"))}})
    ]
    client, jobs = shop.jobs()
    shop.status["a"] = "SUCCEEDED"

    assert isinstance(client.group(jobs).wait().errors["b"], NotFound)


def test_a_passing_error_in_place_of_a_job_is_borne():
    shop = Shop("a", "b")
    shop.answers["b"] = ServerError("busy", status_code=503)
    client, jobs = shop.jobs()
    shop.status |= {"a": "SUCCEEDED"}

    group = client.group(jobs).wait()

    assert isinstance(group.errors["b"], PollFailed)
    assert shop.service.clock.elapsed_s > 300


def test_a_job_that_could_not_be_read_can_be_waited_for_again():
    shop = Shop("a", "b")
    shop.answers["b"] = ServerError("busy", status_code=503)
    shop.status |= {"a": "SUCCEEDED", "b": "SUCCEEDED"}
    client, jobs = shop.jobs()
    group = client.group(jobs).wait()
    shop.answers.clear()

    assert group.wait().errors == {}
    assert jobs[1].status == "SUCCEEDED"


@pytest.mark.parametrize(
    "failure",
    [refusal(503), refusal(429), httpx.ReadTimeout("slow"), httpx.ConnectError("")],
)
def test_failures_of_a_request_do_not_end_the_wait(failure):
    shop = Shop("a", "b")
    shop.whole = [failure]
    shop.status |= {"a": "SUCCEEDED", "b": "SUCCEEDED"}
    client, jobs = shop.jobs()

    assert client.group(jobs).wait().errors == {}


def test_a_service_that_is_busy_is_left_alone_by_all():
    shop = Shop(*ids(150))
    shop.whole = [refusal(429, retry_after="45")]
    client, jobs = shop.jobs()

    with pytest.raises(TimeoutError):
        client.group(jobs).wait(47)

    assert shop.at_s[:2] == [1.0, 46.0]


def test_an_outage_is_logged_once_however_many_wait(caplog):
    shop = Shop(*ids(50))
    shop.whole = [refusal(503) for _ in range(3)]
    client, jobs = shop.jobs()

    with caplog.at_level(logging.WARNING, "segtoolkit"), pytest.raises(TimeoutError):
        client.group(jobs).wait(6)

    assert len([r for r in caplog.records if "Reading failed" in r.message]) == 1


def test_a_job_cut_short_is_read_in_full_when_it_has_ended():
    shop = Shop("a", "b")
    shop.is_cut = True
    shop.status |= {"a": "SUCCEEDED", "b": "SUCCEEDED"}
    client, jobs = shop.jobs()

    client.group(jobs).wait()

    assert sorted(shop.single) == ["a", "b"]
    assert jobs[0].result().metrics.total_profiles == 5_000


def test_a_cut_answer_leaves_what_was_known():
    shop = Shop("a", "b")
    client, jobs = shop.jobs()
    shop.answers = {
        i: replace(record(i, "PROCESSING"), segments=(), request_id=None) for i in "ab"
    }

    client.group(jobs).refresh()

    assert jobs[0].status == "PROCESSING"
    assert jobs[0].segment_ids == ("gold", "lapsed")
    assert jobs[0].request_id == "request-1"


def test_unknown_states_survive_in_a_group():
    shop = Shop("a", "b")
    shop.status |= {"a": "PAUSED", "b": "SUCCEEDED"}
    client, jobs = shop.jobs()

    with pytest.warns(UserWarning, match="'PAUSED'") as warned, pytest.raises(TimeoutError):
        client.group(jobs).wait(60)

    assert len(warned) == 1
    assert client.group(jobs).counts == {"PAUSED": 1, "SUCCEEDED": 1}


def test_a_closed_client_ends_the_wait():
    shop = Shop("a", "b")
    client, jobs = shop.jobs()
    client.close()

    with pytest.raises(ConfigError, match="closed"):
        client.group(jobs).wait()


# Threads, with the machine's clock and pauses of some milliseconds

QUICK = Polling(first=0.02, most=0.1, jitter=0.0)


def in_threads(calls) -> list[object]:
    """Return what each of *calls* returned or raised, all of them made at once."""
    found: list[object] = [None] * len(calls)

    def run(place, call):
        try:
            found[place] = call()
        except Exception as error:  # noqa: BLE001 - looked at by the test
            found[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    return found


def test_threads_that_wait_for_different_jobs_share_requests():
    shop = Shop(*ids(40))
    _, jobs = shop.jobs(clock=SystemClock(), polling=QUICK)
    end = threading.Timer(
        0.5, lambda: shop.status.update(dict.fromkeys(ids(40), "SUCCEEDED"))
    )
    end.start()

    found = in_threads([job.wait for job in jobs])

    assert found == jobs
    assert {job.status for job in jobs} == {JobStatus.SUCCEEDED}
    # Each thread for itself would have made some ten requests before its job ended.
    assert len(shop.bulk) + len(shop.single) < 40


def test_threads_that_wait_for_the_same_job_are_all_told():
    shop = Shop("a")
    client, (job,) = shop.jobs(clock=SystemClock(), polling=QUICK)
    copies = [client._handle(record("a")) for _ in range(10)]
    threading.Timer(0.2, lambda: shop.status.update(a="SUCCEEDED")).start()

    found = in_threads([job.wait] * 5 + [copy.wait for copy in copies])

    assert all(handle.status == "SUCCEEDED" for handle in found)
    assert [status for _, status in job.history] == ["QUEUED", "PROCESSING", "SUCCEEDED"]


def test_threads_time_out_each_in_its_own_time():
    shop = Shop("a", "b")
    _, jobs = shop.jobs(clock=SystemClock(), polling=QUICK)
    shop.status["b"] = "PROCESSING"
    threading.Timer(0.3, lambda: shop.status.update(b="SUCCEEDED")).start()

    early, late = in_threads([lambda: jobs[0].wait(0.1), lambda: jobs[1].wait(10)])

    assert isinstance(early, JobTimeout)
    assert late.status == "SUCCEEDED"


def test_a_thread_that_is_refused_leaves_the_others_waiting():
    shop = Shop("a", "b")
    client, jobs = shop.jobs(clock=SystemClock(), polling=QUICK)
    shop.answers["a"] = PermissionDenied("not yours", status_code=403)
    threading.Timer(0.3, lambda: shop.status.update(b="SUCCEEDED")).start()
    both = client.group(jobs)

    refused, waited, grouped = in_threads([jobs[0].wait, jobs[1].wait, both.wait])

    assert isinstance(refused, PermissionDenied)
    assert waited.status == "SUCCEEDED"
    assert list(grouped.errors) == ["a"]


def test_nobody_reads_when_nobody_waits():
    shop = Shop("a", "b")
    _, jobs = shop.jobs(clock=SystemClock(), polling=QUICK)
    before = threading.active_count()
    in_threads([lambda: jobs[0].wait(0.1)])
    asked = len(shop.single)

    time.sleep(0.3)

    assert (len(shop.single), threading.active_count()) == (asked, before)
