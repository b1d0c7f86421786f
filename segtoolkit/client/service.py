"""The service as seen through HTTP: values go in, one request is made, values or errors come out."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import httpx

from segtoolkit import wire
from segtoolkit.client.answers import refusal_of, value_of
from segtoolkit.errors import APIError, ConfigError, NotFound, PQLWarning
from segtoolkit.models import (
    AudienceRecord,
    Estimate,
    ExportJob,
    Expression,
    JobRecord,
    MergePolicy,
    Schedule,
    SegmentDefinition,
)
from segtoolkit.unanswered import REPEATS, transport_error
from segtoolkit.warned import warn

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """One method per request; every one of them sends exactly one.

    Attributes:
        http: has the base address, credentials and time limits.
        keeps: what must live as long as somebody holds this.
        repeats: False for who asks again by itself and has a time to keep, such as a poller.
    """

    http: httpx.Client = field(repr=False)
    keeps: object = field(default=None, repr=False)
    repeats: bool = True

    def submit(self, segment_ids: Iterable[str], headers: Mapping[str, str]) -> JobRecord:
        body = wire.job_request_to_json(segment_ids)
        headers = {wire.REQUEST_ID_HEADER: str(uuid.uuid4()), **headers}
        job = self._ask("POST", wire.JOBS, wire.job_from_json, body=body, headers=headers)
        request_id = job.request_id or headers[wire.REQUEST_ID_HEADER]
        return replace(job, request_id=request_id)

    def read_job(self, job_id: str) -> JobRecord:
        return self._ask("GET", _path(wire.job_path, job_id), wire.job_from_json)

    def read_jobs(self, job_ids: Iterable[str]) -> Mapping[str, JobRecord | APIError]:
        return self._ask_for_many(wire.JOBS_BULK, job_ids, wire.bulk_from_json)

    def cancel_job(self, job_id: str) -> None:
        # The answer has a body or none, in three shapes; its status says all.
        self._send("DELETE", _path(wire.job_path, job_id))

    def jobs_page(self, query: str) -> wire.Page[JobRecord]:
        return self._ask("GET", _with_query(wire.JOBS, query), wire.jobs_page_from_json)

    def create_definition(self, body: Mapping[str, Any]) -> SegmentDefinition:
        return self._ask("POST", wire.DEFINITIONS, wire.definition_from_json, body=body)

    def read_definition(self, segment_id: str) -> SegmentDefinition:
        return self._ask(
            "GET", _path(wire.definition_path, segment_id), wire.definition_from_json
        )

    def replace_definition(
        self, segment_id: str, body: Mapping[str, Any]
    ) -> SegmentDefinition:
        path = _path(wire.definition_path, segment_id)
        return self._ask("PATCH", path, wire.definition_from_json, body=body)

    def definitions_page(self, query: str) -> wire.Page[SegmentDefinition]:
        path = _with_query(wire.DEFINITIONS, query)
        return self._ask("GET", path, wire.definitions_page_from_json)

    def read_definitions(
        self, segment_ids: Iterable[str]
    ) -> Mapping[str, SegmentDefinition | APIError]:
        read = wire.definitions_bulk_from_json
        return self._ask_for_many(wire.DEFINITIONS_BULK, segment_ids, read)

    def delete_definition(self, segment_id: str) -> None:
        self._send("DELETE", _path(wire.definition_path, segment_id))

    def merge_policies_page(self, query: str) -> wire.Page[MergePolicy]:
        path = _with_query(wire.MERGE_POLICIES, query)
        return self._ask("GET", path, wire.merge_policies_page_from_json)

    def read_merge_policy(self, policy_id: str) -> MergePolicy:
        path = _path(wire.merge_policy_path, policy_id)
        return self._ask("GET", path, wire.merge_policy_from_json)

    def schedules_page(self, query: str) -> wire.Page[Schedule]:
        path = _with_query(wire.SCHEDULES, query)
        return self._ask("GET", path, wire.schedules_page_from_json)

    def read_schedule(self, schedule_id: str) -> Schedule:
        path = _path(wire.schedule_path, schedule_id)
        return self._ask("GET", path, wire.schedule_from_json)

    def create_schedule(self, body: Mapping[str, Any]) -> Schedule:
        return self._ask("POST", wire.SCHEDULES, wire.schedule_from_json, body=body)

    def change_schedule(self, schedule_id: str, body: Sequence[Any]) -> None:
        self._send("PATCH", _path(wire.schedule_path, schedule_id), body=body)

    def delete_schedule(self, schedule_id: str) -> None:
        self._send("DELETE", _path(wire.schedule_path, schedule_id))

    def exports_page(self, query: str) -> wire.Page[ExportJob]:
        path = _with_query(wire.EXPORTS, query)
        return self._ask("GET", path, wire.exports_page_from_json)

    def read_export(self, export_id: str) -> ExportJob:
        return self._ask("GET", _path(wire.export_path, export_id), wire.export_from_json)

    def create_export(self, body: Mapping[str, Any]) -> ExportJob:
        return self._ask("POST", wire.EXPORTS, wire.export_from_json, body=body)

    def delete_export(self, export_id: str) -> None:
        self._send("DELETE", _path(wire.export_path, export_id))

    def audiences_page(self, query: str) -> wire.Page[AudienceRecord]:
        path = _with_query(wire.AUDIENCES, query)
        return self._ask("GET", path, wire.audiences_page_from_json)

    def read_audience(self, audience_id: str) -> AudienceRecord:
        path = _path(wire.audience_path, audience_id)
        return self._ask("GET", path, wire.audience_from_json)

    def convert(self, expression: Expression) -> Expression:
        body = wire.conversion_to_json(expression)
        return self._ask("POST", wire.CONVERSION, wire.conversion_from_json, body=body)

    def preview(self, expression: str, headers: Mapping[str, str]) -> str:
        """Start sizing *expression*; return the id under which its estimate is read."""
        body = wire.preview_request_to_json(expression)
        return self._ask("POST", wire.PREVIEW, _preview_id, body=body, headers=headers)

    def end_preview(self, preview_id: str) -> None:
        """End sizing under that id; its answer says nothing else."""
        self._send("DELETE", _path(wire.preview_path, preview_id))

    def read_estimate(self, preview_id: str) -> Estimate:
        return self._ask(
            "GET", _path(wire.estimate_path, preview_id), wire.estimate_from_json
        )

    def _ask_for_many(
        self,
        path: str,
        ids: Iterable[str],
        read: Callable[[Any], Mapping[str, T | APIError]],
    ) -> Mapping[str, T | APIError]:
        wanted = tuple(ids)
        try:
            return self._ask("POST", path, read, body=wire.bulk_request_to_json(wanted))
        except NotFound as error:
            # The service says so for the whole request when it knows none of them.
            return dict.fromkeys(wanted, error)

    def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[Any], T],
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        return value_of(self._send(method, path, body=body, headers=headers), read)

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        headers = {wire.REQUEST_ID_HEADER: str(uuid.uuid4()), **(headers or {})}
        try:
            request = self.http.build_request(
                method,
                path,
                json=body,
                headers=headers,
                extensions={REPEATS: self.repeats},
            )
            response = self.http.send(request)
        except RuntimeError as error:
            if not self.http.is_closed:
                raise
            raise ConfigError("this client is closed; connect again") from error
        except UnicodeEncodeError as error:
            half = f"U+{ord(error.object[error.start]):04X}"
            raise ConfigError(
                f"{half} is one half of a character and cannot be sent"
            ) from error
        except httpx.RequestError as error:
            raise transport_error(error, request) from error
        if not response.is_success:
            raise refusal_of(response)
        for text in wire.warnings_from_headers(response.headers):
            warn(text, PQLWarning)
        return response


def _path(spell: Callable[[str], str], name: str) -> str:
    try:
        return spell(name)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _preview_id(body: Any) -> str:
    preview = wire.preview_from_json(body)
    if preview.id is None:
        raise ValueError("it has no `previewId`")
    return preview.id
