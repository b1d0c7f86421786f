"""Lint of every published or captured expression: it never fails, knows what AEP counted, and is quiet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from segtoolkit.errors import PQLError
from segtoolkit.pql.lint import eligibility, lint

EXAMPLES = Path(__file__).parents[2] / ".." / "shared" / "data" / "pql" / "examples.jsonl"

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(
        not EXAMPLES.is_file(), reason="the file of PQL examples is not beside the checkout"
    ),
]


def rows():
    if not EXAMPLES.is_file():
        return {}
    read = map(json.loads, EXAMPLES.read_text("utf-8").splitlines())
    return {row["id"]: row for row in read}


ROWS = rows()
VALID = [name for name, row in ROWS.items() if row["status"] == "valid"]


def members(row):
    """Return how many members AEP counted, each time it did."""
    value = row["value"] if isinstance(row["value"], dict) else {}
    return [count["members"] for count in value.get("engine_member_counts", [])]


def asks_null(row):
    text = row["expression"] if row["format"] == "pql/text" else row.get("text", "")
    return "= null" in text


EMPTY = [n for n in VALID if members(ROWS[n]) and not any(members(ROWS[n]))]
NEVER_TRUE = [name for name in EMPTY if asks_null(ROWS[name])]
POPULATED = [name for name in VALID if any(members(ROWS[name]))]


def codes(name, level):
    found = lint(ROWS[name]["expression"])
    return {each.code for each in found if each.level == level}


@pytest.mark.parametrize("name", ROWS)
def test_example_is_checked_or_refused_by_the_parser(name):
    try:
        found = lint(ROWS[name]["expression"])
    except PQLError:
        assert ROWS[name]["status"] != "valid"
        return
    assert all(0 <= each.offset <= len(each.text) and str(each) for each in found)


@pytest.mark.parametrize("name", NEVER_TRUE)
def test_audience_that_aep_found_empty_for_its_null_is_marked(name):
    assert "null-comparison" in codes(name, "warning")


@pytest.mark.parametrize("name", POPULATED)
def test_audience_in_which_aep_found_members_has_no_warning(name):
    assert codes(name, "warning") == set()


def test_birthday_with_a_year_that_aep_found_empty_is_marked():
    asked = [n for n in EMPTY if "birthDate occurs" in str(ROWS[n]["expression"])]

    assert [codes(name, "warning") for name in asked] == [{"birthday-with-year"}]


def test_few_valid_examples_have_warnings():
    marked = [name for name in VALID if codes(name, "warning")]

    assert len(marked) < len(VALID) / 10


# The examples of the pages on streaming and edge, by what the pages say of them.
@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("pql-0081", "edge"),  # a profile attribute
        ("pql-0084", "streaming"),  # two events of today, in order
        ("pql-0085", "edge"),  # an event of today, and an audience of profile attributes
        ("pql-0086", "edge"),  # two audiences
        ("pql-0090", "batch"),  # an event at any time
        ("pql-0113", "batch"),  # an event of the last week
        ("pql-0503", "batch"),  # a birthday, which ignores the year
        ("pql-0210", "batch"),  # an Audience Manager segment
    ],
)
def test_published_example_is_evaluated_as_published(name, method):
    assert eligibility(ROWS[name]["expression"]).method == method


def test_the_rows_with_counts_are_there():
    assert len(NEVER_TRUE) == 18
    assert len(EMPTY) > len(NEVER_TRUE)
    assert len(POPULATED) > 20
