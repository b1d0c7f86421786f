"""The segmentation service of the local road: requests as values in, records out.

Refusals are the `APIError` that the service of the platform would answer with, or a `PQLError`
with its position; `app` puts both on the wire.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from segtoolkit.engine import DuckDBEngine
from segtoolkit.errors import APIError
from segtoolkit.local import (
    ledger,
    lifecycle,
    lookup,
    policies,
    profiles,
    vetting,
)
from segtoolkit.local.audiences.reader import Reader
from segtoolkit.local.changes import Changes, heeding
from segtoolkit.local.declaring import Declaration, declare
from segtoolkit.local.estimates import Estimates
from segtoolkit.local.evaluation import Run, Runs
from segtoolkit.local.ledger import Cursor, JobQuery
from segtoolkit.local.limits import Limits
from segtoolkit.local.notes import note
from segtoolkit.local.profiles import Kind, LoadReport, Mode, quietly
from segtoolkit.local.sampler import Sampler
from segtoolkit.local.store import Store
from segtoolkit.local.worker import Engine, Task, Worker, in_worker
from segtoolkit.models import (
    Estimate,
    JobRecord,
    JobSegment,
    JobStatus,
    SegmentDefinition,
)
from segtoolkit.progress import Step
from segtoolkit.wire import DefinitionRequest, Page

Load: TypeAlias = tuple[Kind, str | None, Any]
_NO_LIMITS = Limits()
_NOTHING_DECLARED = Declaration()

# What becomes of a job that is cancelled; one in any other state stays as it is.
_WHEN_CANCELLED: Mapping[JobStatus, Callable[[JobRecord, datetime], JobRecord]] = {
    JobStatus.QUEUED: lifecycle.cancelled,
    JobStatus.PROCESSING: lifecycle.cancelling,
}

# Services of this process by store, so that opening a path again finds the running one.
_services: dict[Store, SegmentService] = {}
# Reentrant: a client that is garbage is closed by whatever thread happens to notice.
_registry = threading.RLock()


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_service(
    path: str | Path | None = None, limits: Limits = _NO_LIMITS
) -> SegmentService:
    """Return the service over the store at *path*, the running one if this process has it open.

    Each call is answered by one `SegmentService.close`. Without *path* nothing is kept.

    Raises:
        ConfigError: it is open with other *limits*.
        StoreError: the store cannot be opened.
    """
    with _registry:
        store = Store.open(path, limits)
        if (service := _services.get(store)) is None:
            service = _services[store] = SegmentService(
                store, DuckDBEngine(store.limits.shelf(store.path))
            )
        else:
            service.holders += 1
        return service


class SegmentService:
    """Definitions, jobs and estimates over one store, of which it is the only service.

    Attributes:
        store: where everything is kept; each holder of the service holds it too.
        holders: how often it has to be closed.
        reports: of all loads so far, oldest first.
        reader, changes, engine: read the store beside the jobs, change it, and know what is in it.
        runs: what is under way.
        sampler: draws the sample that estimates within a budget look at.
    """

    def __init__(
        self, store: Store, engine: Engine, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.store = store
        self.holders = 1
        self.reports: tuple[LoadReport, ...] = ()
        self.engine = engine
        self._clock = clock
        self.runs = Runs()
        self._worker = Worker(store, engine, self.runs, clock)
        self.sampler = Sampler(store, self.runs)
        self._estimates = Estimates(store, engine, self.runs, self.sampler)
        self.reader = Reader(store, self.runs)
        self.changes = Changes(store, self.runs)
        # An interpreter that goes away under a running query aborts.
        atexit.register(self._worker.close)

    def close(self) -> None:
        """Give up one `open_service`; the last one stops what runs and closes the store."""
        if in_worker():
            # The garbage collector called, and a thread cannot wait for itself.
            threading.Thread(target=self.close, daemon=True).start()
            return
        with _registry:
            self.holders -= 1
            if self.holders == 0:
                _services.pop(self.store, None)
                atexit.unregister(self._worker.close)
                self._worker.close()
            self.store.close()

    def load(
        self,
        source: Any,
        *,
        kind: Kind,
        name: str | None = None,
        mode: Mode = "replace",
        step: Step = quietly,
    ) -> LoadReport:
        """Load *source* as the dataset *name*; *mode* says what becomes of the one of that name.

        *step* is told from another thread what is done next; what it raises ends the load.

        Raises:
            ConfigError: there is no such mode.
            DataError: it is not what it should be; the store is as it was.
        """
        self.prepare([(kind, name, source)], {}, mode=mode, step=step)
        return self.reports[-1]

    def prepare(
        self,
        loads: Iterable[Load],
        expressions: Mapping[str, str],
        declaration: Declaration = _NOTHING_DECLARED,
        *,
        mode: Mode = "replace",
        step: Step = quietly,
    ) -> list[str]:
        """Load data, keep its schema, and put definitions, by name: all of it, or nothing.

        Returns:
            the ids of the definitions; a new one has its name as its id.

        Raises:
            DataError: a source or a schema is not what it should be.
            PQLError: an expression cannot be evaluated over the data; it names the segment.
        """

        def change(cursor: Cursor, run: Run) -> tuple[list[LoadReport], list[str]]:
            told = heeding(run, step)
            reports = [
                profiles.load(cursor, source, kind=kind, name=name, mode=mode, step=told)
                for kind, name, source in loads
            ]
            declare(cursor, declaration)
            policies.refresh(cursor, told)
            return reports, vetting.put_all(self.engine, cursor, expressions, self._clock())

        reports, ids = self.changes.make(change)
        self.reports = (*self.reports, *reports)
        return ids

    def create_definition(self, request: DefinitionRequest) -> SegmentDefinition:
        """Keep a new definition.

        Raises:
            PQLError: its expression cannot be evaluated.
            BadRequest: it contradicts the store; see `definitions.new`.
        """
        now = self._clock()
        return self.changes.make(
            lambda cursor, _: vetting.create(self.engine, cursor, request, now)
        )

    def definition(self, segment_id: str) -> SegmentDefinition:
        with self.store.read() as cursor:
            return lookup.present_definition(cursor, segment_id)

    def definitions(self, *, start: int = 0, limit: int = 100) -> Page[SegmentDefinition]:
        """Return definitions *start* to *start* + *limit*, newest first."""
        with self.store.read() as cursor:
            return ledger.list_definitions(cursor, start=start, limit=limit)

    def update_definition(
        self, segment_id: str, request: DefinitionRequest
    ) -> SegmentDefinition:
        """Change a definition; jobs already submitted keep their copy of it.

        Raises:
            NotFound: there is none of that id.
            PQLError: its expression cannot be evaluated.
            BadRequest: it contradicts the store; see `definitions.changed`.
        """
        now = self._clock()
        return self.changes.make(
            lambda cursor, _: vetting.update(self.engine, cursor, segment_id, request, now)
        )

    def submit(
        self,
        segment_ids: Sequence[str],
        *,
        as_of: datetime | None = None,
        request_id: str | None = None,
    ) -> JobRecord:
        """Queue a job that evaluates *segment_ids*, or all for ``*``, and return it as NEW.

        *as_of* is what ``now`` means in the expressions: the time of submission unless given.

        Raises:
            BadRequest: a definition does not exist, or can no longer be evaluated.
        """
        now = self._clock()
        moment = as_of or now
        wanted = self.reader.read(
            lambda cursor: vetting.wanted(self.engine, cursor, segment_ids, as_of=moment)
        )
        copies = [lifecycle.copy_of(definition) for definition in wanted]
        job = lifecycle.new(
            [JobSegment(segment_id=lookup.ALL)] if lookup.ALL in segment_ids else copies,
            as_of=moment,
            now=now,
            request_id=request_id,
        )
        with self.store.write_jobs() as cursor:
            ledger.add_job(cursor, lifecycle.queued(job))
            known = ledger.expressions(cursor)
        self._worker.put(
            Task(
                job_id=job.id,
                expressions=lookup.by_policy(wanted),
                known=known,
                as_of=moment,
            )
        )
        return job

    def job(self, job_id: str) -> JobRecord:
        with self.store.read() as cursor:
            return self._worker.with_progress(lookup.present_job(cursor, job_id))

    def jobs_by_id(self, job_ids: Sequence[str]) -> Mapping[str, JobRecord | APIError]:
        """Return each of *job_ids* with its job, or with the error that says it is missing."""
        with self.store.read() as cursor:
            found = ledger.jobs(cursor, job_ids)
        found = {i: self._worker.with_progress(job) for i, job in found.items()}
        return {i: found.get(i) or lookup.not_found("segment job", i) for i in job_ids}

    def jobs(self, query: JobQuery) -> Page[JobRecord]:
        with self.store.read() as cursor:
            page = ledger.list_jobs(cursor, query)
        return replace(page, items=tuple(map(self._worker.with_progress, page.items)))

    def cancel(self, job_id: str) -> JobRecord:
        """Cancel a job: at once in the queue, soon when it runs, not at all when it has ended.

        Raises:
            NotFound: there is none of that id.
        """
        # A run that is writing down what it found would keep us waiting.
        waking = partial(self.runs.tell_to_stop, job_id)
        with self.store.write_jobs(while_waiting=waking) as cursor:
            job = lookup.present_job(cursor, job_id)
            if (step := _WHEN_CANCELLED.get(job.status)) is not None:
                job = step(job, self._clock())
                ledger.replace_job(cursor, job)
        self.runs.stop_soon(job_id)
        return job

    def preview(
        self, text: str, *, as_of: datetime | None = None, budget: int | None = None
    ) -> str:
        """Begin to size an ad-hoc audience; return the id by which `estimate` knows the outcome.

        Of more than *budget* profiles only a sample is looked at.

        Raises:
            PQLError: *text* cannot be evaluated.
        """
        moment = as_of or self._clock()
        preview_id, warnings = self._estimates.add(text, as_of=moment, budget=budget)
        with self.store.read() as cursor:
            note([*warnings, *self.engine.mistakes(cursor, text)])
        return preview_id

    def estimate(self, preview_id: str) -> Estimate:
        """Return the estimate as it stands: ``RUNNING``, ``RESULT_READY`` or ``FAILED``."""
        return self._estimates.get(preview_id)

    def end_preview(self, preview_id: str) -> None:
        """Forget an estimate; what is still to be found for it is not looked for any more."""
        self._estimates.end(preview_id)
