"""Records that come late and are unlike the first thousand: nothing about them is overlooked."""

from __future__ import annotations

import pytest

import segtoolkit as sg
from segtoolkit.local import profiles
from tests.local.fragments import new_store, rows

ALIKE = {
    "day": "2024-05-20",
    "moment": "2024-05-20T12:00:00Z",
    "whole": 1,
    "list": ["x"],
    "numbers": [1],
    "none": None,
    "inner": {"text": "x"},
}


@pytest.fixture
def store(tmp_path):
    with new_store(tmp_path / "store.duckdb") as connection:
        yield connection


def loaded(store, tmp_path, late):
    """Load a thousand records alike, and the text of a late one."""
    path = tmp_path / "people.ndjson"
    alike = (str({"_id": f"{n}", **ALIKE}).replace("'", '"') for n in range(1000))
    lines = [*(line.replace("None", "null") for line in alike), late]
    path.write_text("\n".join(lines), encoding="utf-8")
    return profiles.load(store, path, kind="profiles")


@pytest.mark.parametrize(
    ("late", "path", "kind", "value"),
    [
        ('{"_id": "z", "day": "2024-02-29"}', "day", "DATE", "2024-02-29"),
        ('{"_id": "z", "day": "2023-02-29"}', "day", "VARCHAR", "2023-02-29"),
        ('{"_id": "z", "day": "2024-05-20T01:02:03Z"}', "day", "TIMESTAMP", "2024-05-20 01:02:03"),
        ('{"_id": "z", "moment": "2024-02-29"}', "moment", "TIMESTAMP", "2024-02-29 00:00:00"),
        ('{"_id": "z", "moment": "soon"}', "moment", "VARCHAR", "soon"),
        ('{"_id": "z", "whole": 1.5}', "whole", "DOUBLE", "1.5"),
        ('{"_id": "z", "whole": 9223372036854775807}', "whole", "BIGINT", "9223372036854775807"),
        ('{"_id": "z", "numbers": [12345678901234567.5]}', "numbers", "DOUBLE[]", "[1.2345678901234568e+16]"),
        ('{"_id": "z", "none": "2024-05-20"}', "none", "DATE", "2024-05-20"),
        ('{"_id": "z", "none": ["a"]}', "none", "VARCHAR[]", "[a]"),
        ('{"_id": "z", "inner": {"new": true}}', "inner.new", "BOOLEAN", "true"),
        ('{"_id": "z", "inn\\u0065r": {"text": "y"}}', "inner.text", "VARCHAR", "y"),
        ('{"_id": "z", "extra": 7}', "extra", "BIGINT", "7"),
        ('{"_id": "z", "list": ["a\\"b", null, "c"]}', "list", "VARCHAR[]", """['a"b', NULL, c]"""),
        (' { "whole" : 2 , "_id" : "z" } ', "whole", "BIGINT", "2"),
    ],
)  # fmt: skip
def test_the_type_is_that_of_all_records(store, tmp_path, late, path, kind, value):
    assert loaded(store, tmp_path, late).rows == 1001
    assert rows(
        store,
        f"SELECT typeof(xdm.{path}), xdm.{path}::VARCHAR FROM profiles WHERE xdm._id = 'z'",
    ) == [(kind, value)]


@pytest.mark.parametrize(
    ("late", "field", "message"),
    [
        ('{"_id": "z", "whole": "1"}', "whole", "whole is text here"),
        ('{"_id": "z", "day": 1}', "day", "day is a number here"),
        ('{"_id": "z", "day": true}', "day", "day is true or false here"),
        ('{"_id": "z", "list": ["a", 1]}', "list[]", r"list\[\] is a number here"),
        ('{"_id": "z", "inner": "x"}', "inner", "inner is text here"),
        ('{"_id": "z", "inner": {"Text": "x"}}', "inner.Text", "differ only in case"),
        ('{"_id": "z", "Whole": 1}', "Whole", "differ only in case"),
        ('{"_id": "z", "whole": 1, "whole": 2}', "whole", "occurs twice"),
        ('{"_id": "z", "identityMap": {"A": [{"id": true}]}}', "identityMap", "without id"),
        ('{"_id": "z", "identityMap": {"A": "x"}}', "identityMap", r"identityMap\.A is"),
    ],
)  # fmt: skip
def test_a_fault_is_found_in_its_line(store, tmp_path, late, field, message):
    with pytest.raises(sg.DataError, match=message) as caught:
        loaded(store, tmp_path, late)
    assert (caught.value.line, caught.value.field) == (1001, field)
