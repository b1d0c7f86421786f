"""The table of functions is complete, and says what is so."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import pytest

from segtoolkit import pql
from segtoolkit.pql import nodes as n
from segtoolkit.pql.functions import _FAMILIES, CONSTRUCTS, FUNCTIONS, Form
from segtoolkit.pql.functions.row import called

# The operators and functions of the reference, section by section.
DOCUMENTED = {
    "boolean": "and or not if",
    "comparison": "= != < <= > >=",
    "arithmetic": "+ - * / % negate",
    "strings": "like startsWith endsWith contains equals doesNotStartWith doesNotEndWith"
    " doesNotContain notEqualTo matches regexGroup",
    "lists": "in notIn includes intersects intersection subsetOf supersetOf distinct groupBy"
    " filter map topN bottomN head exists",
    "aggregation": "count sum average min max",
    "maps": "get keys values mapEntry",
    "objects": "isNull isNotNull",
    "dates": "currentMonth currentYear currentDayOfMonth getMonth getYear getDayOfMonth date",
    "beyond the pages": "inSegment stringCompare modelInstances",
}
# What is no function, section by section, with the word it is found under.
DOCUMENTED_CONSTRUCTS = (
    "xEvent this ^ $1 ` let => @{ select exists forall some all none one sum average min max over"
    " occurs on within before after from between now today yesterday tomorrow last next"
    " [ { null true false chain WHAT WHEN COUNT GAP"
)
# What the example of a construct is made of; by its usage, as some have a name in common.
NODES = {
    "object.field": n.Field,
    "xEvent": n.Name("xEvent"),
    "this": n.This,
    "^field, ^^field": n.Up,
    "$1": n.Parameter,
    "`name`": n.Name("timestamp"),
    "let name = value in body": n.Let,
    "item => body, (key, value) => body": n.Lambda,
    "@{reference}": n.Model,
    '"text", 12, 4.5, true, false, null': n.Literal,
    "[a, b]": n.ListLiteral,
    '{"name": value}': n.ObjectLiteral,
    "list[condition]": n.Filter,
    "select V from list where condition, W from list where condition": n.Select,
    "exists V from list where condition": n.Quantifier,
    "forall V from list where condition": n.Quantifier,
    "none V from list where condition": n.Quantifier,
    "one V from list where condition": n.Quantifier,
    "sum value over V from list where condition": n.Aggregation,
    "time occurs on reference": n.Occurs,
    "time occurs before reference, time occurs after reference": n.Occurs,
    "time occurs <= 3 days before reference, time occurs >= 3 days after reference": n.Distance,
    "time occurs between start and end": n.TimeRange,
    "now, today, yesterday, tomorrow": n.TimeWord,
    "this month, last week, next year": n.CalendarUnit,
    "chain(xEvent, timestamp, [C0: WHAT(…), C1: WHAT(…), !C2: WHAT(…)])": n.Chain,
    "C0: WHAT(condition)": n.Element,
    "C0: WHAT(…) WHEN(<= 30 days before now)": n.Element,
    "C0: WHAT(…) COUNT(>= 3)": n.Element,
    "C0: WHAT(…) GAP(>= 1 hour and <= 3 days), C1: WHAT(…)": n.Element,
}
PARTS_OF_ELEMENTS = {"WHAT": "what", "WHEN": "when", "COUNT": "count", "GAP": "gap"}

ROWS = [*FUNCTIONS.values(), *CONSTRUCTS]
BY_USAGE = {row.usage: row for row in CONSTRUCTS}


def below(tree):
    """Yield *tree* and every node in it."""
    if is_dataclass(tree):
        yield tree
        tree = [getattr(tree, slot.name) for slot in fields(tree)]
    if isinstance(tree, list | tuple):
        for part in tree:
            yield from below(part)


@pytest.mark.parametrize("section", DOCUMENTED)
def test_every_documented_function_is_a_row(section):
    assert set(DOCUMENTED[section].split()) <= set(FUNCTIONS)


def test_every_documented_construct_is_found_by_its_word():
    found = {name for row in CONSTRUCTS for name in row.names}

    assert set(DOCUMENTED_CONSTRUCTS.split()) <= found


def test_no_name_stands_in_the_table_twice():
    assert sum(map(len, _FAMILIES)) == len(FUNCTIONS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.usage)
def test_row_says_how_and_what_and_gives_an_example(row):
    assert row.usage
    assert row.meaning.endswith(".")
    assert row.example


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=lambda row: row.name)
def test_example_uses_its_function(row):
    used = {node.name for node in below(pql.parse(row.example)) if isinstance(node, n.Call)}

    assert row.name in used


@pytest.mark.parametrize("usage", NODES)
def test_example_uses_its_construct(usage):
    expected, found = NODES[usage], list(below(pql.parse(BY_USAGE[usage].example)))

    assert expected in found or expected in map(type, found)


def test_every_construct_has_a_node():
    assert set(NODES) == set(BY_USAGE)


@pytest.mark.parametrize("word", PARTS_OF_ELEMENTS)
def test_example_of_a_clause_has_it(word):
    (row,) = (row for row in CONSTRUCTS if row.names[0] == word)
    elements = [
        node for node in below(pql.parse(row.example)) if isinstance(node, n.Element)
    ]

    assert any(getattr(element, PARTS_OF_ELEMENTS[word]) for element in elements)


@pytest.mark.parametrize(
    ("usage", "name", "form", "least", "most"),
    [
        ("now()", "now", Form.FUNCTION, 0, 0),
        ("text.trim()", "trim", Form.METHOD, 1, 1),
        ("text.cut(from, to)", "cut", Form.METHOD, 3, 3),
        ("round(number, digits = 0)", "round", Form.FUNCTION, 1, 2),
        ("least(a, b, …)", "least", Form.FUNCTION, 2, None),
    ],
)
def test_usage_tells_how_many_operands_there_are(usage, name, form, least, most):
    row = called(usage, "", "")

    assert (row.name, row.form, row.least, row.most) == (name, form, least, most)


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=lambda row: row.name)
def test_explains_a_function(row):
    told = pql.explain(row.name)

    lines = {line.strip() for line in told.splitlines()}
    assert {row.name, row.usage, row.example} <= lines
    assert row.meaning in " ".join(told.split())


@pytest.mark.parametrize("name", sorted({name for row in CONSTRUCTS for name in row.names}))
def test_explains_a_construct(name):
    told = pql.explain(name)

    rows = [row for row in CONSTRUCTS if name in row.names]
    assert all(row.usage in told and row.example in told for row in rows)


def test_explains_all_meanings_of_a_name():
    told = pql.explain("exists")

    assert "list.exists(condition)" in told
    assert "exists V from list where condition" in told


@pytest.mark.parametrize(("sign", "name"), [("!", "not"), ("-", "negate")])
def test_explains_an_operator_by_its_sign(sign, name):
    assert FUNCTIONS[name].meaning.split(";")[0] in " ".join(pql.explain(sign).split())


def test_a_notebook_shows_an_explanation_as_it_reads():
    told = pql.explain("topN")

    assert repr(told) == told
    assert "\n" in told


@pytest.mark.parametrize(
    ("unknown", "near"),
    [
        ("topn", "topN"),
        ("doesNotContains", "doesNotContain"),
        ("SELECT", "select"),
        ("what", "WHAT"),
        ("count()", "count"),
    ],
)
def test_unknown_name_is_refused_with_the_nearest(unknown, near):
    with pytest.raises(ValueError, match=f"nothing called '.*'; near are .*{near}"):
        pql.explain(unknown)


@pytest.mark.parametrize("unknown", ["", "zzzzz"])
def test_name_near_nothing_is_refused_with_where_to_look(unknown):
    with pytest.raises(ValueError, match=r"pql\.FUNCTIONS"):
        pql.explain(unknown)
