"""``aepp``, Adobe's own client of the platform, gets along with ``segtoolkit serve``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from segtoolkit import wire
from tests.local.sample_service import PEOPLE
from tests.served import serving

pytestmark = pytest.mark.conformance

SESSION = Path(__file__).with_name("aepp_session.py")
# The version whose manners the reading of these answers was learned from, and all that its segments
# need: whole, it brings half a gigabyte, some of which has to be compiled.
WANTED = ("aepp==0.6.0", "requests")
CLIENT = ("me", "s3cret")


@pytest.fixture(scope="module")
def python_of_aepp(tmp_path_factory):
    """A Python that has ``aepp``: the one that SEGTOOLKIT_AEPP_PYTHON names, or one made here.

    Where it cannot be made, its tests are skipped, or fail if SEGTOOLKIT_REQUIRE_AEPP is set.
    """
    if named := os.environ.get("SEGTOOLKIT_AEPP_PYTHON"):
        return named
    folder = tmp_path_factory.mktemp("aepp")
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    aepp, requests = WANTED
    for command in (
        [sys.executable, "-m", "venv", folder],
        [python, "-m", "pip", "install", "-q", requests],
        [python, "-m", "pip", "install", "-q", "--no-deps", aepp],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()
            reason = f"{aepp} cannot be installed here: {said[-1] if said else command}"
            if os.environ.get("SEGTOOLKIT_REQUIRE_AEPP"):
                pytest.fail(reason)
            pytest.skip(reason)
    return python


@pytest.fixture(scope="module")
def told(python_of_aepp, tmp_path_factory):
    """What the calls of the session answered, by what they were for."""
    folder = tmp_path_factory.mktemp("served")
    people, events = folder / "people.ndjson", folder / "events.ndjson"
    people.write_text("".join(json.dumps(one) + "\n" for one in PEOPLE), encoding="utf-8")
    events.write_text("".join(map(event, range(30_000))), encoding="utf-8")
    options = ("--profiles", people, "--events", events)
    secrets = ("--client-id", CLIENT[0], "--client-secret", CLIENT[1])
    with serving(*options, *secrets) as server:
        done = subprocess.run(
            [python_of_aepp, SESSION, server.address, *CLIENT],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "NO_PROXY": "127.0.0.1"},
            cwd=folder,
        )
        status, said = server.stop()
    assert done.returncode == 0, done.stderr
    assert (status, "Traceback" in said) == (0, False)
    return json.loads(done.stdout.strip().splitlines()[-1])


def event(number):
    identity = {"CRMID": [{"id": "ann", "primary": True}]}
    moment = f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    body = {"_id": f"e{number}", "identityMap": identity, "timestamp": moment, "n": 1.5}
    return json.dumps(body) + "\n"


def test_it_creates_reads_changes_and_deletes_definitions(told):
    made = wire.definition_from_json(told["made"])

    assert made.name == "us"
    assert wire.definition_from_json(told["read"]) == made
    assert told["updated"]["description"] == "of late"
    assert list(told["bulk"]) == [made.id]
    assert {d["name"] for d in told["definitions"]} == {"us", "endless"}
    assert told["deleted"] in {200, 204}


def test_it_converts_expressions(told):
    assert told["converted"]["expression"]["format"] == "pql/json"


def test_it_is_told_why_an_expression_is_refused(told):
    assert "column" in json.dumps(told["refused"])


def test_it_submits_a_job_and_polls_it_to_its_end(told):
    made, job = told["made"]["id"], wire.job_from_json(told["job"])

    assert told["submitted"]["id"] == job.id
    assert job.status == "SUCCEEDED"
    assert job.metrics.segmented_profile_counter == {made: 2}


def test_it_cancels_a_job(told):
    assert told["cancelled"]["answer"] in {200, 204}
    assert told["cancelled"]["job"]["status"] == "CANCELLED"


def test_it_lists_jobs(told):
    done, cancelled = told["job"]["id"], told["cancelled"]["job"]["id"]

    assert [job["id"] for job in told["jobs"]] == [cancelled, done]
    assert [job["id"] for job in told["succeeded"]] == [done]


def test_it_is_told_of_what_is_missing(told):
    assert told["missing"]["status"] == 404


def test_it_estimates_an_audience(told):
    estimate = wire.estimate_from_json(told["estimate"]["estimate"])

    assert (estimate.state, estimate.size, estimate.total) == ("RESULT_READY", 2, 3)
    assert wire.preview_from_json(told["estimate"]["preview"]).state == "RESULT_READY"


def test_it_lists_what_lies_around_jobs(told):
    assert {a["name"] for a in told["audiences"]} == {"us", "endless"}
    assert (told["exports"], told["schedules"]) == ([], [])
