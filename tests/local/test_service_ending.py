from __future__ import annotations

import _thread
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from segtoolkit.engine import DuckDBEngine
from segtoolkit.errors import (
    DataError,
    NotFound,
    StoreError,
)
from segtoolkit.local import SegmentService, Store, open_service
from segtoolkit.models import JobStatus
from tests.local.sample_service import (
    IN_US,
    PEOPLE,
    SLOW,
    SlowEngine,
    person,
    reached,
    run,
    wanted,
)

ROOT = Path(__file__).parents[2]


def is_open(service) -> bool:
    try:
        service.definitions()
    except StoreError:
        return False
    return True


def test_a_running_job_is_cancelled_within_a_second(service):
    job = service.submit(["slow"])
    reached(service, job.id, JobStatus.PROCESSING)
    time.sleep(0.2)
    begun = time.monotonic()
    assert service.cancel(job.id).status is JobStatus.CANCELLING
    cancelled = reached(service, job.id)
    assert time.monotonic() - begun < 1
    assert cancelled.status is JobStatus.CANCELLED
    assert cancelled.metrics.profile_segmentation_time.duration > timedelta(0)
    assert cancelled.metrics.segmented_profile_counter == {}


def test_a_job_is_cancelled_the_moment_it_begins(service):
    for _ in range(20):
        job = service.submit(["slow"])
        reached(service, job.id, JobStatus.PROCESSING)
        service.cancel(job.id)
        assert reached(service, job.id).status is JobStatus.CANCELLED


def test_a_queued_job_is_cancelled_at_once_and_never_runs(service):
    running, queued = service.submit(["slow"]), service.submit(["us"])
    assert service.cancel(queued.id).status is JobStatus.CANCELLED
    service.cancel(running.id)
    assert run(service, "de").status is JobStatus.SUCCEEDED
    assert service.job(queued.id).status is JobStatus.CANCELLED
    assert service.job(queued.id).batch_id is None


def test_a_job_that_has_ended_is_not_changed_by_cancelling(service):
    job = run(service, "us")
    assert service.cancel(job.id) == job
    assert service.job(job.id) == job


def test_cancelling_twice_is_cancelling(service):
    job = service.submit(["slow"])
    reached(service, job.id, JobStatus.PROCESSING)
    service.cancel(job.id)
    service.cancel(job.id)
    assert reached(service, job.id).status is JobStatus.CANCELLED


def test_a_cancelled_job_is_not_what_the_next_one_compares_with(service):
    run(service, "us")
    both = service.submit(["us", "slow"])
    reached(service, both.id, JobStatus.PROCESSING)
    service.cancel(both.id)
    reached(service, both.id)
    assert run(service, "us").metrics.segmented_profile_by_status_counter["us"] == {
        "realized": 0,
        "existing": 2,
        "exited": 0,
    }


def test_an_unknown_job_is_not_found(service):
    for ask in (service.job, service.cancel):
        with pytest.raises(NotFound, match="no segment job 'nope'"):
            ask("nope")


def test_ctrl_c_ends_an_estimate_at_once(service):
    threading.Timer(0.1, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        service.preview(SLOW)
    assert not service.runs.under_way()
    assert service.estimate(service.preview(IN_US)).size == 2


# Loading, opening and closing


def test_loads_are_reported_and_a_bad_one_changes_nothing(service):
    with pytest.raises(DataError):
        service.load([{"city": "Ulm"}], kind="profiles", name="profiles")
    assert [report.rows for report in service.reports] == [3]
    assert service.estimate(service.preview(IN_US)).total == 3


def test_several_loads_are_one_change(service):
    good, bad = (
        ("profiles", "other", [person("zoe", "FR")]),
        ("events", None, [{"_id": "1"}]),
    )
    with pytest.raises(DataError):
        service.prepare([good, bad], {})
    assert service.estimate(service.preview(IN_US)).total == 3
    assert len(service.reports) == 1


def test_profiles_can_be_loaded_while_a_job_runs(service):
    job = service.submit(["slow"])
    reached(service, job.id, JobStatus.PROCESSING)
    service.load([PEOPLE[0]], kind="profiles", name="profiles")
    assert service.estimate(service.preview(IN_US)).total == 1
    service.cancel(job.id)


def test_a_path_opened_twice_gives_one_service_closed_by_the_last_holder(store_path):
    first, second = open_service(store_path), open_service(str(store_path))
    assert first is second
    first.load(PEOPLE, kind="profiles")
    first.close()
    assert second.estimate(second.preview(IN_US)).size == 2
    second.close()
    with pytest.raises(StoreError, match="closed"):
        second.definitions()


def test_closing_ends_what_runs_and_says_so_in_the_job(store_path):
    closing = SegmentService(Store.open(store_path), SlowEngine())
    closing.load(PEOPLE, kind="profiles")
    closing.create_definition(wanted("slow", SLOW))
    running, queued = closing.submit(["slow"]), closing.submit(["slow"])
    reached(closing, running.id, JobStatus.PROCESSING)
    begun = time.monotonic()
    closing.close()
    assert time.monotonic() - begun < 2
    reopened = open_service(store_path)
    for job in (running, queued):
        ended = reopened.job(job.id)
        assert ended.status is JobStatus.FAILED
        assert ended.errors[0].message == "the store was closed before the job ended"
    reopened.close()


def test_a_client_that_the_worker_happens_to_collect_closes_the_service_all_the_same(
    store_path,
):
    class Collecting(DuckDBEngine):
        def evaluate(self, cursor, expressions, **how):
            closing.close()
            return super().evaluate(cursor, expressions, **how)

    closing = SegmentService(Store.open(store_path), Collecting())
    closing.load(PEOPLE, kind="profiles")
    closing.create_definition(wanted("us", IN_US))
    closing.submit(["us"])
    deadline = time.monotonic() + 5
    while is_open(closing) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_open(closing)


def test_what_was_defined_and_evaluated_is_there_after_reopening(store_path):
    first = open_service(store_path)
    first.load(PEOPLE, kind="profiles")
    first.create_definition(wanted("us", IN_US))
    job = run(first, "us")
    first.close()
    second = open_service(store_path)
    assert second.job(job.id) == job
    assert (
        run(second, "us").metrics.segmented_profile_by_status_counter["us"]["existing"] == 2
    )
    second.close()


SCRIPT = """
import sys, time
from segtoolkit.local import SegmentService, Store
from segtoolkit.models import JobStatus
from tests.local.sample_service import IN_US, PEOPLE, SLOW, SlowEngine, reached, wanted

service = SegmentService(Store.open(sys.argv[1]), SlowEngine())
service.load(PEOPLE, kind="profiles")
service.create_definition(wanted("us", IN_US))
service.create_definition(wanted("slow", SLOW))
done = reached(service, service.submit(["us"]).id)
running, queued = service.submit(["slow"]), service.submit(["us"])
reached(service, running.id, JobStatus.PROCESSING)
print(done.id, running.id, queued.id)
"""


def test_after_kill_9_finished_jobs_are_intact_and_unfinished_ones_failed(store_path):
    with subprocess.Popen(
        [sys.executable, "-uc", f"{SCRIPT}\ntime.sleep(600)", str(store_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as victim:
        done, *unfinished = victim.stdout.readline().split()
        victim.kill()
    service = open_service(store_path)
    assert service.job(done).metrics.segmented_profile_counter == {"us": 2}
    for job_id in unfinished:
        job = service.job(job_id)
        assert job.status is JobStatus.FAILED
        assert "process that evaluated this job ended" in job.errors[0].message
    assert (
        run(service, "us").metrics.segmented_profile_by_status_counter["us"]["existing"]
        == 2
    )
    service.close()


def test_an_interpreter_that_exits_under_a_running_query_neither_hangs_nor_aborts(
    store_path,
):
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(store_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
