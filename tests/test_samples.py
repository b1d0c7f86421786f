from __future__ import annotations

import duckdb
import pytest

import segtoolkit as sg
from segtoolkit import samples


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return samples.write(tmp_path_factory.mktemp("samples"), profiles=2_000)


def rows(path):
    with duckdb.connect() as connection:
        return connection.execute(
            f"SELECT to_json(t)::VARCHAR FROM read_parquet('{path}') t"
        ).fetchall()


def ask(sql, **files):
    with duckdb.connect() as connection:
        return connection.execute(sql, files).fetchall()


def test_same_size_and_seed_give_the_same_people_in_the_same_order(files, tmp_path):
    again = samples.write(tmp_path, profiles=2_000)

    assert rows(again.profiles) == rows(files.profiles)
    assert rows(again.events) == rows(files.events)


def test_another_seed_gives_other_people(files, tmp_path):
    assert rows(samples.write(tmp_path, profiles=2_000, seed=1).profiles) != rows(
        files.profiles
    )


def test_people_and_events_have_ids_of_their_own(files):
    for path in (files.profiles, files.events):
        ((total, distinct),) = ask(f"SELECT count(*), count(DISTINCT _id) FROM '{path}'")
        assert total == distinct >= 2_000


def test_events_are_of_the_year_before_as_of(files):
    ((first, last),) = ask(
        "SELECT epoch_us(min(timestamp)), epoch_us(max(timestamp)) FROM read_parquet($p)",
        p=str(files.events),
    )

    end = int(samples.AS_OF.timestamp()) * 1_000_000
    assert end - 366 * 86_400_000_000 < first < last < end


def test_chunks_join_without_a_seam(tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "_CHUNK", 300)

    files = samples.write(tmp_path, profiles=1_000)

    ((total, distinct),) = ask(
        f"SELECT count(*), count(DISTINCT _id) FROM '{files.profiles}'"
    )
    assert total == distinct == 1_000
    ((total, distinct),) = ask(
        f"SELECT count(*), count(DISTINCT _id) FROM '{files.events}'"
    )
    assert total == distinct


def test_audiences_are_neither_empty_nor_everybody(files):
    with sg.connect_local(
        profiles=files.profiles, events=files.events, progress="off"
    ) as client:
        for name, expression in samples.SEGMENTS.items():
            client.definitions.put(name, expression)
        result = client.run(list(samples.SEGMENTS), as_of=samples.AS_OF)

    total = result.metrics.total_profiles
    assert total > 2_000  # some events are of strangers
    counts = result.metrics.segmented_profile_counter
    assert set(counts) == set(samples.SEGMENTS)
    assert all(0 < count < total / 2 for count in counts.values())
    namespaces = result.metrics.segmented_profile_by_namespace_counter["repeat-buyers"]
    assert set(namespaces) == {"CRMID", "ECID", "Email", "Phone"}


def test_no_profiles_are_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one profile"):
        samples.write(tmp_path, profiles=0)
