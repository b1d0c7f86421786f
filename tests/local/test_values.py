"""What there is to ask of profiles: fields and their kinds, values and how many have them."""

from __future__ import annotations

import pytest

import segtoolkit as sg
from segtoolkit import pql
from segtoolkit.errors import ConfigError

PEOPLE = [
    {
        "_id": str(n),
        "identityMap": {"CRMID": [{"id": str(n), "primary": True}]},
        "home": {"country": ["US", "CA", None][n % 3], "odd name": n},
        "id": "x",
        "vip": n == 0,
        "joined": "2026-01-01T00:00:00Z",
        "tags": ["a"],
    }
    for n in range(8)
]


@pytest.fixture(scope="module")
def local():
    with sg.connect_local(profiles=PEOPLE, progress="off") as client:
        yield client.local


def test_schema_has_lists_and_maps_as_well_and_is_what_lint_takes(local):
    schema = local.schema()

    assert {"tags", "identityMap", "home"} <= set(schema.profile.fields)
    assert pql.lint('joined > "b"', schema=schema) == []
    assert [found.code for found in pql.lint('joined > "b"')] == ["text-order"]


def test_namespaces_are_those_of_profiles(local):
    assert local.namespaces() == ("CRMID",)


def test_a_store_without_profiles_has_no_namespaces():
    with sg.connect_local() as client:
        assert client.local.namespaces() == ()


def test_fields_are_those_with_one_value(local):
    assert local.fields() == {
        "_id": "string",
        "home.country": "string",
        "home.odd name": "integer",
        "id": "string",
        "vip": "boolean",
        "joined": "date or time",
    }


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("home.country", {"CA": 3, "US": 3}),
        ("vip", {False: 7, True: 1}),
        ("id", {"x": 8}),
    ],
)
def test_values_are_counted_without_null_the_most_frequent_first(local, field, values):
    assert list(local.values(field).items()) == list(values.items())


def test_no_more_values_are_given_than_wanted(local):
    assert local.values("home.odd name", most=2) == {0: 1, 1: 1}


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("home.contry", "no 'contry' there; did you mean 'country'"),
        ("home", "'home' has no single value; name a field inside it"),
        ("tags", "'tags' has no single value"),
    ],
)
def test_what_has_no_values_is_refused(local, field, message):
    with pytest.raises(ConfigError, match=message):
        local.values(field)


def test_values_are_those_that_the_default_merge_policy_sees():
    web = [{**PEOPLE[0], "home": {"country": "FR"}}]
    with sg.connect_local(
        profiles={"crm": PEOPLE[:1], "web": web}, progress="off"
    ) as client:
        client.local.merge_policies.put(
            "crm first",
            attribute_merge="dataSetPrecedence",
            order=["crm"],
            is_default=True,
        )

        assert client.local.values("home.country") == {"US": 1}
