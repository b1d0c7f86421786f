"""Bounds of memory and disk: they hold, and who meets them is told so in words."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from contextlib import suppress

import pandas as pd
import pytest

import segtoolkit as sg
from segtoolkit.local import SegmentService, Store
from segtoolkit.local.limits import Limits
from segtoolkit.models import JobStatus
from tests.local.sample_service import IN_US, PEOPLE, SlowEngine

# What DuckDB is busy with before it evaluates such an expression: the one can go to disk.
WORK = {
    'homeAddress.country = "big"': (
        "CREATE TEMP TABLE big AS SELECT uuid() AS a, uuid() AS b FROM range(5000000)"
    ),
    'homeAddress.country = "long"': "SELECT len(list(range)) FROM range(20000000)",
}
BIG, LONG = WORK


class BigEngine(SlowEngine):
    """The real engine, with such work before."""

    def evaluate(self, cursor, expressions, **how):
        for text in WORK.keys() & set(expressions.values()):
            cursor.execute(WORK[text]).fetchall()
        return super().evaluate(cursor, expressions, **how)


def run(service, segment_id):
    """Run a job, and go on asking while the job leaves nothing for the answer."""
    deadline = time.monotonic() + 30
    job_id = service.submit([segment_id]).id
    while time.monotonic() < deadline:
        with suppress(sg.StoreError):
            job = service.job(job_id)
            if job.status.is_final:
                return job
        time.sleep(0.02)
    raise AssertionError(job_id)


@pytest.fixture
def service_within(store_path):
    """Makes the service over a store with limits."""
    made = []

    def make(**limits: str) -> SegmentService:
        segments = {"us": IN_US, "big": BIG, "long": LONG}
        sg.connect_local(store_path, profiles=PEOPLE, segments=segments).close()
        made.append(SegmentService(Store.open(store_path, Limits(**limits)), BigEngine()))
        return made[0]

    yield make
    for service in made:
        service.close()


def test_a_job_that_needs_more_temporary_disk_than_it_may_fails_and_says_so(service_within):
    service = service_within(memory_limit="60MB", max_temp_directory_size="2MB")

    job = run(service, "big")

    assert job.status is JobStatus.FAILED
    assert "needs more temporary disk space" in job.errors[0].message
    assert "raise max_temp_directory_size" in job.errors[0].message


def test_a_job_that_needs_more_memory_than_it_may_fails_and_says_so(service_within):
    service = service_within(memory_limit="60MB", max_temp_directory_size="500MB")

    job = run(service, "long")

    assert job.status is JobStatus.FAILED
    assert "needs more memory" in job.errors[0].message
    assert "raise memory_limit" in job.errors[0].message


def test_a_job_within_its_limits_succeeds_by_way_of_the_disk(service_within):
    service = service_within(memory_limit="60MB", max_temp_directory_size="1GB")

    assert run(service, "big").status is JobStatus.SUCCEEDED


def test_after_a_failed_job_the_next_one_succeeds(service_within):
    service = service_within(memory_limit="60MB", max_temp_directory_size="2MB")
    run(service, "big")

    assert run(service, "us").status is JobStatus.SUCCEEDED


def test_a_load_that_needs_too_much_is_undone_and_says_so(store_path):
    rows = pd.DataFrame({"_id": map(str, range(200_000)), "text": "x" * 50})
    sg.connect_local(store_path, profiles=PEOPLE).close()
    with sg.connect_local(store_path, memory_limit="15MB") as client:
        with pytest.raises(sg.StoreError, match="raise memory_limit"):
            client.local.load_profiles(rows, name="more")

        assert client.size("true").size == len(PEOPLE)


def test_an_estimate_that_needs_too_much_is_failed_and_says_so(service_within):
    service = service_within(memory_limit="60MB", max_temp_directory_size="2MB")
    preview_id = service.preview(BIG)
    deadline = time.monotonic() + 30
    while (found := service.estimate(preview_id)).state == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.02)

    assert found.state == "FAILED"
    assert "raise max_temp_directory_size" in found.error
    assert service.estimate(service.preview(IN_US)).size == 2


def test_a_merge_that_needs_too_much_is_undone_and_says_so(store_path):
    size = 150_000
    linked = [
        {
            "CRMID": [{"id": str(number), "primary": True}],
            "Email": [{"id": f"{number // 2}@example.com"}],
        }
        for number in range(size)
    ]
    rows = pd.DataFrame({"_id": map(str, range(size)), "identityMap": linked})
    sg.connect_local(store_path, profiles=rows).close()
    with sg.connect_local(store_path, memory_limit="20MB") as client:
        with pytest.raises(sg.StoreError, match="raise memory_limit"):
            client.local.merge_policies.put("linked", identity_graph="pdg")

        assert [policy.name for policy in client.local.merge_policies.list()] == ["Default"]
        assert client.size("true").size == size


def test_what_goes_to_disk_goes_where_the_user_says(store_path, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    store = Store.open(store_path, Limits(temp_directory=elsewhere, memory_limit="60MB"))
    with store.read() as cursor:
        cursor.execute("CREATE TEMP TABLE big AS SELECT uuid() AS a FROM range(9000000)")
        assert list(elsewhere.glob("*/duckdb_temp*"))
    store.close()

    assert not list(elsewhere.glob("*/duckdb_temp*"))


def test_a_store_that_is_open_keeps_its_limits(store_path):
    with sg.connect_local(store_path, memory_limit="1GB"):
        with pytest.raises(
            sg.ConfigError, match="open in this process with memory_limit=1GB"
        ):
            sg.connect_local(store_path, memory_limit="2GB")
        sg.connect_local(store_path, memory_limit="1GB").close()
        sg.connect_local(store_path).close()


@pytest.mark.parametrize(
    "limits",
    [
        {"memory_limit": "much"},
        {"memory_limit": "1'; DROP TABLE jobs; --"},
        {"max_temp_directory_size": "80%"},
        {"memory_limit": 5},
    ],
)
def test_a_limit_that_is_no_size_is_refused(limits):
    with pytest.raises(sg.ConfigError, match="is a size such as"):
        sg.connect_local(**limits)


def test_a_folder_for_temporary_files_must_exist(tmp_path):
    with pytest.raises(sg.ConfigError, match="no folder"):
        sg.connect_local(temp_directory=tmp_path / "none")


FULL_DISK = """
    import resource, signal, sys
    from pathlib import Path
    import segtoolkit as sg
    from tests.local.sample_service import IN_US, PEOPLE
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    client = sg.connect_local(sys.argv[1], profiles=PEOPLE, segments={"us": IN_US}, progress="off")
    client.run("us")
    log = Path(sys.argv[1] + ".wal").stat().st_size
    job = None
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Room for the submission, not for what follows.
    resource.setrlimit(resource.RLIMIT_FSIZE, (log + 1500, most))
    job = client.submit("us")
    try:
        job.wait(timeout=1)
    except sg.JobTimeout:
        pass
    try:
        client.submit("us")
    except sg.ServerError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    job.wait(timeout=20)
    print(job.status, job.record.errors[0].message)
    print(client.run("us").to_frame()["profiles"].tolist())
    client.close()
"""


FULL_DISK_FOR_DATA = """
    import os, resource, signal, sys
    import pandas as pd
    import segtoolkit as sg
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    path = sys.argv[1]
    rows = pd.DataFrame({"_id": [os.urandom(20).hex() for _ in range(20_000)]})
    client = sg.connect_local(path, profiles={"some": rows[:2000]}, progress="off")
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = max(os.path.getsize(name) for name in (path, path + ".wal") if os.path.exists(name))
    for work in (
        lambda: client.local.load_profiles(rows, name="all"),
        lambda: client.local.merge_policies.put("linked", identity_graph="pdg"),
        lambda: client.size("true", budget=1900),
    ):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 500, most))
        try:
            work()
        except sg.SegtoolkitError as error:
            print(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        print(client.size("true").size)
    client.local.load_profiles(rows, name="all")
    client.close()
    print(sg.connect_local(path).size("true").size)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a limit stands for a full disk")
def test_a_full_disk_undoes_loads_merges_and_samples_and_leaves_the_store_usable(
    store_path,
):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL_DISK_FOR_DATA), str(store_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    said = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert all("the disk is full or cannot be written" in line for line in said[0:6:2])
    assert said[1:6:2] == ["2000"] * 3
    assert said[6] == "20000"


@pytest.mark.skipif(sys.platform == "win32", reason="a limit stands for a full disk")
def test_a_full_disk_fails_the_job_as_soon_as_that_can_be_written(store_path):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL_DISK), str(store_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    said = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert "the disk is full or cannot be written" in said[0]
    assert said[1].startswith("FAILED the disk is full or cannot be written")
    assert said[2] == "[2]"
