"""The thread that evaluates jobs: tasks go in, records in their final state come out in the store.

Whatever goes wrong with one job is written into that job; the thread goes on with the next.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from queue import SimpleQueue
from typing import Protocol

import duckdb
from pyroaring import BitMap

from segtoolkit.engine import Evaluation
from segtoolkit.engine.bits import Bits
from segtoolkit.errors import PQLError
from segtoolkit.local import ledger, lifecycle, memberships, policies
from segtoolkit.local.evaluation import Run, Runs, Stopped
from segtoolkit.local.limits import Shortage, shortage
from segtoolkit.local.store import Store
from segtoolkit.models import JobFault, JobProgress, JobRecord, JobStatus

logger = logging.getLogger("segtoolkit")

Lookup = Callable[[str], str | None]

PQL_CODE = "UPAPI-113101-400"
_NAME = "segtoolkit-worker"
_MOST_WAITING_BYTES = 32 * 2**20  # of members that are found and not yet written
_PAUSE_S = 1.0  # before a full disk is tried again
_CLOSED = JobFault(message="the store was closed before the job ended")


class Engine(Protocol):
    """What evaluates expressions; used by several threads at once, each with its own cursor."""

    def check(
        self,
        cursor: duckdb.DuckDBPyConnection,
        text: str,
        *,
        as_of: datetime,
        expression_of: Lookup,
    ) -> tuple[str, ...]: ...

    def mistakes(self, cursor: duckdb.DuckDBPyConnection, text: str) -> list[str]: ...

    def evaluate(
        self,
        cursor: duckdb.DuckDBPyConnection,
        expressions: Mapping[str, str],
        *,
        as_of: datetime,
        expression_of: Lookup,
        previous: Callable[[str], bytes | None],
        step: Callable[[int, int], None],
        keep: Callable[[str, bytes], None] | None = None,
    ) -> Evaluation: ...

    def for_sample(self) -> Engine: ...

    def everyone(self, cursor: duckdb.DuckDBPyConnection) -> Bits: ...

    def reach(
        self, cursor: duckdb.DuckDBPyConnection, members: BitMap
    ) -> dict[str, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A queued job, and what it froze.

    Attributes:
        job_id: of the job.
        expressions: by merge policy and segment id.
        known: every expression there was, by segment id; one that another segment asks about is
            evaluated under the policy of that one.
        as_of: what ``now`` means.
    """

    job_id: str
    expressions: Mapping[str, Mapping[str, str]]
    known: Mapping[str, str]
    as_of: datetime


class Worker:
    """One daemon thread and its queue."""

    def __init__(
        self, store: Store, engine: Engine, runs: Runs, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._engine = engine
        self._runs = runs
        self._clock = clock
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        # In memory: a write a test would cost more than the test.
        self._progress: tuple[str, JobProgress] | None = None
        self._closing = threading.Event()
        self._ended = threading.Event()
        threading.Thread(target=self._work, name=_NAME, daemon=True).start()

    def put(self, task: Task) -> None:
        self._tasks.put(task)

    def with_progress(self, job: JobRecord) -> JobRecord:
        """Return *job* with how far it is, as long as it is under way and knows."""
        if job.status.is_final:
            return job
        return replace(job, progress=self._progress_of(job.id))

    def close(self, *, within_s: float = 60) -> None:
        """End the thread; jobs that have not ended become FAILED."""
        self._closing.set()
        self._tasks.put(None)
        self._runs.close()
        # Not Thread.join: an interrupted one takes the thread for dead (CPython 3.11).
        if not self._ended.wait(within_s):
            logger.warning(
                "the worker of %s did not end within %s s", self._store, within_s
            )
        with self._store.write_jobs() as cursor:
            ledger.fail_unfinished(cursor, _CLOSED, self._clock())

    def _work(self) -> None:
        for task in iter(self._tasks.get, None):
            if self._closing.is_set():
                break
            try:
                self._perform(task)
            except Exception:
                logger.exception("job %s could not be brought to an end", task.job_id)
        self._ended.set()

    def _perform(self, task: Task) -> None:
        kept = _Members(self._store, task.job_id)
        try:
            self._succeed(task.job_id, self._evaluate(task, kept), kept)
        except Exception as error:  # noqa: BLE001 - all that can go wrong belongs to the job
            self._give_up_when_possible(task.job_id, error)
        finally:
            self._progress = None

    def _evaluate(self, task: Task, kept: _Members) -> dict[str, Evaluation]:
        # The run is there before PROCESSING shows, so that whoever sees that can stop it.
        with (
            self._store.read() as cursor,
            self._runs.run(task.job_id, cursor) as run,
        ):
            self._begin(task.job_id)
            return {
                policy: self._look(cursor, run, task, policy, kept)
                for policy in task.expressions
            }

    def _look(
        self,
        cursor: duckdb.DuckDBPyConnection,
        run: Run,
        task: Task,
        policy: str,
        kept: _Members,
    ) -> Evaluation:
        policies.look_through(cursor, policy)
        return self._engine.evaluate(
            cursor,
            task.expressions[policy],
            as_of=task.as_of,
            expression_of=task.known.get,
            previous=self._members,
            step=self._step(task.job_id, run),
            keep=kept.add,
        )

    def _progress_of(self, job_id: str) -> JobProgress | None:
        of_job, progress = self._progress or (None, None)
        return progress if of_job == job_id else None

    def _step(self, job_id: str, run: Run) -> Callable[[int, int], None]:
        """Return what notes how far the job is, after what other merge policies took."""
        known = self._progress_of(job_id)
        before = 0 if known is None else known.total

        def step(done: int, total: int) -> None:
            run.go_on()
            self._progress = job_id, JobProgress(done=before + done, total=before + total)

        return step

    def _begin(self, job_id: str) -> None:
        with self._store.write_jobs() as cursor:
            job, number = ledger.numbered_job(cursor, job_id)
            if job.status is not JobStatus.QUEUED:
                raise Stopped  # cancelled while it waited
            begun = lifecycle.processing(job, number=number, now=self._clock())
            ledger.replace_job(cursor, begun)

    def _members(self, segment_id: str) -> bytes | None:
        with self._store.read() as cursor:
            return memberships.latest(cursor, segment_id)

    def _succeed(
        self, job_id: str, found: Mapping[str, Evaluation], kept: _Members
    ) -> None:
        with self._store.write_jobs() as cursor, self._runs.run(job_id, cursor):
            job, _ = ledger.numbered_job(cursor, job_id)
            if job.status is not JobStatus.PROCESSING:
                raise Stopped  # cancelled when all was computed
            kept.write(cursor)
            memberships.publish(cursor, job_id)
            ledger.replace_job(cursor, lifecycle.succeeded(job, found, now=self._clock()))

    def _give_up_when_possible(self, job_id: str, error: Exception) -> None:
        """Write down why the job failed; on a full disk, as soon as something can be written."""
        while not self._closing.is_set():
            try:
                return self._give_up(job_id, error)
            except Shortage as shortage_of_disk:
                logger.warning("job %s has failed: %s", job_id, shortage_of_disk)
                self._closing.wait(_PAUSE_S)
        return None

    def _give_up(self, job_id: str, error: Exception) -> None:
        with self._store.write_jobs() as cursor:
            job, _ = ledger.numbered_job(cursor, job_id)
            if job.status.is_final:
                return  # closed meanwhile, or cancelled while it waited
            is_stopped, is_closing = isinstance(error, Stopped), self._closing.is_set()
            # Whoever cancels tells the run to stop, and may come to write that down only later.
            if job.status is JobStatus.CANCELLING or (is_stopped and not is_closing):
                ended = lifecycle.cancelled(job, self._clock())
            else:
                fault = _CLOSED if is_stopped else fault_of(error)
                ended = lifecycle.failed(job, fault, self._clock())
            ledger.replace_job(cursor, ended)
            memberships.drop(cursor, job_id)


class _Members:
    """The members that a job has found so far; nobody else sees them before it has succeeded."""

    def __init__(self, store: Store, job_id: str) -> None:
        self._store = store
        self._job_id = job_id
        self._waiting: dict[str, bytes] = {}
        self._bytes = 0

    def add(self, segment_id: str, members: bytes) -> None:
        self._waiting[segment_id] = members
        self._bytes += len(members)
        if self._bytes > _MOST_WAITING_BYTES:
            with self._store.write_jobs() as cursor:
                self.write(cursor)

    def write(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Write what is not written yet."""
        memberships.add(cursor, self._job_id, self._waiting)
        self._waiting, self._bytes = {}, 0


def in_worker() -> bool:
    """Return whether this is the thread of some worker."""
    return threading.current_thread().name == _NAME


def fault_of(error: Exception) -> JobFault:
    """Say in a sentence why a job failed; the call stack goes along when we did not foresee it."""
    error = shortage(error) or error
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, PQLError):
        return JobFault(message=str(error), code=PQL_CODE)
    if isinstance(error, Shortage):
        return JobFault(message=str(error))
    logger.error("a job failed unexpectedly", exc_info=error)
    stack = "".join(traceback.format_exception(error))
    return JobFault(
        message=f"the evaluation broke off: {type(error).__name__}: {said}",
        call_stack=stack,
    )
