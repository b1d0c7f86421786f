"""Jobs and groups in an event loop: it goes on meanwhile, and everything is shown by its thread."""

from __future__ import annotations

import asyncio
import threading

import pytest

import segtoolkit as sg
from segtoolkit.errors import JobCancelled, JobFailed, PollFailed
from tests.fakes import FakeService, connected, refusal
from tests.local.sample_service import IN_DE, IN_US, PEOPLE
from tests.test_groups import Shop

LOOPS = ["asyncio"]
try:
    import uvloop
except ImportError:  # not on Windows
    pass
else:
    LOOPS.append("uvloop")


@pytest.fixture(params=LOOPS)
def run(request):
    """Return what runs a coroutine, in each kind of loop."""
    return uvloop.run if request.param == "uvloop" else asyncio.run


def submitted(*answers, **options):
    service = FakeService(jobs={"job-1": list(answers)})
    return connected(service, **options).submit("gold"), service


async def awaited(waited):
    return await waited


async def collected(group):
    return [job.id async for job in group]


def test_job_is_awaited_for_its_result(run):
    job, _ = submitted("QUEUED", "PROCESSING", "SUCCEEDED")

    result = run(awaited(job))

    assert result.metrics.segmented_profile_counter == {"gold": 1_234}
    assert result is job.result()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("FAILED", JobFailed),
        ("CANCELLED", JobCancelled),
        (refusal(503), PollFailed),
        (refusal(404), sg.NotFound),
    ],
)
def test_awaiting_raises_what_result_raises(run, answer, error):
    job, _ = submitted("QUEUED", answer)

    with pytest.raises(error):
        run(awaited(job))


def test_job_that_has_ended_is_awaited_without_a_request(run):
    job, service = submitted("SUCCEEDED")
    before = len(service.calls)

    run(awaited(job))

    assert len(service.calls) == before


def test_jobs_of_a_group_come_as_they_end(run):
    shop = Shop(slow=30, quick=2, middle=9)
    group = connected(shop.service).submit_each(shop.lasts_s)

    assert run(collected(group)) == ["quick", "middle", "slow"]


def test_loop_goes_on_while_jobs_are_awaited(run):
    """Both jobs are of one client: one waits in each thread, and neither in the loop's."""

    async def both():
        with sg.connect_local(profiles=PEOPLE, progress="off") as client:
            client.definitions.put("us", IN_US)
            client.definitions.put("de", IN_DE)
            results = await asyncio.gather(client.submit("us"), client.submit("de"))
            return [r.metrics.segmented_profile_counter for r in results]

    assert run(both()) == [{"us": 2}, {"de": 1}]


def test_progress_is_shown_by_the_thread_of_the_loop(run):
    threads = set()
    job, _ = submitted(
        "QUEUED", "SUCCEEDED", progress=lambda _: threads.add(threading.get_ident())
    )

    run(awaited(job))

    assert threads == {threading.get_ident()}


def test_what_is_shown_comes_before_what_is_awaited(run):
    seen = []
    job, _ = submitted("QUEUED", "SUCCEEDED", progress=lambda j: seen.append(j.status))

    async def ending():
        await job
        return list(seen)

    assert run(ending())[-1] == "SUCCEEDED"


def test_error_of_a_progress_function_ends_the_awaiting(run):
    def broken(_):
        raise LookupError("mine")

    job, _ = submitted("QUEUED", "PROCESSING", progress=broken)

    with pytest.raises(LookupError, match="mine"):
        run(awaited(job))


class Held:
    """A service whose job is being worked on; somebody knows when it is looked at."""

    def __init__(self, loop):
        self.looked_at = asyncio.Event()
        self.service = FakeService(jobs={"job-1": ["PROCESSING"]})
        self.service.routes["GET /segment/jobs/job-1"] = self._look
        self._loop = loop

    def _look(self, _request):
        self._loop.call_soon_threadsafe(self.looked_at.set)
        return self.service._job_answer(self.service.calls[-1])


def waiting_threads():
    return [t for t in threading.enumerate() if t.name == "segtoolkit-wait"]


def test_cancelling_the_task_lets_the_job_live_on_and_ends_the_thread(run):
    async def cancelling():
        held = Held(asyncio.get_running_loop())
        job = connected(held.service).submit("gold")
        task = asyncio.create_task(awaited(job))
        await held.looked_at.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return held.service.methods(), caught.value.__notes__

    methods, (note,) = run(cancelling())
    for thread in waiting_threads():
        thread.join(20)

    assert "DELETE" not in methods
    assert "job job-1 lives on. client.get('job-1').wait() waits again" in note
    assert waiting_threads() == []


def test_with_cancels_the_job_whose_awaiting_is_cancelled(run):
    async def cancelling():
        held = Held(asyncio.get_running_loop())

        async def within():
            with connected(held.service).submit("gold") as job:
                await job

        task = asyncio.create_task(within())
        await held.looked_at.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return held.service.methods()

    assert "DELETE" in run(cancelling())


def test_leaving_the_loop_of_a_group_early_ends_the_thread(run):
    shop = Shop(quick=2, slow=10**9)
    group = connected(shop.service).submit_each(shop.lasts_s)

    async def first():
        async for job in group:
            assert job.id == "quick"
            break

    run(first())
    for thread in waiting_threads():
        thread.join(20)
    assert waiting_threads() == []


def test_awaiting_outside_of_a_loop_is_refused_as_python_does():
    job, _ = submitted("QUEUED")

    with pytest.raises(RuntimeError, match="no running event loop"):
        job.__await__().send(None)
