"""``kill -9`` at any moment of load, job or write: the store opens, what was finished is whole."""

from __future__ import annotations

import random
import subprocess
import sys
import textwrap
import time

import pytest

import segtoolkit as sg
from segtoolkit.models import JobStatus

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="kills are another matter there"
)

WORK = """
    import sys
    import segtoolkit as sg

    def people(round):
        return [
            {"_id": str(number), "homeAddress": {"country": "US" if number % 3 else "DE"},
             "round": round}
            for number in range(3000)
        ]

    client = sg.connect_local(sys.argv[1], profiles={"people": people(0)}, progress="off")
    client.definitions.put("us", 'homeAddress.country = "US"')
    client.definitions.put("round", "round >= 0")
    print("ready", flush=True)
    for round in range(1000):
        job = client.submit(["us", "round"])
        client.definitions.put("latest", f"round = {round}")
        client.local.load_profiles(people(round + 1), name="people")
        job.wait()
        print(job.id, flush=True)
        client.submit("us")
        client.size("round > 0", budget=100)
"""


@pytest.mark.parametrize("seed", range(4))
def test_after_a_kill_finished_jobs_are_whole_and_unfinished_ones_failed(store_path, seed):
    finished = killed_at_work(store_path, after_s=random.Random(seed).uniform(0.05, 2))

    with sg.connect_local(store_path, progress="off") as client:
        jobs = {job.id: job for job in client.list()}
        states = {job.status for job in jobs.values()}
        assert states <= {JobStatus.SUCCEEDED, JobStatus.FAILED}
        for job_id in finished:
            counted = jobs[job_id].record.metrics.segmented_profile_counter
            assert counted == {"us": 2000, "round": 3000}
        for job in jobs.values():
            assert all("ended before" in fault.message for fault in job.record.errors)
        assert client.size("true").size == 3000
        assert client.size("round >= 0").size == 3000
        # One load or the other, never parts of both.
        rounds = [client.size(f"round = {number}").size for number in range(len(jobs) + 2)]
        assert max(rounds) == 3000
        assert sum(rounds) == 3000
        assert client.size("round >= 0", budget=100).size == 3000
        assert client.run("us").to_frame()["profiles"].tolist() == [2000]
        assert client.local.members("us").count == 2000


GROWING = """
    import sys
    import segtoolkit as sg

    def people(round):
        return [{"_id": str(number), "round": round} for number in range(2000)]

    def more(round):
        return [{"_id": f"{round}-{number}", "round": round,
                 "identityMap": {"Email": [{"id": f"{round}@example.com"}],
                                 "CRMID": [{"id": f"{round}-{number}", "primary": True}]}}
                for number in range(10)]

    client = sg.connect_local(sys.argv[1], profiles={"people": people(0)}, progress="off")
    client.local.merge_policies.put("linked", identity_graph="pdg")
    client.definitions.put("all", "true")
    client.local.publish(sys.argv[2])
    print("ready", flush=True)
    for round in range(1, 1000):
        client.local.load_profiles(people(round), name="people", mode="upsert")
        client.local.load_profiles(more(round), name="more", mode="append")
        client.local.publish(sys.argv[2])
        print(round, flush=True)
"""


@pytest.mark.parametrize("seed", range(3))
def test_after_a_kill_in_a_load_that_adds_there_is_all_of_it_or_nothing(
    store_path, tmp_path, seed
):
    folder = tmp_path / "shared"
    after_s = random.Random(seed).uniform(0.05, 3)
    rounds = killed_at_work(store_path, folder, code=GROWING, after_s=after_s)

    for where in ({"path": store_path}, {"published": folder}):
        with sg.connect_local(**where, progress="off") as client:
            last = max(map(int, rounds), default=0)
            sizes = [client.size(f"round = {number}").size for number in range(last + 3)]
            # All people are of the latest round, which left its ten others, or not yet.
            (latest,) = (n for n, size in enumerate(sizes) if size >= 2000)
            assert latest in {last, last + 1}
            assert sizes[latest] in {2000, 2000 + 10 * bool(latest)}
            assert sizes[1:latest] == [10] * (latest - 1)
            assert client.size("true").size == sum(sizes)


def killed_at_work(
    store_path, *others: object, code: str = WORK, after_s: float
) -> list[str]:
    """Let a process work on the store and kill it; return what it said that it finished."""
    worker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(store_path), *map(str, others)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout.readline() == "ready\n"
    time.sleep(after_s)
    worker.kill()
    said, _ = worker.communicate()
    # The last line may have been cut.
    return [line for line in said.split("\n")[:-1] if line]


@pytest.mark.parametrize("seed", range(2))
def test_a_kill_in_the_very_first_load_leaves_a_store_that_opens(store_path, seed):
    code = f"import segtoolkit as sg; print('go', flush=True); {textwrap.dedent(FIRST)}"
    worker = subprocess.Popen(
        [sys.executable, "-c", code, str(store_path)], stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout.readline() == "go\n"
    time.sleep(random.Random(seed).uniform(0.2, 2.5))
    worker.kill()
    worker.communicate()

    with sg.connect_local(store_path) as client:
        assert client.size("true").size in {0, 50_000}


FIRST = """import sys, pandas
rows = pandas.DataFrame({"_id": map(str, range(50_000)), "n": range(50_000)})
sg.connect_local(sys.argv[1], profiles=rows)"""
