"""Stores of other releases: earlier ones are brought up, the others refused and left as they are."""

from __future__ import annotations

import struct

import duckdb
import pytest

import segtoolkit as sg
from segtoolkit.errors import StoreError
from segtoolkit.local import Store, layouts
from segtoolkit.local.layouts import SCHEMA_VERSION
from tests.local import stores_of_old

EARLIER = range(1, SCHEMA_VERSION)


@pytest.fixture(params=EARLIER)
def old_store(store_path, request):
    """A store of each earlier layout."""
    stores_of_old.make(store_path, version=request.param)
    return store_path


def contents(path) -> dict[str, list]:
    with duckdb.connect(path) as connection:
        names = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables()"
        ).fetchall()
        return {
            f"{schema}.{table}": connection.sql(f'FROM {schema}."{table}"').fetchall()
            for schema, table in names
        }


def columns(path) -> set[tuple]:
    with duckdb.connect(path) as connection:
        return set(
            connection.execute(
                "SELECT table_name, column_name, data_type FROM duckdb_columns()"
            ).fetchall()
        )


def test_an_earlier_store_keeps_its_jobs_and_members(old_store):
    with sg.connect_local(old_store, progress="off") as client:
        assert client.get("j1").metrics.segmented_profile_counter == {"ca": 1}
        assert client.local.members("ca").df()["id"].tolist() == ["ann"]
        assert client.run("ca").by_status().query("profiles > 0")["status"].tolist() == [
            "existing"
        ]


def test_an_earlier_store_is_evaluated_as_its_policies_say(old_store):
    with sg.connect_local(old_store, progress="off") as client:
        assert client.run(["ca", "us"]).to_frame()["profiles"].tolist() == [1, 1]
        assert client.size("xEvent.count() = 1").size == 1
        assert client.size("true").by_namespace == {"CRMID": 2, "Email": 1}


def test_an_earlier_store_takes_loads_and_samples(old_store):
    more = [{**stores_of_old.PEOPLE[0], "homeAddress": {"country": "FR"}}]
    with sg.connect_local(old_store, progress="off") as client:
        client.local.load_profiles(more, name="web", mode="upsert")
        assert client.size('homeAddress.country = "FR"').size == 1
        assert client.size("true", budget=1).rows_read == 1


def test_a_store_made_before_there_were_batches_and_views_opens(store_path):
    stores_of_old.make(store_path, version=1)
    with duckdb.connect(store_path) as connection:
        connection.execute(
            "DROP TABLE batches; DROP TABLE views; DROP SCHEMA view_1 CASCADE"
        )
    with sg.connect_local(store_path, progress="off") as client:
        assert client.run(["ca", "us"]).to_frame()["profiles"].tolist() == [1, 1]
        client.local.load_profiles(
            [{**stores_of_old.WEB[0], "_id": "w9"}], name="web", mode="upsert"
        )


def test_an_earlier_store_gets_the_tables_of_a_new_one(old_store, tmp_path):
    sg.connect_local(old_store).close()
    new = tmp_path / "new.duckdb"
    sg.connect_local(
        new,
        profiles={"people": stores_of_old.PEOPLE, "web": stores_of_old.WEB},
        events={"clicks": stores_of_old.CLICKS},
    ).close()

    assert columns(old_store) == columns(new)
    assert dict(contents(old_store)["main.meta"])["schema_version"] == str(SCHEMA_VERSION)


def test_a_step_that_fails_leaves_the_store_as_it_was(old_store, monkeypatch):
    def fail(cursor):
        cursor.execute("DROP TABLE profiles")
        raise duckdb.OutOfMemoryException("no room")

    before = contents(old_store)
    monkeypatch.setattr(layouts, "_STEPS", dict.fromkeys(EARLIER, fail))
    with pytest.raises(StoreError, match="raise memory_limit"):
        Store.open(old_store)

    assert contents(old_store) == before


def test_a_store_older_than_can_be_read_names_both_versions(store_path):
    stores_of_old.make(store_path, version=1)
    with duckdb.connect(store_path) as connection:
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'schema_version'")

    with pytest.raises(StoreError) as caught:
        Store.open(store_path)

    assert "written by segtoolkit 0.1.0" in str(caught.value)
    assert f"store version 0, this one reads 1 to {SCHEMA_VERSION}" in str(caught.value)
    assert "make it anew with segtoolkit" in str(caught.value)


def test_a_snapshot_of_an_earlier_release_is_refused_and_can_be_published_again(
    store_path, tmp_path
):
    folder = tmp_path / "shared"
    with sg.connect_local(store_path, profiles=stores_of_old.PEOPLE) as client:
        snapshot = client.local.publish(folder)
        duckdb.sql(
            "SELECT 'schema_version' AS key, '1' AS value UNION ALL SELECT 'written_by', 'segtoolkit 0.1.0'"
        ).write_parquet(str(snapshot / "meta.parquet"))
        with pytest.raises(StoreError, match="make it anew with segtoolkit"):
            sg.connect_local(published=folder)
        client.local.publish(folder)

    with sg.connect_local(published=folder) as reader:
        assert reader.size("true").size == 2


def test_a_file_of_a_newer_duckdb_is_refused_with_what_to_install(store_path):
    Store.open(store_path).close()
    with store_path.open("r+b") as file:
        head = bytearray(file.read(4096))
        head[12:20] = struct.pack("<Q", 200)
        head[:8] = struct.pack("<Q", checksum(head[8:]))
        file.seek(0)
        file.write(head)

    with pytest.raises(
        StoreError, match=r"newer DuckDB \(storage version 200.*pip install"
    ):
        Store.open(store_path)


def checksum(block: bytes) -> int:
    """Return what DuckDB writes before a block."""
    found = 5381
    for (word,) in struct.iter_unpack("<Q", block):
        found ^= word * 0xBF58476D1CE4E5B9 & (2**64 - 1)
    return found
