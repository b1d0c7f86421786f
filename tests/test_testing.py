"""``segtoolkit.testing`` as other people's tests use it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

import segtoolkit as sg
from segtoolkit.errors import ConfigError, JobTimeout, ServerError, TransportError
from segtoolkit.testing import FakeClock, Fault, serving

ROOT = Path(__file__).parents[1]

pytest_plugins = ["pytester"]

PEOPLE = [{"_id": "ann", "country": "US"}, {"_id": "bob", "country": "DE"}]


@pytest.fixture
def server():
    with serving(PEOPLE) as server:
        yield server


@pytest.fixture
def others(pytester, monkeypatch):
    """Lend a folder of tests of somebody who has no other plugins, which take their time."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return pytester


@pytest.fixture
def clock():
    return FakeClock(breath_s=0.002)


def posts(server):
    return [call for call in server.calls if call == "POST /data/core/ups/segment/jobs"]


def test_server_answers_as_aep_does(server, clock):
    client = server.connect(clock)
    us = client.definitions.create("us", 'country = "US"')

    result = client.run([us])

    assert result.metrics.segmented_profile_counter == {us.id: 1}


def test_server_is_for_those_who_have_the_token(server):
    answer = httpx.get(f"{server.url}/data/core/ups/segment/jobs", trust_env=False)

    assert answer.status_code == 401


@pytest.mark.parametrize("faults", [[503], [429, 502], ["lost"], ["unanswered", 500]])
def test_calls_that_only_read_survive_what_passes(server, clock, faults):
    client = server.connect(clock)
    server.fail(*faults)

    assert list(client.list()) == []
    assert len(server.calls) == len(faults) + 1


def test_faults_come_in_their_order_and_then_no_more(server):
    headers = {
        "Authorization": f"Bearer {server.token}",
        "x-api-key": "k",
        "x-gw-ims-org-id": "o",
        "x-sandbox-name": "prod",
    }
    server.fail(Fault(429, retry_after=7), 404)

    with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as http:
        answers = [http.get("/data/core/ups/segment/jobs") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 404, 200]
    assert answers[0].headers["Retry-After"] == "7"


def test_fault_waits_for_the_call_that_it_is_about(server, clock):
    client = server.connect(clock)
    us = client.definitions.create("us", 'country = "US"')
    server.fail(Fault(500, on="POST /data/core/ups/segment/jobs"))

    assert list(client.list()) == []
    with pytest.raises(ServerError):
        client.submit([us])


def test_job_whose_answer_is_lost_is_found_and_started_once(server, clock):
    client = server.connect(clock)
    us = client.definitions.create("us", 'country = "US"')
    server.fail(Fault("unanswered", on="POST"))

    job = client.submit([us])

    assert job.result().metrics.segmented_profile_counter == {us.id: 1}
    assert len(posts(server)) == 1


def test_clock_lets_a_day_go_by_at_once(server, clock):
    client = server.connect(clock)
    us = client.definitions.create("us", 'country = "US"')
    job = client.submit([us])
    server.fail(*[Fault(503, on="jobs")] * 100_000)

    with pytest.raises((JobTimeout, sg.PollFailed)):
        job.wait("1d")

    assert clock.elapsed_s >= 300


def test_server_is_gone_with_its_context(clock):
    with serving(PEOPLE) as server:
        url = server.url

    with pytest.raises(httpx.TransportError):
        httpx.get(url, trust_env=False)


def test_connect_comes_to_the_server_by_the_environment(server, monkeypatch):
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SEGTOOLKIT_CONFIG", "")

    with sg.connect() as client:
        assert client.size("true").size == 2


@pytest.mark.parametrize("kind", ["reset", 200, 1_000, None])
def test_unknown_fault_is_refused(server, kind):
    with pytest.raises(ConfigError, match="is no fault"):
        server.fail(kind)


def test_client_gives_up_on_a_server_that_is_always_away(server, clock):
    client = server.connect(clock)
    server.fail(*["lost"] * 1_000)

    with pytest.raises(TransportError):
        client.get("any")


OTHERS = """
import segtoolkit as sg

pytest_plugins = ["segtoolkit.testing"]


def test_client(segtoolkit_client):
    gold = segtoolkit_client.definitions.put("gold", 'loyalty.tier = "gold"')
    result = segtoolkit_client.run(gold)
    assert result.metrics.total_profiles >= 1_000
    assert result.metrics.segmented_profile_counter["gold"] > 0


def test_each_test_has_a_store_of_its_own(segtoolkit_client):
    assert list(segtoolkit_client.definitions.list()) == []


def test_server(segtoolkit_server, segtoolkit_clock):
    client = segtoolkit_server.connect(segtoolkit_clock)
    segtoolkit_server.fail(503, "lost")
    assert client.size('loyalty.tier = "gold"').size > 0
    assert segtoolkit_clock.elapsed_s > 0
"""


def test_fixtures_serve_the_tests_of_others(others):
    others.makepyfile(OTHERS)

    done = others.runpytest_subprocess("-q", "-W", "error", "-p", "no:cacheprovider")

    done.assert_outcomes(passed=3)


def test_conftest_may_import_from_what_it_asks_for(others):
    others.makeconftest(
        "from segtoolkit.testing import Fault\npytest_plugins = ['segtoolkit.testing']"
    )
    others.makepyfile(
        "def test_clock(segtoolkit_clock):\n    assert not segtoolkit_clock.elapsed_s"
    )

    done = others.runpytest_subprocess("-q", "-W", "error", "-p", "no:cacheprovider")

    done.assert_outcomes(passed=1)


def test_example_of_the_readme_passes(others):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(
        r"```python\n(# conftest.py: ([^\n]*)\n.*?)```", readme, re.DOTALL
    )
    others.makeconftest(example[1])
    others.makepyfile(example[0])

    done = others.runpytest_subprocess("-q", "-p", "no:cacheprovider")

    done.assert_outcomes(passed=2)


def test_pytest_loads_nothing_of_it_unasked(pytester):
    pytester.makepyfile("""
        import sys

        def test_nothing_is_loaded():
            assert not [name for name in sys.modules if name.startswith("segtoolkit")]
    """)

    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_notebooks_of_others_run_against_samples(others):
    """The line of the README: notebooks call `connect()`, and the environment says where to."""
    import nbformat

    sg.samples.write(others.path, profiles=50)
    cells = ["import segtoolkit as sg", "assert sg.connect().size('true').size >= 50"]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "p", "language": "python"}
        },
    )
    (others.path / "notebooks").mkdir()
    nbformat.write(notebook, others.path / "notebooks" / "mine.ipynb")
    profiles = str(others.path / "profiles.parquet")
    here = {"SEGTOOLKIT_KIND": "local", "SEGTOOLKIT_PROFILES": profiles}

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "nbmake.pytest_plugin",
            "--nbmake",
            "notebooks",
        ],
        cwd=others.path,
        env={**os.environ, **here},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "1 passed" in done.stdout, done.stdout + done.stderr
