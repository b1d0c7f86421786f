"""Guards: doubts about a submission, told or refused for, and asked about only if wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from segtoolkit import wire
from segtoolkit.client import guards
from segtoolkit.errors import ConfigError, GuardError, GuardWarning, PermissionDenied
from segtoolkit.models import Sandbox
from tests.fakes import START, FakeService, connected, record, refusal

PROD = Sandbox(name="main", type="production")
DEV = Sandbox(name="dev", type="development")


def ran(hours_ago: float, *, source: str = "api", sandbox: Sandbox | None = None):
    made = START.replace(hour=12) - timedelta(hours=hours_ago)
    return replace(record("job"), created_at=made, source=source, sandbox=sandbox)


NOW = START.replace(hour=12)


@pytest.mark.parametrize(("number", "doubtful"), [(1, False), (20, False), (21, True)])
def test_too_many_segments_of_one_job(number, doubtful):
    jobs = [["a"], [f"s{n}" for n in range(number)]]

    assert (guards.too_many_segments(jobs) is not None) is doubtful


@pytest.mark.parametrize(
    ("recent", "number", "doubtful"),
    [
        ([], 1, False),
        ([], 2, False),
        ([], 3, True),
        ([ran(1)], 1, False),
        ([ran(1)], 2, True),
        ([ran(1), ran(2)], 1, True),
        ([ran(1), ran(2, source="scheduler")], 1, False),
        ([ran(1), ran(12.5)], 1, False),
        ([ran(1), ran(12)], 1, True),
        ([ran(1), replace(ran(1), created_at=None)], 1, False),
    ],
)
def test_runs_of_a_day_begin_at_midnight_utc(recent, number, doubtful):
    assert (guards.over_quota(number, recent, NOW) is not None) is doubtful


@pytest.mark.parametrize(
    ("recent", "name", "doubtful"),
    [
        ([], None, False),
        ([], "dev", False),
        ([], "prod", True),
        ([ran(1, sandbox=PROD)], "main", True),
        ([ran(1), ran(2, sandbox=PROD)], None, True),
        ([ran(1, sandbox=DEV)], "prod", False),
    ],
)
def test_production_is_told_by_the_jobs_or_else_the_name(recent, name, doubtful):
    assert (guards.in_production(recent, name) is not None) is doubtful


def shop(*recent) -> FakeService:
    body = {"children": [wire.job_to_json(job) for job in recent]}
    answer = lambda _: httpx.Response(200, json=body)  # noqa: E731
    return FakeService(jobs={"job-1": ["QUEUED"]}, routes={"GET /segment/jobs": answer})


BUSY = [replace(record(f"old-{n}"), source="api", sandbox=PROD) for n in range(2)]


def test_guards_are_off_unless_wanted():
    service = shop(*BUSY)

    connected(service).submit("gold")

    assert service.methods() == ["POST"]


def test_guards_warn_and_submit():
    service = shop(*BUSY)

    with pytest.warns(GuardWarning) as warned:
        connected(service, guards="warn").submit("gold")

    assert [str(w.message).split()[0] for w in warned] == ["2", "the"]
    assert warned[0].filename == __file__
    assert service.methods() == ["GET", "POST"]


def test_guards_refuse_and_submit_nothing():
    service = shop(*BUSY)

    with pytest.raises(GuardError, match=r"not submitted: 2 jobs .*; the sandbox 'main'"):
        connected(service, guards="raise").submit("gold")

    assert service.methods() == ["GET"]


def closed_shop() -> FakeService:
    return FakeService(
        jobs={"job-1": ["QUEUED"]},
        routes={"GET /segment/jobs": lambda _: refusal(403, "not for you")},
    )


def test_guards_that_only_warn_do_not_stand_in_the_way_of_a_job():
    service = closed_shop()

    with pytest.warns(GuardWarning, match="runs of today are not known: not for you"):
        connected(service, guards="warn").submit("gold")

    assert service.methods() == ["GET", "POST"]


def test_guards_that_refuse_submit_nothing_they_know_nothing_about():
    service = closed_shop()

    with pytest.raises(PermissionDenied):
        connected(service, guards="raise").submit("gold")

    assert service.methods() == ["GET"]


def test_guards_look_once_at_many_submissions():
    service = shop()

    with pytest.raises(GuardError, match=r"0 jobs were submitted .* 3 would follow"):
        connected(service, guards="raise").submit_each(["a", "b", "c"])

    assert service.methods() == ["GET"]


def test_guards_have_nothing_to_say_about_a_usual_job(recwarn):
    connected(shop(ran(1, sandbox=DEV)), guards="raise").submit("gold")

    assert len(recwarn) == 0


def test_guards_are_one_of_three():
    with pytest.raises(ConfigError, match='"off", "warn", "raise"'):
        connected(FakeService(), guards="maybe")
