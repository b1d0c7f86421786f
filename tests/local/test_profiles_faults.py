"""Bad input: one clear error that says where and what to do, and a store left as it was."""

from __future__ import annotations

import gzip
import json
import re
from contextlib import contextmanager
from datetime import timedelta

import pandas as pd
import pytest

from segtoolkit.errors import DataError
from segtoolkit.local import profiles
from tests.local.fragments import contents, event, new_store, person, write

GOOD = json.dumps(person(1, points=5, home={"city": "Oslo"}, tags=["x"]))
NO_IDENTITY = r"no identity in identityMap"
SHAPE = r'expected \{"ECID": \[\{"id"'


@contextmanager
def _filled(path):
    with new_store(path / "store.duckdb") as connection:
        profiles.load(connection, [person("a"), person("b")], kind="profiles", name="crm")
        profiles.load(connection, [event(1, "a"), event(2, "z")], kind="events", name="web")
        yield connection


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store that holds something to spoil; shared, since every load here must fail."""
    with _filled(tmp_path_factory.mktemp("faults")) as connection:
        yield connection


@pytest.fixture
def own_store(tmp_path):
    """The same for one test alone."""
    with _filled(tmp_path) as connection:
        yield connection


def refused(store, source, kind="profiles", **options):
    """Load what must be refused; return the error after looking that nothing was changed."""
    before = contents(store)
    with pytest.raises(DataError) as caught:
        profiles.load(store, source, kind=kind, **options)
    assert contents(store) == before
    return caught.value


def lines(path, *texts):
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("bad", "field", "message"),
    [
        ('{"_id": "2",, "a": 1}', None, "not JSON: .* at character 13; mend or remove it"),
        ('{"_id": "2"', None, "not JSON"),
        ('[{"_id": "2"}]', None, "this is a list; write one object per line"),
        ("5", None, r"expected an object \{…\}, got 5"),
        ('"text"', None, r"expected an object \{…\}, got \"text\""),
        ('{"_id": "2", "_id": "3"}', "_id", "'_id' occurs twice"),
        ('{"_id": "2", "": 1}', "", "empty name"),
        (
            '{"_id": "2", "Points": 1}',
            "Points",
            "'points' and 'Points' differ only in case",
        ),
        ('{"_ID": "2"}', "_ID", "'_id' and '_ID' differ only in case"),
        ('{"_id": {"a": 1}}', "_id", '_id is {"a": 1}; expected text'),
        (
            '{"_id": "2", "points": "abc"}',
            "points",
            r'points is text here \("abc"\) and a number',
        ),
        (
            '{"_id": "2", "home": "Oslo"}',
            "home",
            "home is text here .* and an object on line 1",
        ),
        (
            '{"_id": "2", "home": {}, "tags": {"a": 1}}',
            "tags",
            "an object here .* and a list",
        ),
        (
            '{"_id": "2", "tags": [1]}',
            "tags[]",
            r"tags\[\] is a number here \(1\) and text",
        ),
        (
            '{"_id": "2", "more": [1, "a"]}',
            "more[]",
            r'text here \("a"\) and a number on line 3',
        ),
        ('{"_id": "2", "home": {"city": 1}}', "home.city", "home.city is a number here"),
        ('{"points": 1}', "identityMap", NO_IDENTITY + " and no _id"),
        ("{}", "identityMap", NO_IDENTITY),
        ('{"identityMap": {"ECID": []}}', "identityMap", NO_IDENTITY),
    ],
)
def test_a_bad_line_is_named(store, tmp_path, bad, field, message):
    path = lines(tmp_path / "new.ndjson", GOOD, "", bad, GOOD.replace("1", "9"))
    error = refused(store, path)
    assert (error.file, error.line, error.field) == (str(path), 3, field)
    assert_says(error, message)


@pytest.mark.parametrize(
    "identities",
    [
        [{"id": "1"}],
        "ECID:1",
        5,
        {"ECID": "1"},
        {"ECID": {"id": "1"}},
        {"ECID": ["1"]},
        {"ECID": [None]},
        {"ECID": [{}]},
        {"ECID": [{"ID": "1"}]},
        {"ECID": [{"id": ""}]},
        {"ECID": [{"id": None}]},
        {"ECID": [{"id": {"x": 1}}]},
        {"ECID": [{"id": "1"}, {"primary": True}]},
        {"ECID": [{"id": "1", "primary": "yes"}]},
        {"": [{"id": "1"}]},
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("kind", ["profiles", "events"])
def test_an_identity_map_of_another_shape_is_shown_the_right_one(
    store, tmp_path, identities, kind
):
    good, bad = event(1, 1), {**event(2, 2), "identityMap": identities}
    error = refused(store, write(tmp_path / "new.ndjson", good, bad), kind=kind)
    assert (error.line, error.field) == (2, "identityMap")
    assert_says(error, SHAPE)


@pytest.mark.parametrize(
    "membership",
    [
        ["s"],
        {"ups": ["s"]},
        {"ups": {"s": "realized"}},
        {"ups": {"s": {"status": "realized", "lastQualificationTime": "yesterday"}}},
    ],
    ids=json.dumps,
)
def test_a_segment_membership_of_another_shape_is_named(store, tmp_path, membership):
    path = write(
        tmp_path / "new.ndjson", person(1), person(2, segmentMembership=membership)
    )
    error = refused(store, path)
    assert (error.line, error.field) == (2, "segmentMembership")
    assert_says(error, 'expected {"ups": ')


@pytest.mark.parametrize(
    ("timestamp", "message"),
    [
        (None, "timestamp is missing"),
        ("", "cannot be read: ''"),
        ("last week", "cannot be read: 'last week'"),
        ("2024-13-01T00:00:00Z", "cannot be read: '2024-13-01T00:00:00Z'"),
        ("1704067200000", "cannot be read: '1704067200000'"),
        ("infinity", "cannot be read: 'infinity'"),
        (1_704_067_200_000, "timestamp is a number here .* and text on line 1"),
    ],
)
def test_an_event_without_a_readable_time_is_named(store, tmp_path, timestamp, message):
    path = write(tmp_path / "new.ndjson", event(1, 1), event(2, 1, timestamp=timestamp))
    error = refused(store, path, kind="events")
    assert (error.file, error.line, error.field) == (str(path), 2, "timestamp")
    assert_says(error, message)


def test_an_event_without_identity_is_refused_even_with_an_id(store, tmp_path):
    bad = {"_id": "e2", "timestamp": 1_704_067_200_000, "identityMap": {}}
    path = write(tmp_path / "new.ndjson", {**event(1, 1), "timestamp": 1}, bad)
    error = refused(store, path, kind="events")
    assert (error.line, error.field) == (2, "identityMap")
    assert_says(error, NO_IDENTITY + ", so nobody knows whose this is")


@pytest.mark.parametrize(
    ("twin", "field", "message"),
    [
        (person(1), "identityMap", r"the profile '1' \(CRMID\) is already at .*1.ndjson:1"),
        ({**person(2), "_id": "p1"}, "_id", "the profile 'p1' is already at .*1.ndjson:1"),
        ({"_id": "p1"}, "_id", "the profile 'p1' is already at .*1.ndjson:1"),
    ],
)
def test_a_profile_that_occurs_twice_names_both_places(
    store, tmp_path, twin, field, message
):
    first = write(tmp_path / "1.ndjson", person(1), person(3))
    second = write(tmp_path / "2.ndjson", person(4), twin)
    error = refused(store, [first, second])
    assert (error.file, error.line, error.field) == (str(second), 2, field)
    assert_says(error, message)


@pytest.mark.parametrize(
    ("first", "second", "field", "message"),
    [
        (
            {"a": 1},
            {"a": "x"},
            "a",
            "a is text in the dataset 'new' and a whole number in 'old'",
        ),
        ({"a": {"b": [1]}}, {"a": {"b": ["x"]}}, "a.b[]", r"a.b\[\] is text in"),
        ({"a": {"b": 1}}, {"a": 1}, "a", "a is a whole number in .* and an object in"),
        ({"a": "x"}, {"a": "2024-01-01"}, "a", "a is a date in .* and text in"),
        ({"a": {"b": 1}}, {"a": {"B": 1}}, "a.B", "spelled 'B' in .* and spelled 'b' in"),
    ],
)
@pytest.mark.parametrize("kind", ["profiles", "events"])
def test_datasets_that_disagree_on_a_type_are_named(
    own_store, kind, first, second, field, message
):
    profiles.load(own_store, [{**event(1, 1), **first}], kind=kind, name="old")
    error = refused(own_store, [{**event(2, 2), **second}], kind=kind, name="new")
    assert error.field == field
    assert_says(error, message)


def _gzipped(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda f: f / "none.ndjson", "there is no such file"),
        (lambda f: f / "none-*.ndjson", "no file matches"),
        (lambda f: f, r"this is a folder; name its files, such as .*\*\.parquet"),
        (
            lambda f: lines(f / "new.csv", GOOD),
            "kind '.csv' cannot be loaded; give .ndjson.* a CSV is read by duckdb.read_csv",
        ),
        (lambda f: lines(f / "new", GOOD), "no extension"),
        (lambda f: lines(f / "new.parquet", GOOD), "cannot be read as Parquet"),
        (
            lambda f: lines(f / "new.parquet.gz", GOOD),
            "kind '.parquet.gz' cannot be loaded",
        ),
        (lambda f: lines(f / "new.ndjson"), "there are no records in it"),
        (lambda f: lines(f / "new.ndjson", "", " "), "there are no records in it"),
        (lambda f: lines(f / "new.ndjson.gz", GOOD), "cannot be read .Not a gzipped file"),
        (
            lambda f: _gzipped(f / "new.json.gz", gzip.compress(GOOD.encode() * 99)[:-20]),
            "cannot be read .Compressed file ended.* is it complete",
        ),
        (
            lambda f: _gzipped(f / "new.json", b'{"_id": "\xff"}\n'),
            "not UTF-8; save the file",
        ),
        (lambda f: _gzipped(f / "new.json", b'\xef\xbb\xbf{"_id": "1"}\n'), "BOM"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(store, tmp_path, make, message):
    path = make(tmp_path)
    error = refused(store, str(path))
    assert error.file == str(path)
    assert_says(error, message)


def test_two_kinds_of_files_are_not_one_dataset(store, tmp_path):
    files = [lines(tmp_path / "new.ndjson", GOOD), lines(tmp_path / "new.parquet", GOOD)]
    assert_says(refused(store, files), "NDJSON and Parquet in one dataset")


@pytest.mark.parametrize(
    ("columns", "field", "message"),
    [
        ("1 AS a", "identityMap", "no field identityMap or _id"),
        ("['a'] AS _id", "_id", "_id is a list"),
        ("'a' AS _id, 'ECID:1' AS \"identityMap\"", "identityMap", SHAPE),
        ("'a' AS _id, [{'id': '1'}] AS \"identityMap\"", "identityMap", SHAPE),
        ("'a' AS _id, {'ECID': ['1']} AS \"identityMap\"", "identityMap", SHAPE),
        ("'a' AS _id, MAP {'ECID': [{'x': '1'}]} AS \"identityMap\"", "identityMap", SHAPE),
        (
            "'a' AS _id, NULL AS \"IDENTITYMAP\"",
            "IDENTITYMAP",
            "must be spelled 'identityMap'",
        ),
    ],
)
def test_a_parquet_column_of_another_shape_is_named(
    store, tmp_path, columns, field, message
):
    store.execute(f"COPY (SELECT {columns}) TO '{tmp_path}/new.parquet'")
    error = refused(store, tmp_path / "new.parquet")
    assert error.field == field
    assert_says(error, message)


def test_a_bad_row_of_several_parquet_files_is_named(store, tmp_path):
    good = "SELECT 'a' || range AS _id FROM range(3)"
    store.execute(f"COPY ({good}) TO '{tmp_path}/1.parquet'")
    store.execute(
        f"COPY (SELECT 'b' AS _id UNION ALL SELECT NULL) TO '{tmp_path}/2.parquet'"
    )
    error = refused(store, f"{tmp_path}/*.parquet")
    assert (error.file, error.line) == (f"{tmp_path}/2.parquet", 2)


@pytest.mark.parametrize(
    ("source", "place", "message"),
    [
        ([], ("list of dicts", None), "there are no records in it"),
        (pd.DataFrame({"_id": []}), ("DataFrame", None), "there are no records in it"),
        (pd.DataFrame({"a": [1]}), ("DataFrame", None), "no field identityMap or _id"),
        (pd.DataFrame({"_id": ["a", None]}), ("DataFrame", 2), "no identity"),
        (
            pd.DataFrame({"_id": ["a", "b"], "x": [1, "y"]}),
            ("DataFrame", 2),
            "x is text here",
        ),
        (
            pd.DataFrame([["a", 1]], columns=["_id", "_id"]),
            ("DataFrame", None),
            "occurs twice",
        ),
        (
            [person(1), person(2, x=b"1")],
            ("list of dicts", 2),
            "type bytes cannot be loaded",
        ),
        ([person(1, x=[timedelta(1)])], ("list of dicts", 1), "type timedelta"),
        (5, (None, None), "a source of the type int cannot be loaded; give a path"),
        (None, (None, None), "a source of the type NoneType cannot be loaded"),
        ([5], (None, None), "a source of the type list cannot be loaded"),
    ],
    ids=str,
)
def test_a_bad_object_in_memory_is_named(store, source, place, message):
    error = refused(store, source, name="new")
    assert (error.file, error.line) == place
    assert_says(error, message)


def test_a_frame_that_cannot_be_read_leaves_the_cursor_usable(own_store):
    refused(
        own_store, pd.DataFrame({"_id": ["a"], "x": [2**64 - 1]}, dtype=object), name="new"
    )
    assert profiles.load(own_store, [person(1)], kind="profiles", name="new").rows == 1


def test_an_error_inside_a_transaction_leaves_it_to_its_owner(own_store):
    before = contents(own_store)
    own_store.begin()
    profiles.load(own_store, [person(1)], kind="profiles", name="new")
    with pytest.raises(DataError):
        profiles.load(own_store, [person(2), person(2)], kind="profiles", name="newer")
    own_store.rollback()
    assert contents(own_store) == before


def assert_says(error, pattern):
    assert re.search(pattern, str(error)), error
