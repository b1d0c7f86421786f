"""What can be loaded: files, globs, frames, Arrow tables, dicts; and what becomes of their values."""

# ruff: noqa: DTZ001 - the store keeps UTC without a zone
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import duckdb
import numpy as np
import pandas as pd
import pytest

from segtoolkit.errors import DataError
from segtoolkit.local import profiles
from tests.local.fragments import new_store, person, rows, write, xdm


@pytest.fixture
def store(tmp_path):
    with new_store(tmp_path / "store.duckdb") as connection:
        yield connection


@pytest.mark.parametrize("name", ["crm.ndjson", "crm.jsonl", "crm.json", "crm.ndjson.gz"])
def test_ndjson_is_known_by_its_extension(store, tmp_path, name):
    report = profiles.load(
        store, write(tmp_path / name, person(1), person(2)), kind="profiles"
    )
    assert (report.dataset, report.rows, report.profiles) == ("crm", 2, 2)


@pytest.mark.parametrize(
    "asked",
    [
        lambda folder: str(folder / "part-*.ndjson"),
        lambda folder: [folder / "part-1.ndjson", str(folder / "part-2.ndjson")],
        lambda folder: [folder / "part-[1].ndjson", folder / "part-2.*"],
    ],
    ids=["glob", "paths", "globs"],
)
def test_several_files_are_one_dataset_in_order(store, tmp_path, asked):
    write(tmp_path / "part-1.ndjson", person(1, a=1))
    write(tmp_path / "part-2.ndjson", person(2, b="x"))
    assert profiles.load(store, asked(tmp_path), kind="profiles").rows == 2
    assert rows(store, "SELECT rid, xdm.a, xdm.b FROM profiles ORDER BY rid") == [
        (0, 1, None),
        (1, None, "x"),
    ]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(store, tmp_path):
    write(tmp_path / "a1.ndjson", person(1))
    odd = write(tmp_path / "a[1].ndjson", person(2))
    profiles.load(store, odd, kind="profiles")
    assert xdm(store, ["_id"])[0] == ["p2"]


@pytest.mark.parametrize(
    ("source", "stem"),
    [
        ("exports/profiles.ndjson.gz", "profiles"),
        (Path("events.2024.parquet"), "events.2024"),
        ("exports/events-*.parquet", "events"),
        ("exports/*.json", "exports"),
        (["a/crm.jsonl", "a/web.jsonl"], "crm"),
        ([{"_id": "1"}], ""),
        (pd.DataFrame({"_id": ["1"]}), ""),
        ([], ""),
    ],
)
def test_the_stem_names_the_dataset(source, stem):
    assert profiles.stem_of(source) == stem


def test_in_memory_sources_are_named_by_their_kind_unless_told(store):
    assert profiles.load(store, [person(1)], kind="profiles").dataset == "profiles"
    assert profiles.load(store, [person(2)], kind="profiles", name="web").dataset == "web"
    assert rows(store, 'SELECT kind, name, "table", rows FROM datasets ORDER BY name') == [
        ("profiles", "profiles", "profiles:profiles", 1),
        ("profiles", "web", "profiles:web", 1),
    ]


def test_parquet_with_an_identity_map_of_fields_becomes_a_map(store, tmp_path):
    path = tmp_path / "crm.parquet"
    store.execute(f"""COPY (
        SELECT 'a' AS _id, {{'Email': [{{'id': 'a@x'}}], 'ECID': NULL::STRUCT(id VARCHAR)[]}}
               AS "identityMap"
        UNION ALL SELECT 'b', NULL) TO '{path}'""")
    profiles.load(store, path, kind="profiles")
    maps, kind = xdm(store, ["identityMap"])
    assert maps[0] == {
        "Email": [{"id": "a@x", "authenticatedState": None, "primary": None}]
    }
    assert maps[1] is None
    assert kind.startswith("MAP(VARCHAR, STRUCT(id VARCHAR")


def test_a_relation_of_another_database_keeps_its_types(store, tmp_path):
    with duckdb.connect(tmp_path / "crm.duckdb") as crm:
        crm.execute("""
            CREATE TABLE people AS
            SELECT 'ann' AS _id, {city: 'Bonn', since: DATE '2020-01-02'} AS home,
                   MAP {'CRMID': [{id: 'ann'}]} AS "identityMap"
            UNION ALL SELECT 'bob', NULL, MAP {'CRMID': [{id: 'bob'}]}""")
        report = profiles.load(store, crm.table("people"), kind="profiles")

    assert (report.dataset, report.rows) == ("profiles", 2)
    found = "SELECT xdm._id, xdm.home.city, xdm.home.since FROM profiles ORDER BY ALL"
    assert store.execute(found).fetchall() == [
        ("ann", "Bonn", date(2020, 1, 2)),
        ("bob", None, None),
    ]


def test_a_fault_in_a_relation_names_it(store):
    people = duckdb.sql("SELECT 1 AS points")

    with pytest.raises(DataError, match="DuckDB relation: the profiles have no field"):
        profiles.load(store, people, kind="profiles")


def test_parquet_files_are_united_by_name(store, tmp_path):
    store.execute(f"COPY (SELECT 'a' AS _id, {{'x': 1}} AS s) TO '{tmp_path}/1.parquet'")
    store.execute(f"COPY (SELECT 'b' AS _id, {{'y': 'q'}} AS s) TO '{tmp_path}/2.parquet'")
    profiles.load(store, f"{tmp_path}/*.parquet", kind="profiles")
    assert rows(store, "SELECT xdm.s.x, xdm.s.y FROM profiles ORDER BY rid") == [
        (1, None),
        (None, "q"),
    ]


def test_a_flat_frame_is_taken_as_it_is(store):
    frame = pd.DataFrame(
        {
            "_id": ["a", "b"],
            "amount": [1.5, np.nan],
            "visits": pd.array([3, None], dtype="Int64"),
            "seen": pd.to_datetime(["2024-01-01T00:00:00+02:00", None], utc=True),
            "tier": pd.Categorical(["gold", None]),
            "nothing": [None, None],
        }
    )
    profiles.load(store, frame, kind="profiles")
    found = {name: xdm(store, [name]) for name in frame.columns}
    assert found == {
        "_id": (["a", "b"], "VARCHAR"),
        "amount": ([1.5, None], "DOUBLE"),
        "visits": ([3, None], "BIGINT"),
        "seen": ([datetime(2023, 12, 31, 22), None], "TIMESTAMP"),
        "tier": (["gold", None], "VARCHAR"),
        "nothing": ([None, None], "VARCHAR"),
    }


def test_a_frame_of_dicts_and_lists_keeps_its_nesting(store):
    frame = pd.DataFrame(
        {
            "_id": ["a", "b"],
            "identityMap": [{"ECID": [{"id": "1"}]}, np.nan],
            "tags": [np.array(["x", "y"]), None],
            "points": [1.0, np.nan],
            "maybe": [pd.NA, 5],
            "seen": pd.to_datetime(["2024-01-01T00:00:00+02:00", None], utc=True),
        }
    )
    profiles.load(store, frame, kind="profiles")
    assert rows(store, "SELECT namespace, id, rid FROM identities") == [("ECID", "1", 0)]
    assert xdm(store, ["tags"]) == ([["x", "y"], None], "VARCHAR[]")
    assert xdm(store, ["points"]) == ([1.0, None], "DOUBLE")
    assert xdm(store, ["maybe"]) == ([None, 5], "BIGINT")
    assert xdm(store, ["seen"])[0][0] == datetime(2023, 12, 31, 22)


def test_an_arrow_table_keeps_its_types_and_nan_is_missing(store):
    pa = pytest.importorskip("pyarrow")
    entries = pa.list_(pa.struct([("id", pa.string()), ("primary", pa.bool_())]))
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    table = pa.table(
        {
            "_id": ["a", "b"],
            "identityMap": pa.array(
                [[("ECID", [{"id": "1", "primary": True}])], None],
                type=pa.map_(pa.string(), entries),
            ),
            "score": pa.array([1.0, float("nan")]),
            "deep": pa.array([{"score": float("nan")}, None]),
            "nothing": pa.nulls(2),
            "seen": pa.array([noon, None], type=pa.timestamp("ns", "Europe/Paris")),
        }
    )
    profiles.load(store, table, kind="profiles")
    assert rows(store, "SELECT namespace, id FROM keys ORDER BY rid") == [
        ("ECID", "1"),
        ("", "b"),
    ]
    assert xdm(store, ["score"]) == ([1.0, None], "DOUBLE")
    assert xdm(store, ["deep", "score"]) == ([None, None], "DOUBLE")
    assert xdm(store, ["nothing"]) == ([None, None], "VARCHAR")
    assert xdm(store, ["seen"])[0] == [noon.replace(tzinfo=None), None]


@pytest.mark.parametrize(
    ("value", "kept", "kind"),
    [
        (
            datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=2))),
            datetime(2023, 12, 31, 22),
            "TIMESTAMP",
        ),
        (np.datetime64("2024-01-01T00:00:00.000000000"), datetime(2024, 1, 1), "TIMESTAMP"),
        (date(2024, 1, 1), date(2024, 1, 1), "DATE"),
        (Decimal("1.5"), 1.5, "DOUBLE"),
        (np.float32(1.5), 1.5, "DOUBLE"),
        (np.int64(5), 5, "BIGINT"),
        (np.bool_(True), True, "BOOLEAN"),  # noqa: FBT003
        (UUID(int=5), "00000000-0000-0000-0000-000000000005", "VARCHAR"),
        (("x", None), ["x", None], "VARCHAR[]"),
        (float("nan"), None, "VARCHAR"),
        (np.float32("nan"), None, "VARCHAR"),
        (pd.NaT, None, "VARCHAR"),
        (pd.NA, None, "VARCHAR"),
    ],
    ids=repr,
)
def test_python_values_become_canonical_ones(store, value, kept, kind):
    profiles.load(store, [person(1, field=value)], kind="profiles")
    assert xdm(store, ["field"]) == ([kept], kind)
