"""Export jobs from request to end: a request goes in, a job that writes Parquet files comes out.

``NEW -> PROCESSING -> SUCCEEDED | FAILED``, and by way of ``CANCELLING`` to ``CANCELLED``. Files are
``<folder>/<dataset>/<batch>/profiles.parquet``; a folder that is there is complete.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from duckdb import DuckDBPyConnection
from pyroaring import BitMap

from segtoolkit.engine import bits
from segtoolkit.errors import StoreError
from segtoolkit.local import lifecycle, logbook, lookup, memberships, policies
from segtoolkit.local.evaluation import Runs, Stopped
from segtoolkit.local.exports.asked import Plan, planned
from segtoolkit.local.exports.writing import write
from segtoolkit.local.store import Store
from segtoolkit.local.worker import Engine, fault_of
from segtoolkit.models import (
    Counts,
    ExportJob,
    ExportMetrics,
    JobFault,
    JobRecord,
    JobStatus,
    TimeSpan,
)
from segtoolkit.wire import ExportRequest, Page

logger = logging.getLogger("segtoolkit")

_PULSE_S = 0.02
_CLOSED = JobFault(message="the store was closed before the export ended")


class Service(Protocol):
    """What exports need of the service."""

    @property
    def store(self) -> Store: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def runs(self) -> Runs: ...
    def submit(self, segment_ids: Sequence[str]) -> JobRecord: ...
    def job(self, job_id: str) -> JobRecord: ...
    def cancel(self, job_id: str) -> JobRecord: ...


def export_folder(store: Store) -> Path:
    """Return where the exports of *store* go unless told otherwise.

    That is beside its file; without one, they go when the store goes.
    """
    if store.path is None:
        return store.spill / "exports"
    return store.path.with_name(f"{store.path.name}.exports")


@dataclass(frozen=True, slots=True)
class _Written:
    """Which batches there are now, and whom they have."""

    batch_ids: tuple[str, ...]
    total: int
    by_namespace: Counts
    span: TimeSpan


class Exports:
    """The export jobs of one service, each in a thread of its own."""

    def __init__(self, service: Service, folder: Path) -> None:
        self._service = service
        self._folder = folder

    def create(self, request: ExportRequest, *, request_id: str | None) -> ExportJob:
        """Start an export, and return it as NEW.

        Raises:
            BadRequest: it cannot be had; see `asked.planned`.
        """
        with self._service.store.write_jobs() as cursor:
            plan = planned(cursor, request)
            now = datetime.now(UTC)
            job = ExportJob(
                id=logbook.next_export_id(cursor),
                status=JobStatus.NEW,
                job_type="BATCH",
                segments=request.segments,
                fields=request.fields,
                dataset_id=request.dataset_id,
                segment_per_batch=request.segment_per_batch,
                evaluates_first=request.evaluates_first,
                merge_policy_id=plan.policy_id,
                merge_policy_version=request.merge_policy_version or 1,
                metrics=ExportMetrics(total_time=TimeSpan(started_at=now)),
                created_at=now,
                updated_at=now,
                request_id=request_id or str(uuid.uuid4()),
                schema_name=request.schema_name,
                profile_instance_id=lifecycle.PROFILE_INSTANCE,
            )
            logbook.add_export(cursor, job)
        threading.Thread(target=self._perform, args=(job.id, plan), daemon=True).start()
        return job

    def get(self, export_id: str) -> ExportJob:
        """Return the export of that id.

        Raises:
            NotFound: there is none.
        """
        with self._service.store.read() as cursor:
            return lookup.present_export(cursor, export_id)

    def list(
        self, *, limit: int, before: int | None = None, status: JobStatus | None = None
    ) -> Page[ExportJob]:
        """Return exports, newest first, older than the one numbered *before*."""
        with self._service.store.read() as cursor:
            found = logbook.exports(cursor, limit=limit + 1, before=before, status=status)
        items, more = found[:limit], found[limit:]
        if not more:
            return Page(items=items)
        last = items[-1]
        started = last.created_at or datetime.fromtimestamp(0, UTC)
        offset = f"{int(started.timestamp() * 1000)}_{last.id}"
        kept = f"&status={status.value}" if status else ""
        return Page(items=items, next_query=f"limit={limit}{kept}&offset={offset}")

    def cancel(self, export_id: str) -> None:
        """Make an export end soon; one that has ended stays as it is.

        Raises:
            NotFound: there is none of that id.
        """
        with self._service.store.write_jobs() as cursor:
            job = lookup.present_export(cursor, export_id)
            if not job.status.is_final:
                logbook.replace_export(cursor, _turned(job, JobStatus.CANCELLING))
        self._service.runs.stop_soon(_run_name(export_id))

    # In the thread of the export

    def _perform(self, export_id: str, plan: Plan) -> None:
        try:
            self._turn(export_id, JobStatus.PROCESSING)
            self._evaluate(export_id)
            self._end(export_id, self._write(export_id, plan))
        except Exception as error:  # noqa: BLE001 - all that can go wrong belongs to the export
            # A store that is closed says so of its own when it is opened again.
            with suppress(StoreError):
                self._give_up(export_id, error)

    def _turn(self, export_id: str, status: JobStatus) -> ExportJob:
        """Write down that the export is in *status* now, unless somebody cancelled it."""
        with self._service.store.write_jobs() as cursor:
            job = lookup.present_export(cursor, export_id)
            if job.status is JobStatus.CANCELLING:
                raise Stopped
            turned = _turned(job, status)
            logbook.replace_export(cursor, turned)
        return turned

    def _evaluate(self, export_id: str) -> None:
        """Evaluate the segments if that was asked for, and wait for it."""
        export = self.get(export_id)
        if not (export.evaluates_first and export.segments):
            return
        job = self._service.submit([segment.segment_id for segment in export.segments])
        while not job.status.is_final:
            if self.get(export_id).status is JobStatus.CANCELLING:
                self._service.cancel(job.id)
            time.sleep(_PULSE_S)
            job = self._service.job(job.id)
        if job.status is JobStatus.CANCELLED:
            raise Stopped
        if job.status is JobStatus.FAILED:
            said = job.errors[0].message if job.errors else "it does not say why"
            raise StoreError(f"the segment job {job.id} before the export failed: {said}")

    def _write(self, export_id: str, plan: Plan) -> _Written:
        begun = datetime.now(UTC)
        dataset = self._folder / (self.get(export_id).dataset_id or "")
        batch_ids = tuple(str(uuid.uuid4()) for _ in plan.batches)
        name = _run_name(export_id)
        with (
            self._service.store.read() as cursor,
            self._service.runs.run(name, cursor) as run,
        ):
            if self.get(export_id).status is JobStatus.CANCELLING:
                raise Stopped
            policies.look_through(cursor, plan.policy_id)
            everyone = BitMap()
            for batch_id, segment_ids in zip(batch_ids, plan.batches, strict=True):
                run.go_on()
                members = _members(cursor, segment_ids)
                exported = self._exported(cursor, members)
                write(cursor, dataset / batch_id, members, exported, plan.fields)
                everyone |= exported
            reached = self._service.engine.reach(cursor, everyone)
        ended = datetime.now(UTC)
        span = TimeSpan(started_at=begun, ended_at=ended, duration=ended - begun)
        return _Written(batch_ids, len(everyone), reached, span)

    def _exported(self, cursor: DuckDBPyConnection, members: dict[str, BitMap]) -> BitMap:
        if members:
            return BitMap.union(*members.values())
        return BitMap(bits.rows_of(self._service.engine.everyone(cursor)))

    def _end(self, export_id: str, written: _Written) -> None:
        with self._service.store.write_jobs() as cursor:
            job = lookup.present_export(cursor, export_id)
            metrics = ExportMetrics(
                total_time=_total(job),
                profile_export_time=written.span,
                total_exported_profile_counter=written.total,
                exported_profile_by_namespace_counter=written.by_namespace,
            )
            ended = _turned(job, JobStatus.SUCCEEDED)
            ended = replace(ended, metrics=metrics, batch_ids=written.batch_ids)
            logbook.replace_export(cursor, ended)

    def _give_up(self, export_id: str, error: Exception) -> None:
        with self._service.store.write_jobs() as cursor:
            job = lookup.present_export(cursor, export_id)
            metrics = ExportMetrics(total_time=_total(job))
            if job.status is JobStatus.CANCELLING:
                ended = _turned(job, JobStatus.CANCELLED)
            else:
                fault = _fault(error)
                ended = replace(_turned(job, JobStatus.FAILED), errors=(fault,))
            logbook.replace_export(cursor, replace(ended, metrics=metrics))


def _members(cursor: DuckDBPyConnection, segment_ids: Sequence[str]) -> dict[str, BitMap]:
    found = {i: memberships.latest(cursor, i) for i in segment_ids}
    return {i: BitMap.deserialize(blob) for i, blob in found.items() if blob is not None}


def _fault(error: Exception) -> JobFault:
    if isinstance(error, Stopped):
        return _CLOSED
    if isinstance(error, StoreError | OSError):
        return JobFault(message=str(error))
    return fault_of(error)


def _turned(job: ExportJob, status: JobStatus) -> ExportJob:
    return replace(job, status=status, updated_at=datetime.now(UTC))


def _total(job: ExportJob) -> TimeSpan | None:
    if job.created_at is None:
        return None
    now = datetime.now(UTC)
    return TimeSpan(started_at=job.created_at, ended_at=now, duration=now - job.created_at)


def _run_name(export_id: str) -> str:
    return f"export {export_id}"
