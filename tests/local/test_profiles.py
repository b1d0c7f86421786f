"""Profiles: their keys and identities, and datasets that come, go and stay apart."""

from __future__ import annotations

import pandas as pd
import pytest

from segtoolkit.local import profiles
from tests.local.fragments import contents, event, new_store, person, rows, write, xdm


@pytest.fixture
def store(tmp_path):
    with new_store(tmp_path / "store.duckdb") as connection:
        yield connection


@pytest.mark.parametrize(
    ("record", "key"),
    [
        (
            {"identityMap": {"E": [{"id": "1"}], "C": [{"id": "2", "primary": True}]}},
            ("C", "2"),
        ),
        (
            {"identityMap": {"E": [{"id": "1"}, {"id": "2"}], "C": [{"id": "3"}]}},
            ("E", "1"),
        ),
        ({"identityMap": {"Z": [], "N": None, "E": [{"id": "1"}]}}, ("E", "1")),
        ({"identityMap": {"E": [{"id": 7, "primary": False}]}}, ("E", "7")),
        ({"_id": "x", "identityMap": {"E": [{"id": "1"}]}}, ("E", "1")),
        ({"_id": "x", "identityMap": {}}, ("", "x")),
        ({"_id": "x", "identityMap": None}, ("", "x")),
        ({"_id": 5}, ("", "5")),
    ],
)
def test_a_profile_is_keyed_by_its_primary_identity(store, record, key):
    profiles.load(store, [record], kind="profiles")
    assert rows(store, "SELECT namespace, id FROM keys") == [key]


def test_namespaces_are_counted_once_and_the_pseudo_namespace_never(store):
    both = {"E": [{"id": "1"}, {"id": "2"}, {"id": "2"}], "C": [{"id": "1"}]}
    records = [{"_id": "a", "identityMap": both}, {"_id": "b"}, person("c", "E")]
    profiles.load(store, records, kind="profiles")
    assert rows(store, "SELECT * FROM identities ORDER BY ALL") == [
        ("C", "1", 0),
        ("E", "1", 0),
        ("E", "2", 0),
        ("E", "c", 2),
    ]
    assert rows(
        store,
        """SELECT rid, namespaces FROM profiles JOIN namespace_sets ON id = namespace_set
           ORDER BY rid""",
    ) == [(0, ["C", "E"]), (1, []), (2, ["E"])]


def test_a_profile_may_have_more_than_64_namespaces(store):
    many = {f"N{number:03}": [{"id": "1"}] for number in range(100)}
    profiles.load(store, [{"_id": "a", "identityMap": many}], kind="profiles")
    assert rows(store, "SELECT namespaces FROM namespace_sets") == [(sorted(many),)]


def test_row_ids_are_dense_and_in_file_order(store):
    profiles.load(store, [person(n) for n in (5, 3, 9)], kind="profiles")
    assert rows(store, "SELECT rid, xdm._id FROM profiles") == [
        (0, "p5"),
        (1, "p3"),
        (2, "p9"),
    ]


def test_an_identity_keeps_its_row_id_for_ever(store):
    profiles.load(store, [person(1), person(2)], kind="profiles")
    profiles.load(store, [person(3), person(2)], kind="profiles")
    assert rows(store, "SELECT rid, xdm._id FROM profiles") == [(1, "p2"), (2, "p3")]
    profiles.load(store, [person(1), person(2), person(3)], kind="profiles")
    assert rows(store, "SELECT rid, xdm._id FROM profiles") == [
        (0, "p1"),
        (1, "p2"),
        (2, "p3"),
    ]


def test_loading_a_dataset_again_replaces_it_and_leaves_the_others(store):
    profiles.load(store, [person(1, a=1)], kind="profiles", name="crm")
    profiles.load(store, [person(2, b="x")], kind="profiles", name="web")
    profiles.load(store, [person(3, a=2)], kind="profiles", name="CRM")
    assert rows(store, "SELECT rid, xdm._id, xdm.a, xdm.b FROM profiles") == [
        (1, "p2", None, "x"),
        (2, "p3", 2, None),
    ]
    assert rows(store, "SELECT name, rows FROM datasets ORDER BY name") == [
        ("crm", 1),
        ("web", 1),
    ]


def test_loading_the_same_again_changes_nothing_but_the_version(store, tmp_path):
    people = write(tmp_path / "profiles.ndjson", *map(person, range(50)))
    deeds = write(tmp_path / "events.ndjson", *(event(n, n % 60) for n in range(200)))
    for _ in range(2):
        profiles.load(store, people, kind="profiles")
        profiles.load(store, deeds, kind="events")
    before = contents(store)
    profiles.load(store, people, kind="profiles")
    after = contents(store)
    changed = {table for table in before if before[table] != after[table]}
    assert changed == {("main", "datasets"), ("main", "meta")}


def test_fields_of_several_datasets_are_united(store):
    profiles.load(
        store, [person(1, loyalty={"points": 1}, later=None)], kind="profiles", name="a"
    )
    profiles.load(
        store, [person(2, loyalty={"points": 1.5, "tier": "gold"}, later={"x": 1})],
        kind="profiles", name="b",
    )  # fmt: skip
    assert xdm(store, ["loyalty"])[0] == [
        {"points": 1.0, "tier": None},
        {"points": 1.5, "tier": "gold"},
    ]
    assert xdm(store, ["later"])[0] == [None, {"x": 1}]


def test_each_load_gives_the_data_a_version_of_its_own(store):
    versions = [rows(store, "FROM meta")]
    for number in (1, 2):
        profiles.load(store, [person(number)], kind="profiles")
        versions.append(rows(store, "FROM meta"))
    store.begin()
    profiles.load(store, [person(3)], kind="profiles")
    versions.append(rows(store, "FROM meta"))
    store.rollback()
    profiles.load(store, [person(4)], kind="profiles")
    versions.append(rows(store, "FROM meta"))
    assert len({str(version) for version in versions}) == 5


def test_a_load_inside_a_transaction_is_part_of_it(store):
    before = contents(store)
    store.begin()
    profiles.load(store, [person(1)], kind="profiles")
    profiles.load(store, [event(1, 1), event(2, 2)], kind="events")
    assert rows(store, "SELECT count(*) FROM profiles") == [(2,)]
    store.rollback()
    assert contents(store) == before


def test_another_cursor_sees_the_old_data_until_the_load_is_done(store):
    profiles.load(store, [person(1)], kind="profiles")
    with store.cursor() as reader:
        reader.begin()
        assert rows(reader, "SELECT xdm._id FROM profiles") == [("p1",)]
        profiles.load(store, [person(2)], kind="profiles")
        assert rows(reader, "SELECT xdm._id FROM profiles") == [("p1",)]
        reader.commit()
        assert rows(reader, "SELECT xdm._id FROM profiles") == [("p2",)]


def test_nothing_temporary_is_left_behind(store):
    profiles.load(store, pd.DataFrame({"_id": ["a"]}), kind="profiles")
    profiles.load(store, [event(1, 1)], kind="events")
    assert rows(store, "SELECT table_name FROM duckdb_tables() WHERE temporary") == []
    views = "SELECT view_name FROM duckdb_views() WHERE temporary AND NOT internal"
    assert rows(store, views) == []
