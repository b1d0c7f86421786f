"""Whatever is typed or sent: it is read, printed and evaluated, or refused in place.

The usual run tries the same inputs every time; with SEGTOOLKIT_FUZZ_CASES=20000 it tries new ones, and so
many of each kind.
"""

from __future__ import annotations

import json
import os
from time import process_time

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segtoolkit.engine import DuckDBEngine
from segtoolkit.errors import PQLError
from segtoolkit.local import profiles
from segtoolkit.pql import parse, to_json, to_text
from tests.engine.people import AS_OF, EVENTS, PROFILES
from tests.pql.mutants import VALUES, documents, mutants, relatives
from tests.pql.strategies import SOUPS, TREES

WANTED = os.environ.get("SEGTOOLKIT_FUZZ_CASES")
RUN = settings(
    max_examples=int(WANTED or 300),
    derandomize=WANTED is None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

ANYTHING = st.text(st.characters()) | st.binary().map(lambda b: b.decode("latin-1"))


def is_read_or_refused(expression):
    """Tell whether *expression* makes both round trips, or is refused at a place inside it."""
    try:
        tree = parse(expression)
    except PQLError as error:
        return bool(error.reason) and 0 <= error.offset <= len(error.text)
    assert parse(to_text(tree)) == tree
    try:
        document = to_json(tree)
    except PQLError as error:
        return bool(error.reason)
    parse(json.dumps(document))
    return True


@RUN
@given(ANYTHING)
def test_any_characters_are_read_or_refused(text):
    assert is_read_or_refused(text)


@RUN
@given(SOUPS | mutants())
def test_a_damaged_expression_is_read_or_refused(text):
    assert is_read_or_refused(text)


@RUN
@given(documents())
def test_a_damaged_document_is_read_or_refused(document):
    assert is_read_or_refused(document)


@RUN
@given(documents() | VALUES, st.integers(1, 3))
def test_a_damaged_document_in_a_string_is_read_or_refused(document, times):
    for _ in range(times):
        document = json.dumps(document)

    assert is_read_or_refused(document)


@RUN
@given(documents().map(json.dumps), st.data())
def test_a_torn_document_is_read_or_refused(text, data):
    end = data.draw(st.integers(0, len(text)))

    assert is_read_or_refused(text[:end])


# An opening, what stands inside, and a closing that are repeated.
NESTS = {
    "parentheses": ("(", "true", ")"),
    "not": ("not ", "true", ""),
    "not in parentheses": ("not (", "true", ")"),
    "exclamations": ("!", "true", ""),
    "signs": ("-", "1", ""),
    "lists": ("[", "1", "]"),
    "objects": ('{"a": ', "1", "}"),
    "filters": ("$1.tags[", "true", "]"),
    "filters side by side": ("", "xEvent", "[true]"),
    "paths": ("", "a", ".a"),
    "carets": ("^", "a", ""),
    "ifs": ("if(true, ", "true", ", false)"),
    "sums": ("1 + ", "1", ""),
    "products to the right": ("1 * (", "1", ")"),
    "comparisons": ("true = (", "true", ")"),
    "lets": ("let a = 1 in ", "true", ""),
    "lets in lets": ("let a = ", "1", " in a"),
    "lambdas": ("x => ", "true", ""),
    "methods": ("$1.tags.exists(", "true", ")"),
    "methods side by side": ("", "tags", ".distinct()"),
    "selections": ("exists X from tags where ", "true", ""),
    "sources": ("(select X from ", "tags", ")"),
    "aggregations": ("(sum ", "1", " over X from tags)"),
    "occurs": ("joined occurs after (", "now", ")"),
    "distances": ("joined occurs <= (", "1", ") days before now"),
    "chains": ("chain(xEvent, timestamp, [A: WHAT(", "true", ")])"),
    "alternating": ("optedIn and (true or (", "true", "))"),
    "ors": ("optedIn or ", "true", ""),
    "ands": ('_id != "x" and ', "true", ""),
    "maps": ("$1.tags.map(", "this", ")"),
    "groups": ("addresses.groupBy(", "kind", ").values()"),
    "strings": ('"', "", ""),
    "models": ("@{", "a", "}"),
}


def nested(shape, levels):
    before, inside, after = NESTS[shape]
    return before * levels + inside + after * levels


@pytest.mark.parametrize("levels", [50, 5_000])
@pytest.mark.parametrize("shape", NESTS)
def test_nesting_of_any_depth_is_read_or_refused(shape, levels):
    assert is_read_or_refused(nested(shape, levels))


JSON_NESTS = {
    "lists": ("[", "]"),
    "objects": ('{"nodeType": ', "}"),
    "calls": ('{"nodeType": "fnApply", "fnName": "not", "params": [', "]}"),
    "fields": ('{"nodeType": "fieldLookup", "fieldName": "a", "object": ', "}"),
    "lambdas": ('{"nodeType": "lambda", "varNames": ["x"], "body": ', "}"),
    "values": ('{"nodeType": "literal", "literalType": "List", "value": [', "]}"),
}


@pytest.mark.parametrize("levels", [50, 490, 9_000])
@pytest.mark.parametrize("shape", JSON_NESTS)
def test_a_document_nested_to_any_depth_is_read_or_refused(shape, levels):
    before, after = JSON_NESTS[shape]

    assert is_read_or_refused(before * levels + "1" + after * levels)


@pytest.fixture(scope="module")
def cursor(tmp_path_factory):
    database = duckdb.connect(str(tmp_path_factory.mktemp("fuzz") / "people.duckdb"))
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    profiles.create_tables(database)
    profiles.load(database, PROFILES, kind="profiles")
    profiles.load(database, EVENTS, kind="events")
    yield database
    database.close()


ENGINE = DuckDBEngine()


def is_evaluated_or_refused(cursor, text):
    """Tell whether what passes the check is evaluated without an error."""
    try:
        ENGINE.check(cursor, text, as_of=AS_OF, expression_of=lambda _: None)
    except PQLError as error:
        return bool(error.reason) and 0 <= error.offset <= len(error.text)
    done = ENGINE.evaluate(
        cursor,
        {"it": text},
        as_of=AS_OF,
        expression_of=lambda _: None,
        previous=lambda _: None,
        step=lambda *_: None,
    )
    return done.counts.keys() == {"it"}


def test_a_damaged_expression_is_evaluated_or_refused(cursor):
    @RUN
    @given(relatives() | relatives() | mutants())
    def compiles(text):
        assert is_evaluated_or_refused(cursor, text)

    compiles()


def test_a_damaged_document_is_evaluated_or_refused(cursor):
    @RUN
    @given(documents().map(json.dumps))
    def compiles(document):
        assert is_evaluated_or_refused(cursor, document)

    compiles()


def test_a_tree_of_any_kind_is_evaluated_or_refused(cursor):
    @RUN
    @given(TREES.map(to_text))
    def compiles(text):
        assert is_evaluated_or_refused(cursor, text)

    compiles()


# DuckDB takes twice as long for each rule about items within another.
RULES = {"filters", "methods", "selections", "sources", "aggregations", "maps", "groups"}


@pytest.mark.parametrize("levels", [7, 100, 240, 490])
@pytest.mark.parametrize("shape", sorted(NESTS.keys() - RULES))
def test_nesting_is_evaluated_or_refused(cursor, shape, levels):
    assert is_evaluated_or_refused(cursor, nested(shape, levels))


def doubled_by_let(levels):
    lets = "".join(f"let a{at + 1} = a{at} + a{at} in " for at in range(levels))
    return f"let a0 = loyalty.points in {lets}a{levels} > 0"


def chain_of(elements):
    steps = (f"C{at}: WHAT(items.n > {at}) GAP(< {at + 1} days)" for at in range(elements))
    return f"chain(xEvent, timestamp, [{', '.join(steps)}])"


EXPLOSIVE = {
    **{f"{shape} in {shape}": nested(shape, 16) for shape in sorted(RULES)},
    "lets that double": doubled_by_let(14),
    "a long chain": chain_of(100),
}


@pytest.mark.parametrize("name", EXPLOSIVE)
def test_what_could_explode_is_evaluated_or_refused_soon(cursor, name):
    begin = process_time()

    assert is_evaluated_or_refused(cursor, EXPLOSIVE[name])
    assert process_time() - begin < 5


# What broke something once, at its smallest.
FOUND = [
    "",
    "[] occurs today",
    '[{"": 1}]',
    '[{"a": 1, "A": 2}].count() = 1',
    'homeAddress.city.regexGroup("o", true) = "a"',
    'homeAddress.city.regexGroup("o", 1) = "a"',
    'homeAddress.city = "\ud800"',
    'segmentMembership.get("\ud800")',
    "joined occurs > 1e308 days before now",
    "chain(xEvent, timestamp, [A: WHAT(true), B: WHAT(true) GAP(<= 1e300 days)])",
    "chain(xEvent, timestamp, [A: WHAT(true), B: WHAT(true) GAP(<= 999999999999 years)])",
    "joined occurs <= 99999999999 years before now",
    "joined occurs = 999999999 centuries before now",
    "date(99999, 1, 1) occurs before now",
    "loyalty.points * 9223372036854775807 * 9223372036854775807 * 9223372036854775807 > 0",
    "addresses.topN(floor, 9223372036854775807).count() = 1",
    'homeAddress.city.contains("\x00")',
]


@pytest.mark.parametrize("text", FOUND)
def test_what_broke_something_once_is_evaluated_or_refused(cursor, text):
    assert is_evaluated_or_refused(cursor, text)
