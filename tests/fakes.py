"""A scripted segmentation service and a clock that nobody has to wait for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from segtoolkit import wire
from segtoolkit.client import Client
from segtoolkit.jobs import Polling
from segtoolkit.models import (
    JobFault,
    JobMetrics,
    JobRecord,
    JobSegment,
    JobStatus,
    TimeSpan,
)
from segtoolkit.testing.clock import START, FakeClock

STEADY = Polling(jitter=0.0)

Answer = str | JobRecord | httpx.Response | Exception
Route = Callable[[httpx.Request], httpx.Response]


@dataclass(frozen=True)
class Call:
    """A request as the service got it; *path* is below the base, with the query."""

    method: str
    path: str
    at_s: float
    headers: Mapping[str, str]
    body: Any


@dataclass
class FakeService:
    """Answers as scripted, and remembers what it was asked.

    Attributes:
        jobs: what the GETs of a job answer, in order; the last one repeats.
        after_cancel: what they answer after a DELETE.
        routes: other answers, by such as ``"GET /segment/jobs"``.
        segment_ids: of the job submitted last.
    """

    clock: FakeClock = field(default_factory=FakeClock)
    jobs: dict[str, list[Answer]] = field(default_factory=dict)
    after_cancel: list[Answer] = field(default_factory=lambda: ["CANCELLING", "CANCELLED"])
    routes: dict[str, Route] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    segment_ids: list[str] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        call = self._call(request)
        self.calls.append(call)
        place = f"{call.method} {call.path.partition('?')[0]}"
        if place in self.routes:
            return self.routes[place](request)
        return self._job_answer(call)

    def _call(self, request: httpx.Request) -> Call:
        path = request.url.raw_path.decode().removeprefix(wire.BASE_PATH)
        body = json.loads(request.content) if request.content else None
        return Call(request.method, path, self.clock.elapsed_s, request.headers, body)

    def _job_answer(self, call: Call) -> httpx.Response:
        job_id = call.path.rpartition("/")[2]
        match call.method:
            case "POST":
                job_id = next(iter(self.jobs))
                self.segment_ids = [entry["segmentId"] for entry in call.body]
                return answered(self._next(job_id), job_id, self.segment_ids)
            case "GET" if job_id in self.jobs:
                return answered(self._next(job_id), job_id, self.segment_ids)
            case "GET":
                return missing()
            case _:
                self.jobs[job_id] = list(self.after_cancel)
                return httpx.Response(204)

    def _next(self, job_id: str) -> Answer:
        script = self.jobs[job_id]
        return script.pop(0) if len(script) > 1 else script[0]

    def times(self, method: str) -> list[float]:
        return [call.at_s for call in self.calls if call.method == method]

    def methods(self) -> list[str]:
        return [call.method for call in self.calls]


def answered(
    answer: Answer, job_id: str, segment_ids: list[str] | None = None
) -> httpx.Response:
    match answer:
        case Exception():
            raise answer
        case httpx.Response():
            return answer
        case JobRecord():
            return httpx.Response(200, json=wire.job_to_json(answer))
        case str():
            made = record(job_id, answer, segment_ids or ["gold", "lapsed"])
            return httpx.Response(200, json=wire.job_to_json(made))


def record(
    job_id: str, status: str = "QUEUED", segment_ids: list[str] | None = None
) -> JobRecord:
    """Return a job made at `START`; a final one ended a minute later."""
    ids = segment_ids or ["gold", "lapsed"]
    succeeded = status == "SUCCEEDED"
    ended = START + timedelta(seconds=60)
    metrics = JobMetrics(
        total_time=TimeSpan(started_at=START, ended_at=ended, duration=ended - START),
        total_profiles=5_000,
        segmented_profile_counter={ids[0]: 1_234},
        segmented_profile_by_namespace_counter={ids[0]: {"Email": 1_000}},
        segmented_profile_by_status_counter={ids[0]: {"realized": 1_234}},
    )
    fault = JobFault(message="out of <memory>", code="7", call_stack="secret.py")
    return JobRecord(
        id=job_id,
        status=JobStatus(status),
        segments=tuple(JobSegment(segment_id=i) for i in ids),
        metrics=metrics if succeeded else None,
        errors=(fault,) if status == "FAILED" else (),
        created_at=START,
        updated_at=ended if JobStatus(status).is_final else START,
        request_id="request-1",
    )


def refusal(status: int, message: str = "no", **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=wire.error_to_json(status, message), headers=names)


def missing() -> httpx.Response:
    return refusal(404, "not found")


def connected(service: FakeService, **options: Any) -> Client:
    """Return a client of *service* that waits without jitter and shows nothing."""
    http = httpx.Client(
        transport=httpx.MockTransport(service),
        base_url="https://platform.example" + wire.BASE_PATH,
        headers={"Authorization": "Bearer canary"},
    )
    defaults = {"clock": service.clock, "polling": STEADY, "progress": "off"}
    return Client(http, **{**defaults, **options})
