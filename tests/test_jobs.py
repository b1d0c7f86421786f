"""Handles: what they know without asking, and how they wait, cancel and give up."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from segtoolkit.errors import (
    BadRequest,
    ConfigError,
    JobCancelled,
    JobFailed,
    JobTimeout,
    NotFound,
    PermissionDenied,
    PollFailed,
    ServerError,
    TransportError,
)
from segtoolkit.jobs import Job, Polling, SystemClock
from segtoolkit.jobs.polling import seconds_of
from segtoolkit.models import JobMetrics, JobProgress, JobRecord, JobSegment, JobStatus
from tests.fakes import (
    START,
    STEADY,
    FakeClock,
    FakeService,
    connected,
    record,
    refusal,
)

ID = "468eeefd-95a2-45a1-8bfc-b806dafce7ee"


def submitted(*answers, **options) -> tuple[Job, FakeService]:
    """Return a job whose POST and following GETs give *answers*, and its service."""
    service = FakeService(jobs={ID: list(answers)})
    job = connected(service, **options).submit(["gold", "lapsed"])
    service.calls.clear()
    return job, service


# What a handle knows


def test_attributes_and_reprs_ask_nothing():
    job, service = submitted("QUEUED")

    shown = [
        *(job.id, job.status, job.record, job.segment_ids, job.created_at, job.updated_at),
        *(job.elapsed, job.errors, job.metrics, job.request_id, job.raw, job.history),
        *(repr(job), job._repr_html_(), hash(job), job.is_final),
    ]

    assert service.calls == []
    assert shown[:2] == [ID, JobStatus.QUEUED]


def test_repr_is_one_line_for_people():
    job, service = submitted("QUEUED")
    service.clock.sleep(4)

    assert repr(job) == "<Job 468eeefd QUEUED 4s · 2 segments>"


def test_repr_and_card_tell_the_progress_that_the_service_tells():
    running = replace(record(ID, "PROCESSING"), progress=JobProgress(done=37, total=1_200))
    job, service = submitted("QUEUED", running, "SUCCEEDED")
    assert job.progress is None

    service.clock.sleep(4)
    job.refresh()
    assert job.progress == JobProgress(done=37, total=1_200)
    assert repr(job) == "<Job 468eeefd PROCESSING 4s · 37 of 1,200 tests · 2 segments>"
    assert "37 of 1,200 tests" in job._repr_html_()
    assert "tests" not in repr(job.refresh())


def test_repr_says_when_all_segments_are_meant():
    every = replace(record(ID), segments=(JobSegment(segment_id="*"),))

    assert repr(submitted(every)[0]) == "<Job 468eeefd QUEUED 0s · all segments>"


def test_unknown_creation_time_gives_unknown_elapsed():
    job, _ = submitted(replace(record(ID), created_at=None))

    assert job.elapsed is None
    assert repr(job) == "<Job 468eeefd QUEUED · 2 segments>"


def test_elapsed_runs_on_until_the_end():
    job, service = submitted("QUEUED", "SUCCEEDED")

    service.clock.sleep(30)
    running = job.elapsed
    job.refresh()
    service.clock.sleep(1_000)

    assert (running, job.elapsed) == (timedelta(seconds=30), timedelta(seconds=60))


def test_elapsed_is_never_negative():
    """The service's clock may be ahead of ours, and it cuts some times to seconds."""
    job, _ = submitted(replace(record(ID), created_at=START + timedelta(seconds=5)))

    assert job.elapsed == timedelta(0)


def test_elapsed_of_a_job_with_unknown_end_is_unknown():
    ended = replace(record(ID, "CANCELLED"), updated_at=None)

    assert submitted(ended)[0].elapsed is None


def test_jobs_are_equal_by_id():
    job, other = submitted("QUEUED")[0], submitted("FAILED")[0]

    assert job == other
    assert len({job, other}) == 1
    assert job != ID


def test_card_escapes_what_the_service_says():
    hostile = replace(record("<script>", "FAILED", ['"><img>']), request_id=None)

    card = submitted(hostile)[0]._repr_html_()

    assert "<script" not in card
    assert "<img" not in card
    assert "out of &lt;memory&gt;" in card


def test_card_keeps_the_call_stack_to_itself():
    assert "secret.py" not in submitted("FAILED")[0]._repr_html_()


def test_card_takes_the_colours_of_the_theme():
    assert "color:var(--jp-ui-font-color1, " in submitted("QUEUED")[0]._repr_html_()


def test_card_tells_when_the_job_was_last_read():
    job, service = submitted("PROCESSING")
    service.clock.sleep(42)

    assert "last read 42s ago" in job._repr_html_()


# Reading


def test_refresh_asks_once():
    job, service = submitted("QUEUED", "PROCESSING")

    assert job.refresh() is job
    assert job.status == "PROCESSING"
    assert service.methods() == ["GET"]


@pytest.mark.parametrize(
    ("status", "age_s", "requests"),
    [("QUEUED", 0.5, 0), ("QUEUED", 1.0, 1), ("SUCCEEDED", 3_600.0, 0)],
)
def test_done_asks_only_if_it_may_have_changed(status, age_s, requests):
    job, service = submitted(status)
    service.clock.sleep(age_s)

    assert job.done() is (status == "SUCCEEDED")
    assert len(service.calls) == requests


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("QUEUED", (False, False, False)),
        ("PROCESSING", (False, True, False)),
        ("CANCELLING", (False, True, False)),
        ("CANCELLED", (True, False, True)),
        ("FAILED", (True, False, False)),
        ("SUCCEEDED", (True, False, False)),
    ],
)
def test_questions_of_a_future(status, expected):
    job, _ = submitted(status)

    assert (job.done(), job.running(), job.cancelled()) == expected


def test_history_is_what_the_handle_saw():
    job, service = submitted("QUEUED", "QUEUED", "PROCESSING")

    service.clock.sleep(5)
    job.refresh()
    service.clock.sleep(5)
    job.refresh()

    assert job.history == (
        (START, JobStatus.QUEUED),
        (START + timedelta(seconds=10), JobStatus.PROCESSING),
    )


def test_a_final_state_stays():
    """A lagging replica of the service does not bring a job back to life."""
    job, _ = submitted("SUCCEEDED", "PROCESSING")

    assert job.refresh().status == "SUCCEEDED"


# Waiting


def test_wait_looks_less_and_less_often():
    job, service = submitted(*["PROCESSING"] * 9, "SUCCEEDED")

    assert job.wait() is job
    assert [round(t, 1) for t in service.times("GET")] == [
        *(1.0, 2.5, 4.8, 8.1, 13.2, 20.8, 32.2, 49.3, 69.3)
    ]


def test_wait_starts_anew_when_the_state_changes():
    job, service = submitted("QUEUED", "QUEUED", "QUEUED", "PROCESSING", "SUCCEEDED")

    job.wait()

    assert service.times("GET") == [1.0, 2.5, 4.75, 5.75]


def test_wait_first_looks_at_what_was_read_long_ago():
    job, service = submitted("QUEUED", "SUCCEEDED")
    service.clock.sleep(600)

    job.wait()

    assert service.times("GET") == [600.0]


def test_wait_for_a_job_that_ended_asks_nothing():
    job, service = submitted("SUCCEEDED")

    job.wait()

    assert service.calls == []


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
def test_wait_does_not_raise_however_the_job_ends(status):
    assert submitted("QUEUED", status)[0].wait().status == status


def test_wait_pauses_differ_by_chance_within_bounds():
    pauses = [Polling(jitter=0.1).pause(0, draw) for draw in (0.0, 0.5, 1.0)]

    assert pauses == pytest.approx([0.9, 1.0, 1.1])


def test_timeout_raises_and_lets_the_job_live():
    job, service = submitted("PROCESSING")

    with pytest.raises(JobTimeout, match="still PROCESSING after waiting 10 s") as caught:
        job.wait(10)

    assert caught.value.job is job
    assert isinstance(caught.value, TimeoutError)
    assert "DELETE" not in service.methods()


def test_timeout_looks_a_last_time_at_the_deadline():
    job, service = submitted("PROCESSING")

    with pytest.raises(JobTimeout):
        job.wait(4)

    assert service.times("GET") == [1.0, 2.5, 4.0]


def test_pause_that_ends_at_the_deadline_ends_the_wait():
    job, service = submitted("PROCESSING")

    with pytest.raises(JobTimeout):
        job.wait(2.5)

    assert service.times("GET") == [1.0, 2.5]


def test_job_that_ends_at_the_deadline_is_in_time():
    job, _ = submitted("PROCESSING", "PROCESSING", "SUCCEEDED")

    assert job.wait(2).status == "SUCCEEDED"


def test_timeout_of_zero_looks_once():
    job, service = submitted("PROCESSING")

    with pytest.raises(JobTimeout):
        job.wait(0)

    assert service.times("GET") == [0.0]


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        (30, 30.0),
        (timedelta(minutes=2), 120.0),
        ("90s", 90.0),
        ("30m", 1_800.0),
        ("1h30m", 5_400.0),
        ("1.5 h", 5_400.0),
        ("250ms", 0.25),
        ("2D", 172_800.0),
        (None, float("inf")),
    ],
)
def test_timeouts_are_read(timeout, seconds):
    assert seconds_of(timeout) == seconds


@pytest.mark.parametrize("timeout", ["30", "", "soon", "-1s", "10 m ago", -1, float("nan")])
def test_timeouts_that_mean_nothing_are_refused(timeout):
    with pytest.raises(ConfigError, match="timeout"):
        seconds_of(timeout)


# Failures to read


@pytest.mark.parametrize(
    "failure",
    [
        refusal(500),
        refusal(503),
        refusal(429),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError(""),
    ],
)
def test_failures_that_pass_do_not_end_the_wait(failure):
    job, _ = submitted("QUEUED", failure, failure, "SUCCEEDED")

    assert job.wait().status == "SUCCEEDED"


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (refusal(400), BadRequest),
        (refusal(403), PermissionDenied),
        (refusal(404), NotFound),
    ],
)
def test_failures_that_stay_end_the_wait_at_once(failure, error):
    job, service = submitted("QUEUED", failure)

    with pytest.raises(error):
        job.wait()

    assert len(service.calls) == 1


def test_failures_beyond_the_grace_end_the_wait():
    job, service = submitted("PROCESSING", refusal(503, "busy"))

    with pytest.raises(PollFailed, match=r"was PROCESSING and may live on: busy") as caught:
        job.wait()

    assert caught.value.job is job
    assert isinstance(caught.value.__cause__, ServerError)
    assert 300 <= service.clock.elapsed_s - 1 < 320


def test_the_grace_is_for_failures_in_a_row():
    flaky = [refusal(503), refusal(503), "PROCESSING"] * 200
    job, service = submitted("QUEUED", *flaky, "SUCCEEDED")

    job.wait()

    assert service.clock.elapsed_s > 3_000


def test_wait_pauses_as_long_as_the_service_asks():
    job, service = submitted("QUEUED", refusal(429, retry_after="45"), "SUCCEEDED")

    job.wait()

    assert service.times("GET") == [1.0, 46.0]


def test_short_retry_after_does_not_hurry():
    job, service = submitted("QUEUED", refusal(503, retry_after="0"), "SUCCEEDED")

    job.wait()

    assert service.times("GET") == [1.0, 2.5]


def test_timeout_during_an_outage_tells_of_it():
    job, _ = submitted("QUEUED", refusal(503, "busy"))

    with pytest.raises(JobTimeout) as caught:
        job.wait(5)

    assert isinstance(caught.value.__cause__, ServerError)


def test_unknown_state_is_shown_warned_of_once_and_not_final():
    job, _ = submitted("QUEUED", "PAUSED", "PAUSED", "SUCCEEDED")

    with pytest.warns(UserWarning, match="'PAUSED'") as warned:
        job.wait()

    assert len(warned) == 1
    assert [status for _, status in job.history] == ["QUEUED", "PAUSED", "SUCCEEDED"]


def test_unknown_state_does_not_outlive_the_deadline():
    job, _ = submitted("QUEUED", "PAUSED")

    with (
        pytest.warns(UserWarning, match="PAUSED"),
        pytest.raises(JobTimeout, match="still PAUSED"),
    ):
        job.wait("10m")


# Interrupts


def test_interrupt_detaches_and_says_how_to_go_on():
    job, service = submitted("PROCESSING")
    service.clock.interrupt_at_s = 7.0

    with pytest.raises(KeyboardInterrupt) as caught:
        job.wait()

    (note,) = caught.value.__notes__
    assert f"client.get('{ID}').wait()" in note
    assert f"client.get('{ID}').cancel()" in note
    assert "DELETE" not in service.methods()


def test_interrupt_cancels_if_told_so():
    job, service = submitted("PROCESSING")
    service.clock.interrupt_at_s = 1.0

    with pytest.raises(KeyboardInterrupt) as caught:
        job.result(on_interrupt="cancel")

    assert "DELETE" in service.methods()
    assert job.status == "CANCELLING"
    assert caught.value.__notes__[0].startswith(f"Cancelling job {ID}")


def test_interrupt_stays_an_interrupt_when_cancelling_fails():
    job, service = submitted("PROCESSING")
    service.routes[f"DELETE /segment/jobs/{ID}"] = lambda _: refusal(503, "busy")
    service.clock.interrupt_at_s = 1.0

    with pytest.raises(KeyboardInterrupt) as caught:
        job.wait(on_interrupt="cancel")

    assert "could not be cancelled and may live on" in caught.value.__notes__[1]


def test_second_interrupt_does_not_lose_the_note():
    job, service = submitted("PROCESSING")

    def interrupted(_):
        raise KeyboardInterrupt

    service.routes[f"DELETE /segment/jobs/{ID}"] = interrupted
    service.clock.interrupt_at_s = 1.0

    with pytest.raises(KeyboardInterrupt) as caught:
        job.wait(on_interrupt="cancel")

    assert ID in caught.value.__notes__[0]


def test_interrupt_between_tries_to_read_detaches():
    job, service = submitted("PROCESSING", httpx.ReadTimeout("slow"))
    service.clock.interrupt_at_s = 2.0

    with pytest.raises(KeyboardInterrupt) as caught:
        job.wait()

    assert "lives on" in caught.value.__notes__[0]


def test_system_clock_wakes_up_on_an_interrupt():
    ring = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    clock = SystemClock()
    began = clock.monotonic()
    ring.start()

    with pytest.raises(KeyboardInterrupt):
        clock.sleep(30)

    assert clock.monotonic() - began < 5


def test_system_clock_tells_utc():
    assert SystemClock().now().utcoffset() == timedelta(0)


# Results


def test_result_of_a_success_is_the_same_object_again():
    job, service = submitted("QUEUED", "SUCCEEDED")

    first = job.result()
    service.calls.clear()

    assert job.result() is first
    assert service.calls == []


def test_result_of_a_failure_raises_its_first_reason_afresh():
    job, _ = submitted("QUEUED", "FAILED")

    with pytest.raises(JobFailed, match=r"failed: out of <memory> \[code 7\]$") as first:
        job.result()
    with pytest.raises(JobFailed) as second:
        job.result()

    assert first.value is not second.value
    assert first.value.errors == job.errors


def test_failure_without_a_reason_says_so():
    job, _ = submitted(replace(record(ID, "FAILED"), errors=()))

    with pytest.raises(JobFailed, match="gave no reason; quote request request-1"):
        job.result()


def test_result_of_a_cancelled_job_raises():
    with pytest.raises(JobCancelled, match="was cancelled"):
        submitted("QUEUED", "CANCELLED")[0].result()


@pytest.mark.parametrize(
    ("status", "kind"),
    [("SUCCEEDED", type(None)), ("FAILED", JobFailed), ("CANCELLED", JobCancelled)],
)
def test_exception_is_returned_not_raised(status, kind):
    assert type(submitted("QUEUED", status)[0].exception()) is kind


def test_exception_raises_the_timeout():
    with pytest.raises(JobTimeout):
        submitted("QUEUED")[0].exception(3)


def test_result_shows_counts_and_admits_what_is_unknown():
    result = submitted("SUCCEEDED")[0].result()

    assert repr(result) == "<JobResult 468eeefd · gold 1,234 · lapsed unknown>"
    assert "profiles of 5,000" in result._repr_html_()


def test_result_card_escapes_segment_names():
    result = submitted(record(ID, "SUCCEEDED", ["<b>", "lapsed"]))[0].result()

    assert ">&lt;b&gt;</td>" in result._repr_html_()


def test_result_of_many_segments_shows_some():
    result = submitted(record(ID, "SUCCEEDED", [f"s{n}" for n in range(12)]))[0].result()

    assert repr(result).endswith("· s2 unknown · 12 segments>")
    assert "and 2 more in .to_frame()" in result._repr_html_()


def test_result_without_metrics_has_unknown_ones():
    result = submitted(replace(record(ID, "SUCCEEDED"), metrics=None))[0].result()

    assert result.metrics == JobMetrics()


@pytest.mark.parametrize(
    ("method", "column"),
    [
        ("to_frame", "segment_id"),
        ("by_namespace", "namespace"),
        ("by_status", "status"),
        ("timing", "phase"),
    ],
)
def test_result_has_its_frames(method, column):
    result = submitted("SUCCEEDED")[0].result()

    frame = getattr(result, method)()

    assert column in frame.columns
    assert len(frame) > 0


# Cancelling


def test_cancel_is_accepted():
    job, service = submitted("PROCESSING")

    assert job.cancel() is True
    assert service.methods() == ["DELETE", "GET"]
    assert job.status == "CANCELLING"


def test_cancel_twice_sends_one_request():
    job, service = submitted("PROCESSING")

    assert (job.cancel(), job.cancel()) == (True, True)
    assert service.methods().count("DELETE") == 1


def test_cancel_of_an_ended_job_sends_nothing():
    job, service = submitted("SUCCEEDED")

    assert job.cancel() is False
    assert service.calls == []


def test_cancel_of_an_old_handle_looks_first():
    """A DELETE of an ended job might remove it from the listings."""
    job, service = submitted("PROCESSING", "SUCCEEDED")
    service.clock.sleep(600)

    assert job.cancel() is False
    assert service.methods() == ["GET"]


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED"])
def test_cancel_lost_the_race_when_the_job_ended_first(status):
    job, service = submitted("PROCESSING")
    service.after_cancel = [status]

    assert job.cancel() is False
    assert job.status == status


@pytest.mark.parametrize("code", [400, 409])
def test_cancel_that_is_refused_because_the_job_ended_is_no_error(code):
    job, service = submitted("PROCESSING", "SUCCEEDED")
    service.routes[f"DELETE /segment/jobs/{ID}"] = lambda _: refusal(code)

    assert job.cancel() is False


def test_cancel_that_is_refused_for_another_reason_raises():
    job, service = submitted("PROCESSING", "PROCESSING")
    service.routes[f"DELETE /segment/jobs/{ID}"] = lambda _: refusal(400, "not yours")

    with pytest.raises(BadRequest, match="not yours"):
        job.cancel()


@pytest.mark.parametrize("answer", [refusal(404), refusal(503), httpx.ReadTimeout("slow")])
def test_cancel_was_accepted_even_if_the_job_cannot_be_read_then(answer):
    job, service = submitted("PROCESSING")
    service.after_cancel = [answer]

    assert job.cancel() is True
    assert job.status == "CANCELLING"


def test_cancel_works_though_reading_fails():
    job, service = submitted("PROCESSING", refusal(503))
    service.clock.sleep(60)

    assert job.cancel() is True


def test_job_that_finishes_while_cancelling_is_a_success():
    job, service = submitted("PROCESSING")
    service.after_cancel = ["CANCELLING", "SUCCEEDED"]

    job.cancel()

    assert job.result().record.status == "SUCCEEDED"


# with


def test_leaving_with_cancels_an_unfinished_job():
    job, service = submitted("PROCESSING")

    with job:
        pass

    assert service.methods().count("DELETE") == 1


def test_leaving_with_leaves_a_finished_job_alone():
    job, service = submitted("PROCESSING", "SUCCEEDED")

    with job:
        job.result()

    assert "DELETE" not in service.methods()


def test_interrupt_inside_with_cancels_once():
    job, service = submitted("PROCESSING")
    service.clock.interrupt_at_s = 1.0

    with pytest.raises(KeyboardInterrupt) as caught, job:
        job.wait()

    assert service.methods().count("DELETE") == 1
    assert "lives on" not in "".join(caught.value.__notes__)


def test_interrupt_after_with_detaches_again():
    job, service = submitted("PROCESSING")
    with job:
        pass
    service.clock.interrupt_at_s = 1.0

    with pytest.raises(KeyboardInterrupt) as caught:
        job.wait()

    assert "lives on" in caught.value.__notes__[0]


def test_error_inside_with_matters_more_than_a_failing_cancellation():
    job, service = submitted("PROCESSING")
    service.routes[f"DELETE /segment/jobs/{ID}"] = lambda _: refusal(503)

    with pytest.raises(LookupError) as caught, job:
        raise LookupError

    assert "could not be cancelled" in caught.value.__notes__[0]


def test_failing_cancellation_at_the_end_of_with_is_told():
    job, service = submitted("PROCESSING")
    service.routes[f"DELETE /segment/jobs/{ID}"] = lambda _: refusal(503)

    with pytest.raises(ServerError), job:
        pass


# Pickles


def test_pickled_job_keeps_what_it_knew_and_no_credentials():
    job, _ = submitted("SUCCEEDED")

    pickled = pickle.dumps(job)
    copy = pickle.loads(pickled)

    assert b"canary" not in pickled
    assert (copy, copy.record, copy.history) == (job, job.record, job.history)
    assert copy.result().metrics == job.metrics


def test_pickled_job_says_that_it_cannot_ask():
    copy = pickle.loads(pickle.dumps(submitted("QUEUED")[0]))

    with pytest.raises(ConfigError, match=rf"client.get\('{ID}'\) has"):
        copy.refresh()


def test_job_errors_survive_pickling():
    error = submitted("FAILED")[0].exception()

    copy = pickle.loads(pickle.dumps(error))

    assert (str(copy), copy.job) == (str(error), error.job)


def test_job_waits_without_a_client():
    class Calls:
        def read_job(self, job_id: str) -> JobRecord:
            return record(job_id, "SUCCEEDED")

        def cancel_job(self, job_id: str) -> None:
            raise TransportError(job_id)

    job = Job(record(ID), Calls(), polling=STEADY, clock=FakeClock(), progress="off")

    assert job.wait().status == "SUCCEEDED"


def test_how_far_a_job_was_is_not_told_of_one_that_has_ended():
    under_way = replace(
        record("job-1", "PROCESSING"), progress=JobProgress(done=1, total=2)
    )
    service = FakeService(jobs={"job-1": ["QUEUED", under_way, "SUCCEEDED"]})

    job = connected(service).submit("gold").wait()

    assert (job.status, job.progress) == ("SUCCEEDED", None)
