from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb
import pytest

from segtoolkit.errors import StoreError
from segtoolkit.local import ledger, lifecycle, memberships
from segtoolkit.local.layouts import SCHEMA_VERSION
from segtoolkit.local.store import Store
from segtoolkit.models import JobSegment, JobStatus

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def setting(store: Store, name: str) -> object:
    with store.read() as cursor:
        return cursor.execute("SELECT current_setting(?)", [name]).fetchone()[0]


def job(status: JobStatus):
    new = lifecycle.new([JobSegment(segment_id="s")], as_of=NOW, now=NOW, request_id=None)
    return ledger.replace(new, status=status)


def test_a_store_keeps_what_was_written_for_the_next_one(store_path):
    first = Store.open(store_path)
    with first.read() as cursor:
        policy = ledger.default_merge_policy(cursor)
    first.close()
    second = Store.open(store_path)
    with second.read() as cursor:
        assert ledger.default_merge_policy(cursor) == policy
    second.close()


def test_a_path_opened_twice_gives_one_store_closed_by_the_last_holder(
    store_path, monkeypatch
):
    first = Store.open(store_path)
    monkeypatch.chdir(store_path.parent)
    second = Store.open(f"./{store_path.name}")
    assert second is first
    first.close()
    with second.read():
        pass
    second.close()
    with pytest.raises(StoreError, match="closed"):
        second.read().__enter__()


def test_a_symbolic_link_leads_to_the_same_store(store_path):
    store = Store.open(store_path)
    link = store_path.with_name("link.duckdb")
    link.symlink_to(store_path)
    assert Store.open(link) is store
    store.close()
    store.close()


def test_stores_in_memory_are_separate_and_leave_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one, other = Store.open(None), Store.open(":memory:")
    with one.write() as cursor:
        ledger.add_job(cursor, job(JobStatus.NEW))
    with other.read() as cursor:
        assert ledger.list_jobs(cursor, ledger.JobQuery()).total == 0
    spill = Path(str(setting(one, "temp_directory")))
    assert spill.is_dir()
    one.close()
    other.close()
    assert not list(tmp_path.iterdir())
    del one, cursor
    assert not spill.exists()


def test_sessions_are_in_utc_and_fetch_no_extensions(store_path):
    store = Store.open(store_path)
    assert setting(store, "TimeZone") == "UTC"
    assert setting(store, "autoinstall_known_extensions") is False
    assert setting(store, "autoload_known_extensions") is False
    store.close()


def test_spilling_goes_beside_the_file_and_has_a_limit(store_path):
    store = Store.open(store_path)
    assert setting(store, "temp_directory") == f"{store_path}.tmp"
    assert setting(store, "max_temp_directory_size") not in {
        "0 bytes",
        "90% of available disk space",
    }
    store.close()


def test_what_a_killed_process_spilt_is_removed(store_path):
    folder = store_path.with_name(f"{store_path.name}.tmp")
    folder.mkdir()
    (folder / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(b"x")
    (folder / "notes.txt").write_text("mine")
    Store.open(store_path).close()
    assert [entry.name for entry in folder.iterdir()] == ["notes.txt"]


def test_the_file_has_the_format_of_duckdb_1_4_so_that_older_versions_open_it(store_path):
    store = Store.open(store_path)
    with store.read() as cursor:
        rows = cursor.execute("SELECT tags FROM duckdb_databases()").fetchall()
    store.close()
    assert {"storage_version": "v1.4.0+"} in [tags for (tags,) in rows]


def not_a_database(store_path):
    store_path.write_text("profile,country\n" * 1000)


def empty(store_path):
    store_path.write_bytes(b"")


def foreign(store_path):
    with duckdb.connect(store_path) as connection:
        connection.execute("CREATE TABLE sales(amount INTEGER)")


def foreign_with_our_table_name(store_path):
    with duckdb.connect(store_path) as connection:
        connection.execute("CREATE TABLE meta(version INTEGER)")


def newer(store_path):
    Store.open(store_path).close()
    with duckdb.connect(store_path) as connection:
        connection.execute(
            "UPDATE meta SET value = ? WHERE key = 'schema_version'",
            [str(SCHEMA_VERSION + 1)],
        )
        connection.execute(
            "UPDATE meta SET value = 'segtoolkit 99.1' WHERE key = 'written_by'"
        )


def newer_with_a_log(store_path):
    newer(store_path)
    code = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]);"
        "c.execute('CREATE TABLE later(a INTEGER)'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(store_path)], check=True)
    assert store_path.with_name(f"{store_path.name}.wal").exists()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (not_a_database, "is not a DuckDB file"),
        (empty, "is not a DuckDB file"),
        (foreign, "of something else (it has the tables sales)"),
        (foreign_with_our_table_name, "of something else"),
        (newer, f"written by segtoolkit 99.1 (store version {SCHEMA_VERSION + 1}"),
        (newer_with_a_log, "upgrade segtoolkit"),
    ],
)
def test_a_file_that_is_no_store_of_ours_is_refused_and_left_as_it_is(
    store_path, make, message
):
    make(store_path)
    before = {file.name: file.read_bytes() for file in store_path.parent.iterdir()}
    with pytest.raises(StoreError) as caught:
        Store.open(store_path)
    assert message in str(caught.value)
    assert {file.name: file.read_bytes() for file in store_path.parent.iterdir()} == before


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StoreError, match=r"no folder .*nowhere"):
        Store.open(tmp_path / "nowhere" / "audiences.duckdb")


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path)


def test_a_store_held_by_another_process_names_it_and_the_remedy(store_path):
    Store.open(store_path).close()
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held'); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-uc", code, str(store_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError) as caught:
            Store.open(store_path)
        holder.stdin.close()
    assert f"in use by process {holder.pid}; close that notebook" in str(caught.value)
    Store.open(store_path).close()


def test_a_file_open_in_this_process_by_other_means_is_explained(store_path):
    Store.open(store_path).close()
    with (
        duckdb.connect(store_path),
        pytest.raises(StoreError, match="close that connection"),
    ):
        Store.open(store_path)


def test_a_file_deleted_under_an_open_store_is_not_taken_for_it(store_path):
    store = Store.open(store_path)
    store_path.unlink()
    with pytest.raises(StoreError, match="deleted or replaced"):
        Store.open(store_path)
    store.close()
    reopened = Store.open(store_path)
    assert reopened is not store
    reopened.close()


def test_a_write_that_fails_leaves_nothing(store_path):
    store = Store.open(store_path)

    def write_then_fail():
        with store.write() as cursor:
            ledger.add_job(cursor, job(JobStatus.SUCCEEDED))
            raise LookupError

    with pytest.raises(LookupError):
        write_then_fail()
    with store.read() as cursor:
        assert ledger.list_jobs(cursor, ledger.JobQuery()).total == 0
    store.close()


# Fewer rows than make a row group, which would be written at once.
MUCH = """
CREATE TABLE much AS
SELECT repeat(hash(row)::VARCHAR, 12) AS words FROM range(100_000) AS rows(row)
"""


def test_what_a_large_change_wrote_is_in_the_file_before_the_next_one(store_path):
    """Otherwise the commit of the next submission would bring it there."""
    store = Store.open(store_path)
    log = store_path.with_name(f"{store_path.name}.wal")
    with store.write() as cursor:
        cursor.execute(MUCH)
    assert log.stat().st_size > 16_000_000

    store.fold_log()

    assert not log.exists()
    store.close()


def test_what_cannot_be_brought_there_now_is_left_in_the_log(store_path):
    store = Store.open(store_path)
    with store.write() as cursor:
        cursor.execute(MUCH)

    with store.write_jobs() as cursor:
        cursor.execute("CREATE TABLE little (row INTEGER)")
        store.fold_log()

    with store.read() as cursor:
        assert cursor.execute("SELECT count(*) FROM much").fetchone() == (100_000,)
        assert cursor.execute("SELECT count(*) FROM little").fetchone() == (0,)
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals come by os.kill")
def test_ctrl_c_during_a_query_is_ctrl_c_and_no_failure_of_it(store_path):
    store = Store.open(store_path)
    query = "SELECT count(*) FROM range(200_000) AS rows(row) WHERE row % 7 = 1"

    def ask_while_somebody_presses_it():
        press = partial(os.kill, os.getpid(), signal.SIGINT)
        threading.Timer(0.003, press).start()
        for _ in range(2_000):
            with store.read() as cursor:
                cursor.execute(query).fetchall()

    for _ in range(20):
        with pytest.raises(KeyboardInterrupt):
            ask_while_somebody_presses_it()
    store.close()


def test_a_reader_does_not_see_what_is_written_meanwhile(store_path):
    store = Store.open(store_path)
    with store.read() as reader:
        assert ledger.list_jobs(reader, ledger.JobQuery()).total == 0
        with store.write() as writer:
            ledger.add_job(writer, job(JobStatus.SUCCEEDED))
        assert ledger.list_jobs(reader, ledger.JobQuery()).total == 0
    with store.read() as reader:
        assert ledger.list_jobs(reader, ledger.JobQuery()).total == 1
    store.close()


@pytest.mark.parametrize("status", [s for s in JobStatus if not s.is_final])
def test_jobs_of_a_process_that_ended_read_failed_with_the_reason(store_path, status):
    store = Store.open(store_path)
    left = job(status)
    with store.write() as cursor:
        ledger.add_job(cursor, left)
    store.close()
    store = Store.open(store_path)
    with store.read() as cursor:
        found = ledger.jobs(cursor, [left.id])[left.id]
    store.close()
    assert found.status is JobStatus.FAILED
    assert "process" in found.errors[0].message


def test_finished_jobs_are_left_as_they_are(store_path):
    store = Store.open(store_path)
    done = job(JobStatus.CANCELLED)
    with store.write() as cursor:
        ledger.add_job(cursor, done)
    store.close()
    store = Store.open(store_path)
    with store.read() as cursor:
        assert ledger.jobs(cursor, [done.id]) == {done.id: done}
    store.close()


def test_members_are_those_of_the_last_job_of_each_segment(store_path):
    store = Store.open(store_path)
    with store.write() as cursor:
        memberships.add(cursor, "job 1", {"a": b"\x00\xff" * 100_000, "b": b"\x02"})
        memberships.publish(cursor, "job 1")
    with store.write() as cursor:
        memberships.add(cursor, "job 2", {"b": b"\x01"})
        memberships.publish(cursor, "job 2")
    with store.read() as cursor:
        assert memberships.latest(cursor, "a") == b"\x00\xff" * 100_000
        assert memberships.latest(cursor, "b") == b"\x01"
        assert memberships.latest(cursor, "c") is None
        assert cursor.execute(
            "SELECT count(DISTINCT (segment_id, job_id)) FROM memberships"
        ).fetchall() == [(2,)]
    store.close()
    assert not store_path.with_name(f"{store_path.name}.wal").exists()
