"""Schemas that are declared, fields that are not there, and warnings on the way to the caller."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings

import pytest

import segtoolkit as sg
from segtoolkit.errors import BadRequest, ConfigError, DataError, PQLError, PQLWarning

PEOPLE = [
    {"_id": "ann", "country": "US", "points": 5, "secret": "x"},
    {"_id": "bob", "country": "CA"},
]
VISITS = [
    {
        "_id": "v1",
        "timestamp": "2024-05-01T00:00:00Z",
        "eventType": "visit",
        "identityMap": {"ECID": [{"id": "e1", "primary": True}]},
    }
]
PROFILE = {
    "$id": "https://ns.example.com/schemas/people",
    "meta:class": "https://ns.adobe.com/xdm/context/profile",
    "type": "object",
    "properties": {
        "country": {"type": "string"},
        "points": {"type": "integer"},
        "person": {
            "type": "object",
            "properties": {
                "gender": {"type": "string"},
                "born": {"type": "string", "format": "date"},
                "kids": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"age": {"type": "integer"}}},
                },
                "tags": {"type": "array", "items": {"type": "string"}},
                "scores": {
                    "type": "object",
                    "additionalProperties": {"type": "number"},
                },
            },
        },
    },
}
EVENT = {
    "meta:class": "https://ns.adobe.com/xdm/context/experienceevent",
    "type": "object",
    "properties": {"page": {"type": "string"}},
}

# What nobody has is null, whatever its type: expression → how many of the two.
OF_NOBODY = {
    "person": 0,
    "person.isNull()": 2,
    'person.gender = "female"': 0,
    'not (person.gender = "female")': 2,
    'person.gender.equals("f", false) or person.gender.isNull()': 2,
    'person.gender in ["f", "m"]': 0,
    'person.gender notIn ["f"]': 0,
    "person.born occurs before today": 0,
    "person.born.getYear() < 2000": 0,
    "person.kids": 0,
    "person.kids.count() = 0": 0,
    "person.kids[age > 1]": 0,
    "not person.kids.exists(age > 1)": 2,
    "person.kids.age > 1": 0,
    "person.kids.sum(age) = 0": 2,
    "person.kids.max(age).isNull()": 2,
    "person.kids.topN(age, 1).head().age = 1": 0,
    "person.kids.map(age).isNull()": 2,
    "person.kids.groupBy(age).isNull()": 2,
    "(select k from person.kids where k.age > 1).isNull()": 2,
    "forall k from person.kids where k.age > 1": 2,
    'person.tags.includes("a") or "a" in person.tags': 0,
    'person.tags.intersects(["a"])': 0,
    "person.tags.distinct().isNull()": 2,
    'person.scores.get("a") > 1': 0,
    "person.scores.keys().isNull()": 2,
    "if(person.gender.isNull(), 1, 2) = 1": 2,
    "[person.gender].count() = 1": 2,
    '{"g": person.gender}.g.isNull()': 2,
    'xEvent.page = "home"': 0,
    'chain(xEvent, timestamp, [A: WHAT(page = "home"), B: WHAT(true)])': 0,
}


@pytest.fixture(scope="module")
def declared():
    with sg.connect_local(profiles=PEOPLE, schema=[PROFILE, EVENT]) as client:
        yield client


@pytest.mark.filterwarnings("ignore::segtoolkit.PQLWarning")
@pytest.mark.parametrize(("expression", "size"), OF_NOBODY.items(), ids=OF_NOBODY)
def test_a_declared_field_that_nobody_has_is_null(declared, expression, size):
    assert declared.size(expression).size == size


@pytest.mark.filterwarnings("ignore::segtoolkit.PQLWarning")
@pytest.mark.parametrize("expression", OF_NOBODY)
def test_an_unknown_field_taken_for_null_is_like_one_that_nobody_has(expression):
    with sg.connect_local(profiles=PEOPLE, unknown_fields="null") as client:
        assert client.size(expression).size == OF_NOBODY[expression]


def test_a_declared_field_has_its_declared_type(declared):
    with pytest.raises(BadRequest, match="'old' cannot be read as an integer"):
        declared.size('person.kids.age = "old"')


def test_a_field_of_the_data_that_is_not_declared_is_refused(declared):
    with pytest.raises(BadRequest, match="there is no field `secret`"):
        declared.size('secret = "x"')


@pytest.mark.parametrize("expression", ['_id = "ann"', "identityMap.keys()", "xEvent"])
def test_what_every_record_has_need_not_be_declared(declared, expression):
    assert declared.size(expression).total == 2


def test_a_schema_may_be_a_file(tmp_path):
    file = tmp_path / "people.json"
    file.write_text(json.dumps(PROFILE), encoding="utf-8")

    with sg.connect_local(profiles=PEOPLE, schema=file) as client:
        assert client.size('person.gender = "x" or points = 5').size == 1


def test_the_store_keeps_schema_and_choice(tmp_path):
    store = tmp_path / "s.duckdb"
    with sg.connect_local(store, profiles=PEOPLE, schema=PROFILE, unknown_fields="null"):
        pass

    with sg.connect_local(store) as client, pytest.warns(PQLWarning, match="`secret`"):
        assert client.size('person.gender = "x" or secret = "x" or points = 5').size == 1


def test_a_schema_can_be_declared_later(tmp_path):
    with sg.connect_local(tmp_path / "s.duckdb", profiles=PEOPLE) as client:
        assert client.size('secret = "x"').size == 1

    with (
        sg.connect_local(tmp_path / "s.duckdb", schema=PROFILE) as client,
        pytest.raises(BadRequest, match="secret"),
    ):
        client.size('secret = "x"')


REFUSED = {
    "no class": ({"properties": {"a": {"type": "string"}}}, "neither of the class"),
    "two of a kind": ([PROFILE, PROFILE], "a second schema of profiles"),
    "no schema": ({"a": 1}, None),
    "no file": ("nowhere.json", "nowhere.json: cannot be read"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_schema_that_cannot_be_used_is_refused(tmp_path, name):
    schema, reason = REFUSED[name]
    store = tmp_path / "s.duckdb"

    with pytest.raises(DataError, match=reason):
        sg.connect_local(store, profiles=PEOPLE, schema=schema)

    with sg.connect_local(store) as client:
        assert client.size("true").total == 0


def test_a_file_that_is_no_json_is_refused(tmp_path):
    file = tmp_path / "people.json"
    file.write_text("{", encoding="utf-8")

    with pytest.raises(DataError, match="no JSON"):
        sg.connect_local(schema=file)


def test_an_unknown_choice_about_unknown_fields_is_refused():
    with pytest.raises(ConfigError, match="'refuse' or 'null', not 'ignore'"):
        sg.connect_local(profiles=PEOPLE, unknown_fields="ignore")


# -- warnings -----------------------------------------------------------------------------------


def test_a_field_taken_for_null_is_warned_of_at_the_caller_s_line():
    with (
        sg.connect_local(profiles=PEOPLE, unknown_fields="null") as client,
        pytest.warns(PQLWarning) as caught,
    ):
        client.size("contry.isNull()")

    (warning,) = caught
    assert "taken for null: there is no field `contry`; did you mean" in str(
        warning.message
    )
    assert warning.filename == __file__


def test_a_likely_mistake_is_warned_of():
    with sg.connect_local(profiles=PEOPLE) as client:
        with pytest.warns(PQLWarning, match=r"Write `country.isNotNull\(\)`"):
            client.size("country != null")
        with pytest.warns(PQLWarning, match="country"):
            client.definitions.put("known", "country != null")


def test_definitions_of_connect_are_warned_of():
    with pytest.warns(PQLWarning, match="country") as caught:
        sg.connect_local(profiles=PEOPLE, segments={"known": "country != null"}).close()

    assert caught[0].filename == __file__


def test_a_job_warns_of_fields_taken_for_null():
    with sg.connect_local(profiles=PEOPLE, unknown_fields="null") as client:
        with warnings.catch_warnings(action="ignore"):
            client.definitions.put("s", "nowhere = 1")
        with pytest.warns(PQLWarning, match="nowhere"):
            job = client.submit(["s"])
        assert job.result().to_frame()["profiles"].tolist() == [0]


def test_what_is_fine_is_not_warned_of():
    with (
        sg.connect_local(profiles=PEOPLE) as client,
        warnings.catch_warnings(action="error"),
    ):
        client.size('country = "US"')


def test_a_warning_made_an_error_leaves_the_client_usable():
    with sg.connect_local(profiles=PEOPLE) as client:
        with warnings.catch_warnings(action="error"), pytest.raises(PQLWarning):
            client.size("country = null")
        assert client.size('country = "US"').size == 1


# -- without data ----------------------------------------------------------------------------------


def test_an_expression_is_checked_against_schemas_alone():
    sg.pql.check(
        'person.kids[age > 1] and xEvent.page = "home"', profile=PROFILE, event=EVENT
    )

    with pytest.raises(PQLError, match="did you mean `page`"):
        sg.pql.check('xEvent.pages = "home"', profile=json.dumps(PROFILE), event=EVENT)


def test_checking_needs_neither_duckdb_nor_pandas():
    script = (
        "import sys\nfrom segtoolkit import pql\n"
        "pql.check('a = 1', profile={'properties': {'a': {'type': 'integer'}}})\n"
        "sys.exit(bool({'duckdb', 'pandas', 'numpy'} & sys.modules.keys()))"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
