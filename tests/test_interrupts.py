"""■ in a real kernel: waiting ends at once and says so, what runs for the cell is really stopped."""

from __future__ import annotations

import pytest

from tests import kernels

SET_UP = """
from segtoolkit.local import SegmentService, Store
from segtoolkit.local.profiles import loading
from segtoolkit.roads.local import _client_of
from tests.local.sample_service import IN_US, PEOPLE, SLOW, SlowEngine

ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000) b WHERE a.range * b.range = -1"
service = SegmentService(Store.open(None), SlowEngine())
client = _client_of(service, None, None, None)
client.local.load_profiles(PEOPLE, name="people")
client.definitions.put("slow", SLOW)
client.definitions.put("us", IN_US)
client.definitions.put("all", "true")
"""
UNDER_WAY = "sorted(service.runs.under_way())"


@pytest.fixture(scope="module")
def kernel():
    with kernels.started() as kernel:
        assert kernel.run(SET_UP).error is None
        yield kernel


@pytest.fixture(autouse=True)
def _ended(kernel):
    """Leave nothing running behind."""
    yield
    kernel.run("for job in client.list(status=['QUEUED', 'PROCESSING']): job.cancel()")


def asked(kernel, code: str) -> str:
    """Return the value of *code* in the kernel."""
    (text,) = kernel.run(code).texts
    return text


def test_interrupted_wait_says_that_the_job_lives_on_and_how_to_come_by_it(kernel):
    kernel.begin("job = client.submit('slow'); job.wait()")
    kernel.until("PROCESSING")

    kernel.interrupt()

    shown = kernel.end()
    job_id = asked(kernel, "job.id").strip("'")
    assert shown.error == "KeyboardInterrupt"
    (card,) = shown.texts
    assert card.endswith("stopped waiting; the job lives on")
    assert f"client.get('{job_id}').wait() waits again" in shown.traceback
    assert f"client.get('{job_id}').cancel() cancels it" in shown.traceback
    assert asked(kernel, "job.refresh().status.value") == "'PROCESSING'"


@pytest.mark.parametrize(
    ("waiting", "said"),
    [
        ("job.result()", "stopped waiting; the job lives on"),
        ("await job", "stopped waiting; the work goes on"),
    ],
)
def test_interrupted_result_or_await_lets_the_job_live_on(kernel, waiting, said):
    kernel.begin(f"job = client.submit('slow'); {waiting}")
    kernel.until("PROCESSING")

    kernel.interrupt()

    assert kernel.end().texts[0].endswith(said)
    assert asked(kernel, "job.refresh().status.value") == "'PROCESSING'"


WITHIN = """
with client.submit("slow") as job:
    job.wait()
"""


@pytest.mark.parametrize("cell", ["client.run('slow')", WITHIN])
def test_interrupted_run_and_with_cancel_the_job_and_end_its_work(kernel, cell):
    kernel.begin(cell)
    kernel.until("PROCESSING")

    kernel.interrupt()

    shown = kernel.end()
    assert shown.texts[0].endswith("asked the service to cancel the job")
    assert "Cancelling job" in shown.traceback
    assert ".status shows whether it worked" in shown.traceback
    assert asked(kernel, "next(iter(client.list(limit=1))).wait().status.value") == (
        "'CANCELLED'"
    )
    assert asked(kernel, UNDER_WAY) == "[]"


def test_interrupted_sizing_ends_its_work(kernel):
    kernel.begin("client.size(SLOW)")
    kernel.until("RUNNING")

    kernel.interrupt()

    shown = kernel.end()
    (card,) = shown.texts
    assert card == "<Estimate unknown size (RUNNING)> stopped"
    assert "Stopped sizing; so far: unknown size (RUNNING)." in shown.traceback
    assert asked(kernel, UNDER_WAY) == "[]"
    assert asked(kernel, "client.size(IN_US).size") == "2"


LOAD = """
derive = loading.derive
def endless(cursor, kind, step):
    step("finding identities", None)
    cursor.execute(ENDLESS).fetchall()
loading.derive = endless
try:
    client.local.load_profiles(PEOPLE[:1], name="people")
finally:
    loading.derive = derive
"""


def test_interrupted_load_is_stopped_in_the_middle_of_a_statement_and_not_kept(kernel):
    kernel.begin(LOAD)
    kernel.until("finding identities")

    kernel.interrupt()

    shown = kernel.end()
    (card,) = shown.texts
    assert card.endswith("Stopped: nothing of it is kept.")
    assert "Stopped: nothing of it is kept." in shown.traceback
    assert asked(kernel, UNDER_WAY) == "[]"
    assert asked(kernel, "client.size('true').size") == "3"


def test_interrupted_group_says_how_to_come_by_its_jobs(kernel):
    kernel.begin("group = client.submit_each(['slow', 'us']); group.wait()")
    kernel.until("PROCESSING")

    kernel.interrupt()

    shown = kernel.end()
    assert shown.texts[0].endswith("stopped waiting")
    assert "2 jobs live on, 0 are not submitted. client.group(['" in shown.traceback


SLOW_TO_CANCEL = """
import time
from IPython.display import display
cancel = service.cancel
def slowly(job_id):
    display({"text/plain": "asked to cancel"}, raw=True)
    time.sleep(30)
service.cancel = slowly
"""


def test_second_interrupt_loses_neither_note_nor_handle(kernel):
    kernel.run(SLOW_TO_CANCEL)
    kernel.begin("client.run('slow')")
    kernel.until("PROCESSING")
    kernel.press()
    kernel.until("asked to cancel")

    kernel.interrupt()

    shown = kernel.end()
    kernel.run("service.cancel = cancel")
    assert "Cancelling job" in shown.traceback
    assert "could not be cancelled and may live on; client.get('" in shown.traceback
    assert shown.texts[0].endswith("asked the service to cancel the job")


def test_await_shows_one_card_with_the_final_state(kernel):
    shown = kernel.run("(await client.submit('us')).metrics.segmented_profile_counter;")

    (card,) = shown.texts
    assert " SUCCEEDED " in card
    assert (shown.streams, shown.error) == ("", None)


def test_group_is_iterated_in_the_loop_of_the_kernel(kernel):
    shown = kernel.run(
        "[job.status.value async for job in client.submit_each(['us', 'all'])]"
    )

    card, ended = shown.texts
    assert "2 jobs" in card
    assert ended == "['SUCCEEDED', 'SUCCEEDED']"
