"""Conversations with a service that loses answers: one job per submission, and every wait ends rightly."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segtoolkit import wire
from segtoolkit.errors import (
    APIError,
    GroupTimeout,
    JobTimeout,
    NotFound,
    SubmitUncertain,
    TransportError,
)
from tests.fakes import START, FakeService, connected, record, refusal

# The usual run has the same conversations every time; with this set (10000 by night) it has new
# ones, and so many of them.
WANTED = os.environ.get("SEGTOOLKIT_CONVERSATIONS")
RUN = settings(
    max_examples=int(WANTED or 150),
    derandomize=WANTED is None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # A script of a few faults says enough, and shrinking it takes longer than finding it.
    phases=set(Phase) - {Phase.shrink, Phase.explain},
)
STATES = ["NEW", "QUEUED", "PROCESSING"]
ENDS = ["SUCCEEDED", "FAILED", "CANCELLED"]

# What may become of a request, and whether the service has handled it then.
FAULTS = {
    "answered": True,
    "not connected": False,
    "lost before": False,
    "lost after": True,
    "html after": True,
    "503 before": False,
    "504 after": True,
    "429": False,
}
faults = st.sampled_from(list(FAULTS))


@dataclass
class Script:
    """A service that follows a script of faults; without one left, it answers.

    Attributes:
        posts, reads, listings: what becomes of each request.
        lives: the states of each job, one a look; the last one stays.
        is_late: jobs show up in listings only a second after they were made.
        repeats: how often a listing has each job.
    """

    posts: list[str]
    reads: list[str]
    listings: list[str]
    lives: list[list[str]]
    is_late: bool
    repeats: int
    keeps_request_id: bool
    strangers: int
    started: dict[str, list[str]] = field(default_factory=dict)
    made_at_s: dict[str, float] = field(default_factory=dict)
    request_ids: dict[str, str] = field(default_factory=dict)
    attempts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.service = FakeService(
            routes={
                "POST /segment/jobs": lambda r: self._under(self.posts, r, self._start),
                "POST /segment/jobs/bulk-get": lambda r: self._under(
                    self.reads, r, self._bulk
                ),
                "GET /segment/jobs": lambda r: self._under(self.listings, r, self._list),
            }
        )

    def _under(self, script, request, handle):
        fault = script.pop(0) if script else "answered"
        answer = handle(request) if FAULTS[fault] else None
        match fault:
            case "answered":
                return answer
            case "not connected":
                raise httpx.ConnectError("no")
            case "lost before" | "lost after":
                raise httpx.ReadTimeout("slow")
            case "html after":
                return httpx.Response(200, text="<html>")
            case _:
                return refusal(int(fault[:3]))

    def _start(self, request):
        job_id = f"job-{len(self.started)}"
        life = self.lives[len(self.started) % len(self.lives)]
        self.started[job_id] = list(life)
        self.made_at_s[job_id] = self.service.clock.elapsed_s
        self.request_ids[job_id] = request.headers[wire.REQUEST_ID_HEADER]
        self.attempts.append(self.request_ids[job_id])
        place = f"GET /segment/jobs/{job_id}"
        self.service.routes[place] = lambda r: self._under(
            self.reads, r, lambda _: self._answer(self._look(job_id))
        )
        return self._answer(self._record(job_id))

    def _record(self, job_id):
        made = record(job_id, self.started[job_id][0], ["gold"])
        return replace(
            made,
            created_at=START + timedelta(seconds=self.made_at_s[job_id]),
            request_id=self.request_ids[job_id] if self.keeps_request_id else None,
        )

    def _look(self, job_id):
        life = self.started[job_id]
        if len(life) > 1:
            life.pop(0)
        return self._record(job_id)

    def _answer(self, job):
        return httpx.Response(200, json=wire.job_to_json(job))

    def _bulk(self, request):
        ids = wire.bulk_request_from_json(json.loads(request.content))
        return httpx.Response(207, json=wire.bulk_to_json({i: self._look(i) for i in ids}))

    def _list(self, _):
        now_s = self.service.clock.elapsed_s
        shown = [
            job_id
            for job_id, made_at_s in self.made_at_s.items()
            if not self.is_late or now_s >= made_at_s + 1
        ]
        jobs = [
            self._record(job_id) for job_id in reversed(shown) for _ in range(self.repeats)
        ]
        jobs += [
            replace(record(f"other-{n}", "PROCESSING", ["lapsed"]), request_id=None)
            for n in range(self.strangers)
        ]
        body = {"children": [wire.job_to_json(job) for job in jobs]}
        return httpx.Response(200, json=body)


lives = st.lists(st.sampled_from(STATES), max_size=6).flatmap(
    lambda before: st.sampled_from([*ENDS, "PROCESSING"]).map(lambda end: [*before, end])
)
scripts = st.builds(
    Script,
    posts=st.lists(faults, max_size=4),
    reads=st.lists(faults, max_size=12),
    listings=st.lists(faults, max_size=5),
    lives=st.lists(lives, min_size=1, max_size=4),
    is_late=st.booleans(),
    repeats=st.integers(1, 2),
    keeps_request_id=st.booleans(),
    strangers=st.integers(0, 2),
)


@RUN
@given(scripts)
def test_one_submission_makes_one_job_at_most_and_its_wait_ends_rightly(script):
    client = connected(script.service)
    first = script.posts[0] if script.posts else "answered"
    try:
        job = client.submit("gold")
    except SubmitUncertain:
        assert first not in {"answered", "not connected", "429"}
        job = None
    except (APIError, TransportError):
        # Whoever is told so may submit again.
        assert not FAULTS[first]
        job = None

    assert script.service.methods().count("POST") == 1
    assert len(script.started) == int(FAULTS[first])
    if job is None:
        return
    assert job.id == "job-0"
    try:
        job.wait("20m")
    except JobTimeout:
        assert not job.is_final
        assert script.service.clock.elapsed_s >= 1200
    except NotFound:
        raise AssertionError(job) from None
    else:
        assert job.status == script.started["job-0"][-1]
        assert job.status in ENDS


@RUN
@given(scripts, st.integers(1, 4), st.one_of(st.none(), st.integers(1, 3)))
def test_a_group_makes_one_job_at_most_for_each_and_its_wait_ends_rightly(
    script, number, max_active
):
    client = connected(script.service)
    wanted = [["gold", f"s{n}"] for n in range(number)]
    posted = []
    script_start = script._start

    def start(request):
        posted.append(tuple(wire.job_request_from_json(json.loads(request.content))))
        return script_start(request)

    script._start = start
    group = client.submit_each(wanted, max_active=max_active)
    try:
        group.wait("20m")
    except GroupTimeout:
        assert not group.is_final
    else:
        assert group.is_final

    assert len(posted) == len(set(posted))
    assert len(group.jobs) + len(group.to_submit) + len(group.errors) >= number
    assert len({job.id for job in group.jobs}) == len(group.jobs)
    for job in group.jobs:
        if job.is_final:
            assert job.status == script.started[job.id][-1]
    if group.is_final:
        assert len(group.results(errors="return")) == number
