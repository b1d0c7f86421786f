"""What is sent again, how often and when: over a real socket, with a clock that nobody waits for."""

from __future__ import annotations

import itertools
import logging
import time
from dataclasses import replace
from email.utils import format_datetime, formatdate

import pytest

from segtoolkit import errors, wire
from tests.fakes import START, FakeClock, record
from tests.remote.server import Reply

JOB = wire.job_to_json(record("job-1", "SUCCEEDED"))
DEFINITION = {"id": "gold", "name": "gold", "expression": {"value": "a = 1"}}
PREVIEW = {"previewId": "p", "state": "RESULT_READY"}
ESTIMATE = {"state": "RESULT_READY", "estimatedSize": 7}

# Route, good answer, call, what it gives.
READS = {
    "a job": ("GET /segment/jobs/job-1", Reply(body=JOB), lambda c: c.get("job-1").id),
    "jobs": (
        "POST /segment/jobs/bulk-get",
        Reply(207, {"results": {"job-1": JOB}}),
        lambda c: c.get_many(["job-1"])[0].id,
    ),
    "a listing": (
        "GET /segment/jobs",
        Reply(body={"children": [JOB], "_links": {"next": {}}}),
        lambda c: [job.id for job in c.list(limit=1)],
    ),
    "a definition": (
        "GET /segment/definitions/gold",
        Reply(body=DEFINITION),
        lambda c: c.definitions.get("gold").id,
    ),
    "a conversion": (
        "POST /segment/conversion",
        Reply(body={"expression": {"type": "PQL", "format": "pql/json", "value": "{}"}}),
        lambda c: c.convert("a = 1").format,
    ),
}
WRITES = {
    "a job": ("POST /segment/jobs", Reply(body=JOB), lambda c: c.submit("gold").id),
    "a definition": (
        "POST /segment/definitions",
        Reply(body=DEFINITION),
        lambda c: c.definitions.create("gold", "a = 1").id,
    ),
}
LOST = {
    "reset": Reply(how="reset"),
    "hung up": Reply(how="hang"),
    "truncated": Reply(body=JOB, how="truncate"),
}


@pytest.mark.parametrize(
    ("name", "status"),
    [*((name, 503) for name in READS), *(("a job", s) for s in (429, 500, 502, 504))],
)
def test_what_only_reads_is_repeated_after_answers_that_may_pass(
    platform, connected, name, status
):
    route, good, call = READS[name]
    platform.script[route] = [Reply(status), Reply(status), good]

    assert call(connected())
    assert len(platform.seen) == 3


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("lost", LOST)
def test_what_only_reads_is_repeated_after_lost_answers(platform, connected, name, lost):
    route, good, call = READS[name]
    platform.script[route] = [LOST[lost], good]

    assert call(connected())
    assert len(platform.seen) == 2


def test_size_is_repeated_whole(platform, connected):
    platform.script["POST /preview"] = [Reply(503), Reply(201, PREVIEW)]
    platform.script["GET /estimate/p"] = [Reply(502), Reply(body=ESTIMATE)]

    assert connected().size("a = 1").size == 7


def test_cancelling_is_repeated(platform, connected):
    waiting = wire.job_to_json(record("job-1", "QUEUED"))
    cancelled = wire.job_to_json(record("job-1", "CANCELLED"))
    platform.script["GET /segment/jobs/job-1"] = [
        Reply(body=waiting),
        Reply(body=cancelled),
    ]
    platform.script["DELETE /segment/jobs/job-1"] = [
        Reply(503),
        Reply(how="hang"),
        Reply(204),
    ]

    connected().get("job-1").cancel()

    assert len(platform.asked("DELETE")) == 3


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("status", [409, 500, 502, 503, 504])
def test_what_makes_something_is_sent_once_whatever_the_answer(
    platform, connected, name, status
):
    route, good, call = WRITES[name]
    platform.script[route] = [Reply(status, {"message": "no"}), good]

    # Of a job nobody knows, as the listing is not there to be asked.
    with pytest.raises((errors.APIError, errors.SubmitUncertain)):
        call(connected())

    assert len(platform.asked("POST")) == 1


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("lost", LOST)
def test_what_makes_something_is_sent_once_if_the_answer_is_lost(
    platform, connected, name, lost
):
    route, good, call = WRITES[name]
    platform.script[route] = [LOST[lost], good]

    with pytest.raises((errors.TransportError, errors.SubmitUncertain)) as caught:
        call(connected())

    assert len(platform.asked("POST")) == 1
    lost_answer = caught.value.__cause__ if name == "a job" else caught.value
    assert lost_answer.was_sent is None


@pytest.mark.parametrize("name", WRITES)
def test_what_makes_something_is_repeated_after_a_429(platform, connected, name):
    route, good, call = WRITES[name]
    platform.script[route] = [Reply(429), good]

    assert call(connected())
    assert len(platform.seen) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_refusals_are_final(platform, connected, clock, status):
    platform.script["GET /segment/jobs/job-1"] = Reply(status, {"message": "no"})

    with pytest.raises(errors.APIError):
        connected().get("job-1")

    assert (len(platform.seen), clock.elapsed_s) == (1, 0)


@pytest.fixture
def clock():
    return Pausing()


class Pausing(FakeClock):
    """Remembers every pause."""

    def __init__(self):
        super().__init__()
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        super().sleep(seconds)


def test_pauses_grow_with_a_part_of_chance_until_the_budget_is_spent(
    platform, connected, clock
):
    platform.script["GET /segment/jobs/job-1"] = Reply(503, {"message": "no"})

    with pytest.raises(errors.ServerError):
        connected(retry_budget=45).get("job-1")

    least = [0.5 * 2**n for n in range(len(clock.slept))]
    assert len(clock.slept) == 6
    assert all(
        low <= pause <= low + 0.5 for low, pause in zip(least, clock.slept, strict=True)
    )
    assert clock.elapsed_s < 45


def test_longest_pause_is_twenty_seconds(platform, connected, clock):
    platform.script["GET /segment/jobs/job-1"] = Reply(503, {"message": "no"})

    with pytest.raises(errors.ServerError):
        connected(retry_budget=600).get("job-1")

    assert 20 <= max(clock.slept) <= 20.5


def test_two_clients_do_not_ask_in_step(platform, connected, clock):
    platform.script["GET /segment/jobs/job-1"] = Reply(503, {"message": "no"})
    drawn = []
    for _ in range(2):
        with pytest.raises(errors.ServerError):
            connected(retry_budget=5).get("job-1")
        drawn.append(clock.slept[:])
        clock.slept.clear()

    assert drawn[0] != drawn[1]


def test_no_budget_means_no_repeating(platform, connected, clock):
    platform.script["GET /segment/jobs/job-1"] = Reply(503, {"message": "no"})

    with pytest.raises(errors.ServerError):
        connected(retry_budget=0).get("job-1")

    assert (len(platform.seen), clock.slept) == (1, [])


def test_a_job_that_could_not_be_sent_is_sent_soon(connected, clock):
    with pytest.raises(errors.TransportError):
        connected(base_url="http://127.0.0.1:1").submit("gold")

    assert clock.slept[0] <= 1
    assert len(clock.slept) > 5


def test_who_asks_again_by_itself_is_not_repeated_for(platform, connected, clock):
    platform.script["GET /segment/jobs/job-1"] = Reply(503, {"message": "no"})
    service = replace(connected()._service, repeats=False)

    with pytest.raises(errors.ServerError):
        service.read_job("job-1")

    assert (len(platform.seen), clock.slept) == (1, [])


def test_a_job_that_meets_others_waits_for_minutes(platform, connected, clock):
    platform.script["POST /segment/jobs"] = Reply(429, {"message": "busy"})

    with pytest.raises(errors.RateLimited, match="busy"):
        connected(retry_budget=3600).submit("gold")

    assert 30 <= clock.slept[0] <= 60
    assert max(clock.slept) >= 300
    assert all(b >= a * 0.9 for a, b in itertools.pairwise(clock.slept))


ASKED = {
    "seconds": (Reply(429, headers={"Retry-After": "7"}), 7.0),
    "fractions": (Reply(429, headers={"Retry-After": "2.5"}), 2.5),
    "a date": (
        Reply(
            429,
            headers={
                "Retry-After": "Thu, 01 Jan 2026 00:00:40 GMT",
                "Date": format_datetime(START, usegmt=True),
            },
        ),
        40.0,
    ),
    "milliseconds in the body": (
        Reply(429, [{"message": "busy", "retryAfterMs": "1500", "statusCode": "429"}]),
        1.5,
    ),
}


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("kind", ["read", "write"])
def test_the_pause_that_is_asked_for_is_kept(platform, connected, clock, name, kind):
    busy, asked_s = ASKED[name]
    route, good, call = (READS if kind == "read" else WRITES)["a job"]
    platform.script[route] = [busy, good]

    call(connected())

    assert asked_s <= clock.slept[0] <= asked_s + 1.0


def test_a_pause_beyond_the_budget_is_left_to_the_caller(platform, connected, clock):
    platform.script["GET /segment/jobs/job-1"] = Reply(429, headers={"Retry-After": "900"})

    with pytest.raises(errors.RateLimited) as caught:
        connected().get("job-1")

    assert caught.value.retry_after == 900
    assert (len(platform.seen), clock.slept) == (1, [])


def test_asking_for_no_pause_is_no_invitation_to_hammer(platform, connected, clock):
    platform.script["GET /segment/jobs/job-1"] = Reply(429, headers={"Retry-After": "0"})

    with pytest.raises(errors.RateLimited):
        connected(retry_budget=60).get("job-1")

    assert len(platform.seen) < 10


def test_interrupt_ends_the_pause(platform, connected, clock):
    platform.script["POST /segment/jobs"] = Reply(429, {"message": "busy"})
    clock.interrupt_at_s = 10

    with pytest.raises(KeyboardInterrupt):
        connected().submit("gold")

    assert len(platform.seen) == 1


def test_long_pauses_are_told_and_short_ones_are_not(platform, connected, caplog):
    platform.script["POST /segment/jobs"] = [Reply(429), Reply(body=JOB)]
    platform.script["GET /segment/jobs/job-1"] = [Reply(503), Reply(body=JOB)]
    caplog.set_level(logging.WARNING, "segtoolkit")
    client = connected()

    client.get("job-1")
    client.submit("gold")

    assert [r.getMessage().partition(";")[0] for r in caplog.records] == [
        "POST /segment/jobs ended in HTTP 429"
    ]


def test_date_is_told_by_our_clock_where_the_server_does_not_tell_its_own(
    platform, connected, clock
):
    at = formatdate(time.time() + 90, usegmt=True)
    busy = Reply(429, headers={"Retry-After": at})
    platform.script["GET /segment/jobs/job-1"] = [busy, Reply(body=JOB)]

    connected().get("job-1")

    assert 60 <= clock.slept[0] <= 91


def test_date_header_of_a_server_that_is_wrong_about_the_time_does_no_harm(
    platform, connected, clock
):
    platform.script["GET /segment/jobs/job-1"] = [
        Reply(429, headers={"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}),
        Reply(body=JOB),
    ]

    assert connected().get("job-1").id == "job-1"
    assert clock.elapsed_s < 2
