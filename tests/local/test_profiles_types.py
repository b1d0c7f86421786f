"""Every field has one type that holds all its values, whatever they came from."""

# ruff: noqa: DTZ001 - the store keeps UTC without a zone
from __future__ import annotations

from datetime import date, datetime

import pytest

from segtoolkit.local import profiles
from tests.local.fragments import new_store, person, rows, write, xdm


@pytest.fixture
def store(tmp_path):
    with new_store(tmp_path / "store.duckdb") as connection:
        yield connection


@pytest.mark.parametrize(
    ("values", "kept", "kind"),
    [
        ([1, -2], [1, -2], "BIGINT"),
        ([1, 2.5], [1.0, 2.5], "DOUBLE"),
        ([10**30, None], [1e30, None], "DOUBLE"),
        ([True, None], [True, None], "BOOLEAN"),
        (["2024-01-01", None], [date(2024, 1, 1), None], "DATE"),
        (
            ["2024-01-01T00:00:00+02:00", "2024-01-01T00:00:00.5Z"],
            [datetime(2023, 12, 31, 22), datetime(2024, 1, 1, 0, 0, 0, 500_000)],
            "TIMESTAMP",
        ),
        (
            ["2024-01-01", "2024-01-01 10:00:00-0200"],
            [datetime(2024, 1, 1), datetime(2024, 1, 1, 12)],
            "TIMESTAMP",
        ),
        (["2024-01-01", "n/a"], ["2024-01-01", "n/a"], "VARCHAR"),
        (["2024-01-01 10:00", None], ["2024-01-01 10:00", None], "VARCHAR"),
        (["2024-13-01", None], ["2024-13-01", None], "VARCHAR"),
        (["10-12-2024", None], ["10-12-2024", None], "VARCHAR"),
        (["10:30:00", None], ["10:30:00", None], "VARCHAR"),
        (
            ["6B7C1D1E-3F1F-4B53-8A0A-6A2F0E2A9A10"] * 2,
            ["6B7C1D1E-3F1F-4B53-8A0A-6A2F0E2A9A10"] * 2,
            "VARCHAR",
        ),
        (["5", "6"], ["5", "6"], "VARCHAR"),
        ([None, None], [None, None], "VARCHAR"),
        ([{}, None], [None, None], "VARCHAR"),
        ([[], None], [[], None], "VARCHAR[]"),
        ([[{}], None], [[None], None], "VARCHAR[]"),
        ([{}, {"a": 1}], [{"a": None}, {"a": 1}], "STRUCT(a BIGINT)"),
        (
            [{"a": 1}, {"b": "x"}],
            [{"a": 1, "b": None}, {"a": None, "b": "x"}],
            "STRUCT(a BIGINT, b VARCHAR)",
        ),
        (
            [[{"t": "2024-01-01T00:00:00-01:00"}], [{"t": None}]],
            [[{"t": datetime(2024, 1, 1, 1)}], [{"t": None}]],
            "STRUCT(t TIMESTAMP)[]",
        ),
        ([[["2024-01-01"], []], None], [[[date(2024, 1, 1)], []], None], "DATE[][]"),
        ([[1.5, float("nan")], None], [[1.5, None], None], "DOUBLE[]"),
    ],
    ids=str,
)
def test_a_json_field_gets_the_type_that_holds_all_its_values(
    store, tmp_path, values, kept, kind
):
    records = [person(number, field=value) for number, value in enumerate(values)]
    profiles.load(store, write(tmp_path / "crm.ndjson", *records), kind="profiles")
    assert xdm(store, ["field"]) == (kept, kind)


def test_a_rare_field_late_in_a_long_file_is_seen(store, tmp_path):
    records = [*map(person, range(30_000)), person(30_000, rare={"field": 1})]
    profiles.load(store, write(tmp_path / "crm.ndjson", *records), kind="profiles")
    assert rows(store, "SELECT xdm.rare.field FROM profiles WHERE rid = 30000") == [(1,)]


@pytest.mark.parametrize(
    ("sql", "kept", "kind"),
    [
        ("TIMESTAMPTZ '2024-01-01 00:00:00+02'", datetime(2023, 12, 31, 22), "TIMESTAMP"),
        ("TIMESTAMP_NS '2024-01-01'", datetime(2024, 1, 1), "TIMESTAMP"),
        ("DATE '2024-01-01'", date(2024, 1, 1), "DATE"),
        ("TIME '10:00:00'", "10:00:00", "VARCHAR"),
        ("1.5::DECIMAL(4, 2)", 1.5, "DOUBLE"),
        ("1.5::FLOAT", 1.5, "DOUBLE"),
        ("'nan'::DOUBLE", None, "DOUBLE"),
        ("1::UTINYINT", 1, "BIGINT"),
        ("NULL::INTEGER", None, "BIGINT"),
        ("'x'::ENUM ('x')", "x", "VARCHAR"),
        ("'{}'::JSON", "{}", "VARCHAR"),
        ("{'a': [1::FLOAT]}", {"a": [1.0]}, "STRUCT(a DOUBLE[])"),
        ("MAP {1: 2}", {"1": 2}, "MAP(VARCHAR, BIGINT)"),
    ],
)
def test_parquet_types_become_canonical(store, tmp_path, sql, kept, kind):
    store.execute(f"COPY (SELECT 'a' AS _id, {sql} AS field) TO '{tmp_path}/crm.parquet'")
    profiles.load(store, tmp_path / "crm.parquet", kind="profiles")
    assert xdm(store, ["field"]) == ([kept], kind)


@pytest.mark.parametrize(
    "name",
    [
        *("a b", 'say "hi"', "it's", "é", "a.b", "select", "key", "namespace", "space"),
        *("rid", "xdm", "row", "ts", "type", "entry", "item0", "raw_records"),
    ],
)
def test_any_field_name_is_kept(store, tmp_path, name):
    record = {**person(1), name: [1.5], "object": {name: "x"}}
    profiles.load(store, write(tmp_path / "crm.ndjson", record), kind="profiles")
    assert xdm(store, [name])[0] == [[1.5]]
    assert xdm(store, ["object", name])[0] == ["x"]


def test_segment_membership_is_a_map_in_utc(store):
    told = {"status": "realized", "lastQualificationTime": "2024-01-01T00:00:00+02:00"}
    profiles.load(
        store, [person(1, segmentMembership={"ups": {"s": told}})], kind="profiles"
    )
    assert rows(store, "SELECT xdm.segmentMembership['ups']['s'].status FROM profiles") == [
        ("realized",)
    ]
    assert rows(
        store,
        "SELECT xdm.segmentMembership['ups']['s'].lastQualificationTime FROM profiles",
    ) == [(datetime(2023, 12, 31, 22),)]
