"""One store, several processes: who holds it is told, and what is published can be read by all."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap

import duckdb
import pandas as pd
import pytest

import segtoolkit as sg
from tests.local.sample_service import IN_US, PEOPLE

EVENTS = [
    {
        "_id": f"e{number}",
        "identityMap": {"CRMID": [{"id": name, "primary": True}]},
        "timestamp": "2026-01-01T00:00:00Z",
        "eventType": "commerce.purchases",
    }
    for number, name in enumerate(["ann", "ann", "eve"])
]
SEGMENTS = {"us": IN_US, "buyers": "xEvent.count() >= 2"}


def process(code: str, *arguments: object) -> list[str]:
    """Return what *code* prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


OPEN = """
    import sys
    import segtoolkit as sg
    try:
        sg.connect_local(sys.argv[1])
    except sg.StoreError as error:
        print(error)
"""
READ = """
    import sys
    import segtoolkit as sg
    with sg.connect_local(published=sys.argv[1], progress="off") as client:
        print(client.local.members("us").df()["id"].tolist())
        print(client.run(["us", "buyers"]).to_frame()["profiles"].tolist())
        print(client.size("xEvent.count() = 1"))
        print(sorted(d.id for d in client.definitions.list()))
"""


@pytest.fixture
def client(store_path):
    with sg.connect_local(
        store_path, profiles=PEOPLE, events=EVENTS, segments=SEGMENTS, progress="off"
    ) as connected:
        connected.run(["us", "buyers"])
        yield connected


@pytest.fixture
def published(client, tmp_path):
    client.local.publish(tmp_path / "shared")
    return tmp_path / "shared"


def test_a_second_process_is_told_who_holds_the_store_and_how_to_share(client, store_path):
    (said,) = process(OPEN, store_path)

    assert f"in use by process {os.getpid()} on {socket.gethostname()} since 20" in said
    assert (
        "client.local.publish(folder) there, connect_local(published=folder) here" in said
    )


def test_a_closed_store_leaves_no_note(client, store_path):
    note = store_path.with_name(f"{store_path.name}.holder")
    assert json.loads(note.read_text())["pid"] == os.getpid()

    client.close()

    assert not note.exists()


def test_a_note_of_somebody_who_died_is_not_believed(client, store_path):
    note = store_path.with_name(f"{store_path.name}.holder")
    note.write_text(json.dumps({"pid": 1, "host": "elsewhere", "since": "1999"}))

    (said,) = process(OPEN, store_path)

    assert f"in use by process {os.getpid()};" in said
    assert "elsewhere" not in said


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"pid": 1}', "\x00"])
def test_a_broken_note_does_no_harm(client, store_path, note):
    store_path.with_name(f"{store_path.name}.holder").write_text(note)

    (said,) = process(OPEN, store_path)

    assert f"in use by process {os.getpid()};" in said


def test_another_process_reads_what_is_published_while_the_store_is_open(published):
    assert process(READ, published) == [
        "['ann', 'bob']",
        "[2, 1]",
        "1 of 3 profiles = 33.33%",
        "['buyers', 'us']",
    ]


def test_what_is_published_is_that_of_the_moment(client, published):
    with sg.connect_local(published=published) as reader:
        client.local.load_profiles(PEOPLE[:1], name="profiles")

        assert reader.size("true").size == 3


def test_publishing_again_gives_new_readers_the_new_and_leaves_old_ones_theirs(
    client, published
):
    with sg.connect_local(published=published) as before:
        client.local.load_profiles(
            [{"_id": "new", "homeAddress": {"country": "US"}}], name="more"
        )
        client.local.publish(published)
        with sg.connect_local(published=published) as after:
            assert (before.size(IN_US).size, after.size(IN_US).size) == (2, 3)


def test_only_the_newest_snapshots_are_kept(client, published):
    for _ in range(3):
        newest = client.local.publish(published)

    names = {entry.name for entry in published.iterdir()}
    assert len(names) == 3
    assert {newest.name, "current.json"} < names


def test_what_a_publisher_left_who_was_killed_is_removed(client, published):
    (published / ".20260101T000000Z-dead").mkdir()
    (published / ".current.json.dead").write_text("{")

    client.local.publish(published)

    assert not list(published.glob(".*"))


def test_any_reader_of_parquet_can_have_the_files(client, published):
    snapshot = client.local.publish(published)

    country = pd.read_parquet(snapshot / "profiles.parquet")["xdm"].map(
        lambda xdm: xdm["homeAddress"]["country"]
    )
    assert country.tolist() == ["US", "US", "DE"]
    rows = duckdb.sql(f"SELECT type FROM '{snapshot}/events.parquet'").fetchall()
    assert rows == [("commerce.purchases",)] * 3


def test_jobs_come_along_and_new_ones_come_first(client, published):
    with sg.connect_local(published=published, progress="off") as reader:
        done = reader.run("us")

        assert [job.id for job in reader.list()] == [
            done.record.id,
            *(job.id for job in client.list()),
        ]


def test_a_sample_can_be_drawn_from_what_is_published(client, tmp_path):
    client.size("true", budget=2)
    client.local.publish(tmp_path / "sampled")

    with sg.connect_local(published=tmp_path / "sampled") as reader:
        assert reader.size("true", budget=2).rows_read == 2


def into_published(client, published, tmp_path):
    with sg.connect_local(published=published) as reader:
        reader.local.load_profiles(PEOPLE)


def events_into_published(client, published, tmp_path):
    with sg.connect_local(published=published) as reader:
        reader.local.load_events(EVENTS)


def with_other_data(client, published, tmp_path):
    sg.connect_local(published=published, profiles=PEOPLE)


def into_a_folder_in_use(client, published, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    client.local.publish(tmp_path / "mine")


def from_nowhere(client, published, tmp_path):
    sg.connect_local(published=tmp_path / "nowhere")


REFUSALS = {
    into_published: (sg.ConfigError, "for reading only"),
    events_into_published: (sg.ConfigError, "for reading only"),
    with_other_data: (sg.ConfigError, "published stands for"),
    into_a_folder_in_use: (sg.ConfigError, "something else in it"),
    from_nowhere: (sg.StoreError, "nothing is published"),
}


@pytest.mark.parametrize("ask", REFUSALS, ids=lambda ask: ask.__name__)
def test_what_would_lose_something_is_refused(client, published, tmp_path, ask):
    kind, said = REFUSALS[ask]

    with pytest.raises(kind, match=said):
        ask(client, published, tmp_path)


def test_a_snapshot_of_a_newer_release_is_refused(client, published):
    snapshot = client.local.publish(published)
    meta = snapshot / "meta.parquet"
    rows = pd.read_parquet(meta)
    rows.loc[rows["key"] == "schema_version", "value"] = "99"
    rows.to_parquet(meta)

    with pytest.raises(sg.StoreError, match="upgrade segtoolkit"):
        sg.connect_local(published=published)
