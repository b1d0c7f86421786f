"""Work is stopped in any phase, and nothing of it is kept: jobs, loads, merges, estimates."""

from __future__ import annotations

import _thread
import threading
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pandas as pd
import pytest

import segtoolkit as sg
from segtoolkit import wire
from segtoolkit.client import Client
from segtoolkit.engine import DuckDBEngine
from segtoolkit.errors import NotFound
from segtoolkit.jobs import Polling
from segtoolkit.local import SegmentService, Store, make_app, memberships
from segtoolkit.local.evaluation import TOO_LATE, aside
from segtoolkit.local.exports import Exports
from segtoolkit.local.merge_policies import MergePolicies
from segtoolkit.local.publishing import publish
from segtoolkit.models import ExportedSegment, JobProgress, JobStatus
from tests.local.sample_service import (
    IN_DE,
    IN_US,
    PEOPLE,
    SLOW,
    person,
    reached,
    run,
    wanted,
)


class PausingEngine(DuckDBEngine):
    """The real engine; it waits for leave before each of its steps but the first few."""

    def __init__(self) -> None:
        super().__init__()
        self.free_steps = 0
        self.paused = threading.Event()
        self.leave = threading.Event()
        self.steps: list[int] = []

    def evaluate(self, cursor, expressions, *, step, **how):
        def pausing(done, total):
            step(done, total)
            self.steps.append(done)
            if len(self.steps) > self.free_steps:
                self.paused.set()
                assert self.leave.wait(20)

        return super().evaluate(cursor, expressions, step=pausing, **how)


@pytest.fixture
def engine():
    return PausingEngine()


@pytest.fixture
def pausing(store_path, engine):
    """A service whose jobs pause."""
    service = SegmentService(Store.open(store_path), engine)
    service.load(PEOPLE, kind="profiles")
    for segment_id, text in {"us": IN_US, "de": IN_DE}.items():
        service.create_definition(wanted(segment_id, text))
    yield service
    engine.leave.set()
    service.close()


@contextmanager
def loading(service, **how):
    """Load in another thread, which pauses at its first step; yields what ends that pause."""
    paused, leave = threading.Event(), threading.Event()

    def step(_what, _rows):
        paused.set()
        assert leave.wait(20)

    def load():
        service.load(PEOPLE[:1], kind="profiles", name="profiles", step=step, **how)

    thread = threading.Thread(target=load)
    thread.start()
    assert paused.wait(20)
    try:
        yield leave
    finally:
        leave.set()
        thread.join()


def test_a_job_that_is_cancelled_takes_no_further_step(pausing, engine):
    job = pausing.submit(["us", "de"])
    assert engine.paused.wait(20)
    pausing.cancel(job.id)
    engine.leave.set()

    assert reached(pausing, job.id).status is JobStatus.CANCELLED
    assert len(engine.steps) == 1


def test_jobs_run_and_are_cancelled_while_data_is_loaded(service):
    with loading(service):
        assert run(service, "us").metrics.segmented_profile_counter == {"us": 2}
        slow = service.submit(["slow"])
        reached(service, slow.id, JobStatus.PROCESSING)
        service.cancel(slow.id)
        assert reached(service, slow.id).status is JobStatus.CANCELLED
        queued = [service.submit(["slow"]), service.submit(["us"])]
        for job in reversed(queued):
            service.cancel(job.id)
            assert reached(service, job.id).status is JobStatus.CANCELLED

    assert service.estimate(service.preview("true")).size == 1


def test_exports_are_written_while_data_is_loaded(service, tmp_path):
    run(service, "us")
    exports = Exports(service, tmp_path)
    request = wire.ExportRequest(
        dataset_id="crm", segments=(ExportedSegment(segment_id="us"),)
    )
    with loading(service):
        export = exports.create(request, request_id=None)
        deadline = time.monotonic() + 20
        while not export.status.is_final and time.monotonic() < deadline:
            time.sleep(0.01)
            export = exports.get(export.id)

        assert export.status is JobStatus.SUCCEEDED
    assert export.metrics.total_exported_profile_counter == 2


class PausingCounts(Mapping):
    """Counts of no segment; whoever writes them down waits for leave."""

    def __init__(self) -> None:
        self.paused, self.leave = threading.Event(), threading.Event()

    def __iter__(self):
        self.paused.set()
        assert self.leave.wait(20)
        return iter(())

    def __getitem__(self, segment_id):
        raise KeyError(segment_id)

    def __len__(self) -> int:
        return 0


class CountingEngine(DuckDBEngine):
    """The real engine, with such counts."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = PausingCounts()

    def evaluate(self, cursor, expressions, **how):
        return replace(super().evaluate(cursor, expressions, **how), counts=self.counts)


def test_a_job_is_cancelled_while_it_writes_down_what_it_found(store_path):
    engine = CountingEngine()
    service = SegmentService(Store.open(store_path), engine)
    service.load(PEOPLE, kind="profiles")
    service.create_definition(wanted("us", IN_US))
    job = service.submit(["us"])
    assert engine.counts.paused.wait(20)
    writing = service.runs._by_name[job.id]
    cancelling = threading.Thread(target=service.cancel, args=(job.id,))
    cancelling.start()
    until(lambda: writing._told_to_stop)
    engine.counts.leave.set()
    cancelling.join()

    assert reached(service, job.id).status is JobStatus.CANCELLED
    with service.store.read() as cursor:
        assert memberships.latest(cursor, "us") is None
    service.close()


def until(is_so) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_load_that_is_told_to_stop_while_python_is_busy_is_not_kept(service):
    def step(what, _rows):
        if what == "sorting events":  # the last one: no other step will notice
            (load,) = service.runs.under_way()
            service.runs.tell_to_stop(load)

    with pytest.raises(sg.StoreError, match="stopped before the end"):
        service.load(PEOPLE[:1], kind="profiles", name="profiles", step=step)

    assert service.estimate(service.preview("true")).size == 3


STEPS_OF_A_LOAD = (
    "reading profiles",
    "finding identities",
    "building profiles",
    "sorting events",
    "merging profiles for 'linked'",
)


@pytest.mark.parametrize("last", STEPS_OF_A_LOAD)
def test_a_load_ends_at_the_step_that_raises(last):
    twice = [person("ann", "DE", Email="ann@example.com")]
    with sg.connect_local(profiles=PEOPLE) as client:
        client.local.merge_policies.put("linked", identity_graph="pdg")
        told = []

        def step(what, _rows):
            told.append(what)
            if what == last:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            client.local.load_profiles(twice, name="web", progress=step)

        assert told[-1] == last
        assert client.size('homeAddress.country = "DE"').size == 1


def test_ctrl_c_ends_a_load_in_the_middle_of_a_statement(service):
    rows = [person(str(number), "US") for number in range(20_000)]
    later = []

    def step(what, _rows):
        later.append(what)
        if what == "reading profiles":
            _thread.interrupt_main()
            time.sleep(0.2)  # so that it comes before the next step

    with pytest.raises(KeyboardInterrupt):
        service.load(rows, kind="profiles", name="profiles", step=step)

    assert later == ["reading profiles"]
    assert service.estimate(service.preview("true")).size == 3


@pytest.mark.parametrize("as_source", [list, pd.DataFrame])
def test_a_load_ends_while_the_records_of_python_are_written_down(service, as_source):
    told = []

    def step(what, rows):
        told.append((what, rows))
        if rows == 10_000:
            raise RuntimeError("enough")

    rows = [person(str(number), "US") for number in range(20_000)]
    with pytest.raises(RuntimeError, match="enough"):
        service.load(as_source(rows), kind="profiles", name="profiles", step=step)

    assert told == [("reading profiles", 5_000), ("reading profiles", 10_000)]


def test_a_merge_ends_at_the_step_that_raises():
    def step(_what, _rows):
        raise RuntimeError("enough")

    with sg.connect_local(profiles=PEOPLE) as client:
        with pytest.raises(RuntimeError, match="enough"):
            client.local.merge_policies.put("linked", identity_graph="pdg", progress=step)

        assert [policy.name for policy in client.local.merge_policies.list()] == ["Default"]


def test_a_publication_that_is_told_to_stop_ends_before_the_next_table(service, tmp_path):
    folder, tables = tmp_path / "shared", []

    def publishing(cursor, go_on):
        def telling():
            tables.append(len(list(folder.glob(".*/*.parquet"))))
            if len(tables) == 3:
                (run_id,) = service.runs.under_way()
                service.runs.tell_to_stop(run_id)
            go_on()

        return publish(cursor, folder, telling)

    with pytest.raises(sg.StoreError, match="stopped before the end"):
        service.reader.copy(publishing)

    assert tables == [0, 1, 2]
    assert list(folder.iterdir()) == []


def test_ctrl_c_that_comes_too_late_says_that_the_work_is_done():
    leave = threading.Event()

    def work():
        _thread.interrupt_main()
        assert leave.wait(20)

    with pytest.raises(KeyboardInterrupt) as caught:
        aside(work, stop=leave.set)

    assert caught.value.__notes__ == [TOO_LATE]


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_load_is_kept_whatever_comes_while_its_log_is_folded(monkeypatch, is_closed):
    leave = threading.Event()

    def folding(_: Store) -> None:
        if is_closed:
            raise sg.StoreError("the store is closed; open it again")
        _thread.interrupt_main()
        assert leave.wait(20)

    with sg.connect_local(progress="off") as client:
        monkeypatch.setattr(Store, "fold_log", folding)
        if is_closed:
            client.local.load_profiles(PEOPLE, name="people")
        else:
            with pytest.raises(KeyboardInterrupt) as caught:
                client.local.load_profiles(PEOPLE, name="people")
            leave.set()
            assert caught.value.__notes__ == [TOO_LATE]

        assert client.size("true").size == len(PEOPLE)


# Progress


def test_a_running_job_tells_how_many_of_its_tests_are_done(pausing, engine):
    engine.free_steps = 3  # two segments are planned, and one test is done
    job = pausing.submit(["us", "de"])
    assert engine.paused.wait(20)

    (listed,) = pausing.jobs_by_id([job.id]).values()
    assert pausing.job(job.id).progress == listed.progress
    assert listed.progress.done == 1
    assert listed.progress.total >= 2
    engine.leave.set()
    assert reached(pausing, job.id).progress is None


def test_progress_goes_on_where_the_merge_policy_before_ended(pausing, engine):
    MergePolicies(pausing.changes).put("linked", identity_graph="pdg")
    pausing.create_definition(
        wanted("it", 'homeAddress.country = "IT"', merge_policy_id="linked")
    )
    engine.leave.set()
    run(pausing, "us")
    engine.free_steps, tests = len(engine.steps), engine.steps[-1] + 1
    engine.leave.clear()
    engine.paused.clear()
    engine.steps.clear()
    job = pausing.submit(["us", "it"])
    assert engine.paused.wait(20)

    progress = pausing.job(job.id).progress
    assert progress.done == tests
    assert progress.total > progress.done


def test_a_job_that_waits_or_has_ended_tells_no_progress(service):
    running, queued = service.submit(["slow"]), service.submit(["us"])
    assert service.job(queued.id).progress is None
    service.cancel(running.id)
    assert reached(service, running.id).progress is None
    assert reached(service, queued.id).progress is None


def test_the_body_of_a_running_job_has_its_progress(pausing, engine):
    job = pausing.submit(["us", "de"])
    assert engine.paused.wait(20)
    body = wire.job_to_json(pausing.job(job.id))

    assert body["progress"]["done"] == 0
    assert wire.job_from_json(body).progress == JobProgress(**body["progress"])


# Estimates


def test_an_estimate_that_takes_long_is_running_at_first_and_ready_later(pausing, engine):
    preview_id = pausing.preview(IN_US)
    assert pausing.estimate(preview_id).state == "RUNNING"
    assert pausing.estimate(preview_id).size is None
    engine.leave.set()
    until(lambda: pausing.estimate(preview_id).state != "RUNNING")
    assert pausing.estimate(preview_id).size == 2


def test_an_estimate_that_is_ended_is_stopped_and_forgotten(service):
    preview_id = service.preview(SLOW)
    service.end_preview(preview_id)

    assert not service.runs.under_way()
    for ask in (service.estimate, service.end_preview):
        with pytest.raises(NotFound, match="no estimate"):
            ask(preview_id)


def test_the_preview_of_an_ended_estimate_is_gone(http):
    body = wire.preview_request_to_json(SLOW)
    made = http.post(wire.PREVIEW, json=body)
    assert (made.status_code, made.json()["state"]) == (201, "RUNNING")
    path = wire.preview_path(made.json()["previewId"])

    assert http.get(path).json()["state"] == "RUNNING"
    assert http.delete(path).status_code == 200
    assert http.get(path).status_code == 404
    assert http.delete(path).status_code == 404


def connected(service):
    """Return the package's own client of *service*."""
    transport = httpx.WSGITransport(app=make_app(service))
    http = httpx.Client(transport=transport, base_url=f"http://local{wire.BASE_PATH}")
    return Client(http, polling=Polling(first=0.02, most=1.0), progress="off")


def test_size_raises_when_its_time_is_up_and_the_work_ends(service):
    client = connected(service)
    with pytest.raises(sg.EstimateTimeout, match="RUNNING"):
        client.size(SLOW, timeout=0.1)

    assert not service.runs.under_way()
    assert client.size(IN_US, timeout=5).size == 2


def test_an_interrupt_of_size_ends_the_work(service):
    client = connected(service)
    looking = threading.Timer(0.6, _thread.interrupt_main)  # when it looks again and again
    looking.start()
    with pytest.raises(KeyboardInterrupt):
        client.size(SLOW)

    assert not service.runs.under_way()
    assert client.size(IN_US).size == 2
