"""``kill -9`` at chosen moments of a load, merge, job, publication or upgrade: old or new, as a whole."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import segtoolkit as sg
from segtoolkit.models import JobStatus
from tests.local import stores_of_old
from tests.local.sample_service import IN_DE, IN_US, PEOPLE, person

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="kills are another matter there"
)

ROOT = Path(__file__).parents[2]
SEGMENTS = {"us": IN_US, "de": IN_DE}
WEB = [person("ann", "DE", Email="ann@example.com"), person("zoe", "FR", ECID="2")]
DIE = """
    import os, signal, sys
    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(code: str, *arguments: object) -> None:
    """Run *code*, which must kill its process."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            textwrap.dedent(DIE) + textwrap.dedent(code),
            *map(str, arguments),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr


@pytest.fixture
def kept(store_path):
    """A store of three people from two datasets, a policy that links, and a finished job."""
    with sg.connect_local(
        store_path,
        profiles={"people": PEOPLE, "web": WEB[:1]},
        segments=SEGMENTS,
        progress="off",
    ) as client:
        client.local.merge_policies.put("linked", identity_graph="pdg")
        client.run(["us", "de"])
    return store_path


def seen(client) -> dict[str, int]:
    return {
        text: client.size(text).size
        for text in ("true", IN_US, IN_DE, 'homeAddress.country = "FR"')
    }


BEFORE = {"true": 3, IN_US: 1, IN_DE: 2, 'homeAddress.country = "FR"': 0}

LOAD = """
    import segtoolkit as sg
    from tests.local.test_killed_at import WEB, person
    _, path, mode, last = sys.argv
    client = sg.connect_local(path, progress="off")
    rows = WEB if mode == "upsert" else WEB[1:]
    client.local.load_profiles(
        rows, name="web", mode=mode, progress=lambda step, _: step == last and die())
"""


@pytest.mark.parametrize(
    ("mode", "last"),
    [
        ("replace", "reading profiles"),
        ("append", "checking profiles"),
        ("upsert", "finding identities"),
        ("replace", "building profiles"),
        ("append", "sorting events"),
        ("upsert", "merging profiles for 'linked'"),
    ],
)
def test_a_killed_load_leaves_what_was_there(kept, mode, last):
    killed(LOAD, kept, mode, last)

    with sg.connect_local(kept, progress="off") as client:
        assert seen(client) == BEFORE
        assert (
            client.run(["us", "de"]).by_status()["status"].tolist().count("existing") == 2
        )
        client.local.load_profiles(WEB, name="web", mode="upsert")
        assert client.size("true").size == 4


MERGE = """
    import segtoolkit as sg
    client = sg.connect_local(sys.argv[1], progress="off")
    client.local.merge_policies.put(
        "people first", attribute_merge="dataSetPrecedence", order=["people"], is_default=True,
        progress=die)
"""


def test_a_killed_merge_leaves_the_policies_that_were_there(kept):
    killed(MERGE, kept)

    with sg.connect_local(kept) as client:
        names = [policy.name for policy in client.local.merge_policies.list()]
        assert names == ["Default", "linked"]
        assert seen(client) == BEFORE


JOB = """
    from collections.abc import Mapping
    from dataclasses import replace
    from segtoolkit.engine import DuckDBEngine
    from segtoolkit.local import SegmentService, Store, worker
    _, path, moment = sys.argv
    worker._MOST_WAITING_BYTES = 0  # so that members are written as soon as they are found

    class Deadly(Mapping):
        __len__ = __getitem__ = __iter__ = die

    class KilledEngine(DuckDBEngine):
        def evaluate(self, cursor, expressions, *, step, keep, **how):
            def stepping(done, total):
                step(done, total)
                if moment == "the first step" or moment == "the last step" and done + 1 == total:
                    die()
            def keeping(segment_id, members):
                keep(segment_id, members)
                if moment == "members":
                    die()
            found = super().evaluate(cursor, expressions, step=stepping, keep=keeping, **how)
            return replace(found, counts=Deadly()) if moment == "results" else found

    service = SegmentService(Store.open(path), KilledEngine())
    service.submit(["us", "de"])
    import time
    time.sleep(20)
"""


@pytest.mark.parametrize(
    "moment", ["the first step", "the last step", "members", "results"]
)
def test_a_killed_job_is_failed_and_the_members_are_those_of_the_one_before(kept, moment):
    killed(JOB, kept, moment)

    with sg.connect_local(kept, progress="off") as client:
        unfinished, finished = client.list()
        assert finished.status is JobStatus.SUCCEEDED
        assert unfinished.status is JobStatus.FAILED
        assert "process that evaluated this job ended" in unfinished.errors[0].message
        assert client.local.members("us").count == 1
        with client.local._service.store.read() as cursor:
            rows = cursor.execute(
                "SELECT count(*), count(DISTINCT job_id) FROM memberships"
            )
            assert rows.fetchall() == [(2, 1)]
        assert client.run("us").by_status().set_index("status")["profiles"]["existing"] == 1


PUBLISH = """
    import segtoolkit as sg
    from segtoolkit.local import publishing
    _, path, folder, moment = sys.argv
    client = sg.connect_local(path, progress="off")
    client.definitions.put("fr", 'homeAddress.country = "FR"')
    if moment == "a table":
        whole, tables = publishing._write, []
        def write(cursor, table, file):
            tables.append(table)
            whole(cursor, table, file)
            if len(tables) == 4:
                die()
        publishing._write = write
    elif moment == "before the name":
        publishing._point_to = die
    else:
        publishing._clear = die
    client.local.publish(folder)
"""


@pytest.mark.parametrize(
    ("moment", "published"),
    [
        ("a table", ["de", "us"]),
        ("before the name", ["de", "us"]),
        ("after the name", ["de", "fr", "us"]),
    ],
)
def test_a_killed_publication_is_the_old_snapshot_or_the_new_one(
    kept, tmp_path, moment, published
):
    folder = tmp_path / "shared"
    with sg.connect_local(kept) as client:
        client.local.publish(folder)
    killed(PUBLISH, kept, folder, moment)

    with sg.connect_local(published=folder, progress="off") as reader:
        assert sorted(d.id for d in reader.definitions.list()) == published
        assert seen(reader) == BEFORE
    with sg.connect_local(kept) as client:
        newest = client.local.publish(folder)
    left = {entry.name for entry in folder.iterdir()}
    assert {"current.json", newest.name} < left
    assert len(left) == 3  # and the snapshot before


UPGRADE = """
    from segtoolkit.local import Store, layouts
    steps = dict(layouts._STEPS)
    layouts._STEPS = {1: lambda cursor: (steps[1](cursor), die())}
    Store.open(sys.argv[1])
"""


def test_a_killed_upgrade_leaves_the_store_to_be_upgraded_again(store_path):
    stores_of_old.make(store_path, version=1)
    killed(UPGRADE, store_path)

    with sg.connect_local(store_path, progress="off") as client:
        assert client.run(["ca", "us"]).to_frame()["profiles"].tolist() == [1, 1]
