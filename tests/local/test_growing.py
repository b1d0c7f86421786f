"""Datasets that grow: appended and replaced records, all or nothing, and row ids that stay."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import segtoolkit as sg
from segtoolkit.local import profiles
from tests.local.fragments import contents, event, new_store, person, rows, xdm

FIELDS = st.fixed_dictionaries(
    {}, optional={"a": st.integers(0, 9), "b": st.sampled_from("xy")}
)
BATCHES = st.lists(
    st.tuples(
        st.sampled_from(["replace", "upsert"]),
        st.dictionaries(st.integers(0, 5), FIELDS, min_size=1),
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture
def store(tmp_path):
    with new_store(tmp_path / "store.duckdb") as connection:
        yield connection


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # each example loads files
@given(BATCHES)
def test_a_dataset_holds_the_last_of_each_record(batches):
    with duckdb.connect() as store:
        profiles.create_tables(store)
        known, row_ids = {}, {}
        for mode, batch in batches:
            records = [person(number, **fields) for number, fields in batch.items()]
            report = profiles.load(store, records, kind="profiles", name="crm", mode=mode)
            known = {**({} if mode == "replace" else known), **batch}
            found = rows(store, "SELECT rid, id, xdm FROM profiles JOIN keys USING (rid)")
            assert {int(id_): seen(record) for _, id_, record in found} == known
            assert report.rows == len(known)
            row_ids |= {id_: rid for rid, id_, _ in found if id_ not in row_ids}
            assert all(row_ids[id_] == rid for rid, id_, _ in found)


def seen(record):
    fields = {name: record.get(name) for name in "ab"}
    return {name: value for name, value in fields.items() if value is not None}


def test_appended_records_stand_behind_the_others_and_may_have_new_fields(store):
    profiles.load(store, [person(2), person(1)], kind="profiles", name="crm")
    records = [person(4, new={"x": 1}), person(3)]
    profiles.load(store, records, kind="profiles", name="crm", mode="append")
    assert xdm(store, ["_id"])[0] == ["p2", "p1", "p4", "p3"]
    assert xdm(store, ["new"])[0] == [None, None, {"x": 1}, None]


def test_a_mode_makes_no_difference_to_a_new_dataset(store, tmp_path):
    for mode in ("append", "upsert"):
        report = profiles.load(store, [person(1)], kind="profiles", name=mode, mode=mode)
        assert (report.rows, report.profiles) == (1, 1)


def test_a_wider_type_makes_the_whole_field_wider(store):
    profiles.load(store, [person(1, a=1)], kind="profiles", name="crm")
    profiles.load(store, [person(2, a=1.5)], kind="profiles", name="crm", mode="append")
    assert xdm(store, ["a"]) == ([1.0, 1.5], "DOUBLE")


@pytest.mark.parametrize(
    ("mode", "record", "field", "message"),
    [
        ("append", person(1), "identityMap", "already record 1 .*; load with mode='upsert'"),
        ("append", {**person(9), "_id": "p1"}, "_id", "already record 1 .* of the same _id"),
        ("upsert", {**person(9), "_id": "p1"}, "_id", "already record 1 .* of the same _id"),
        ("upsert", person(1, a="x"), "a", "a is text here and a whole number in the dataset"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_changes_nothing(
    store, mode, record, field, message
):
    profiles.load(store, [person(1, a=1)], kind="profiles", name="crm")
    before = contents(store)
    with pytest.raises(sg.DataError, match=message) as caught:
        profiles.load(store, [person(2), record], kind="profiles", name="crm", mode=mode)
    assert caught.value.field == field
    assert contents(store) == before


def test_there_is_no_other_mode(store):
    with pytest.raises(sg.ConfigError, match="'replace', 'append', 'upsert', not 'add'"):
        profiles.load(store, [person(1)], kind="profiles", mode="add")


@pytest.mark.parametrize(
    ("mode", "dropped", "types"),
    [("append", 1, ["view", "view", "buy"]), ("upsert", 0, ["buy", "view", "buy"])],
)
def test_events_are_the_same_by_their_id(store, mode, dropped, types):
    nameless = {**event(0, 1), "_id": None}
    profiles.load(store, [event(1, 1), nameless], kind="events", name="web")
    news = [event(1, 1, eventType="buy"), event(2, 1, eventType="buy")]
    report = profiles.load(store, news, kind="events", name="web", mode=mode)
    assert (report.rows, report.duplicate_events) == (3, dropped)
    assert sorted(rows(store, "SELECT type FROM events")) == sorted((t,) for t in types)


def test_each_batch_is_as_new_as_it_is(store):
    profiles.load(
        store, [person(1, at="crm"), person(2, at="crm")], kind="profiles", name="crm"
    )
    profiles.load(
        store, [person(1, at="web"), person(2, at="web")], kind="profiles", name="web"
    )
    profiles.load(store, [person(2, at="new")], kind="profiles", name="crm", mode="upsert")
    assert xdm(store, ["at"])[0] == ["web", "new"]
    profiles.load(
        store, [person(1, at="crm"), person(2, at="crm")], kind="profiles", name="crm"
    )
    profiles.load(store, [person(2, at="last")], kind="profiles", name="web", mode="upsert")
    assert xdm(store, ["at"])[0] == ["crm", "last"]


def test_a_client_loads_more_and_the_next_job_sees_it(tmp_path):
    with sg.connect_local(tmp_path / "s.duckdb", progress="off") as client:
        client.local.load_profiles([person(1, a=1)], name="crm")
        client.definitions.put("one", "a = 1")
        assert client.run("one").metrics.segmented_profile_counter == {"one": 1}
        client.local.load_profiles([person(2, a=1)], name="crm", mode="append")
        client.local.load_events([event(1, 2)], name="web", mode="append")
        client.local.load_profiles([person(1, a=2)], name="crm", mode="upsert")
        metrics = client.run("one").metrics
        assert metrics.segmented_profile_by_status_counter == {
            "one": {"realized": 1, "existing": 0, "exited": 1}
        }


def test_a_load_tells_what_it_does_and_can_be_ended_there(tmp_path):
    told = []
    with sg.connect_local(tmp_path / "s.duckdb", progress="off") as client:
        client.local.merge_policies.put("people", identity_graph="pdg")
        client.local.load_profiles(
            [person(1), person(2)], name="crm", progress=lambda *step: told.append(step)
        )
        assert told == [
            ("reading profiles", None),
            ("checking profiles", 2),
            ("finding identities", None),
            ("building profiles", None),
            ("sorting events", None),
            ("merging profiles for 'people'", None),
        ]

        def enough(step, _rows):
            if step == "sorting events":
                raise RuntimeError("enough")

        with pytest.raises(RuntimeError, match="enough"):
            client.local.load_profiles([person(3)], name="crm", progress=enough)
        assert client.size("true").size == 2


def test_a_dataset_of_more_than_a_row_group_beside_another_is_whole(store):
    """DuckDB 2.0.0 may lose rows of a table that an earlier statement inserted nothing into."""
    size = 130_000
    for number, name in enumerate(["old", "new"], 1):
        people = pd.DataFrame({"_id": [f"{name} {row}" for row in range(size)]})
        report = profiles.load(store, people, kind="profiles", name=name)
        assert report.profiles == number * size


def test_profiles_of_several_datasets_are_whole_beyond_a_row_group(store):
    """Whatever was merged, replaced or appended to in between; see `tables.insert`."""
    size = 130_000

    def load(name, first, count, mode="replace"):
        people = [f"p{row}" for row in range(first, first + count)]
        data = pd.DataFrame({"_id": people, name: range(count)})
        return profiles.load(store, data, kind="profiles", name=name, mode=mode).profiles

    def seen():
        distinct = "SELECT count(DISTINCT xdm._id), count(DISTINCT rid) FROM profiles"
        return rows(store, distinct)[0]

    assert load("old", 0, size) == size
    assert load("same", 0, size) == size  # each profile is merged
    assert seen() == (size, size)
    assert load("new", size, size) == 2 * size  # and none of these
    assert seen() == (2 * size, 2 * size)
    assert load("new", 2 * size, size, mode="append") == 3 * size
    assert seen() == (3 * size, 3 * size)
