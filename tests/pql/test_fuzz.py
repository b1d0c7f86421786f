"""Whatever is typed or sent: it is read, printed and evaluated, or refused in place.

The usual run tries the same inputs every time; with SEGTOOLKIT_FUZZ_CASES=20000 it tries new ones, and so
many of each kind.
"""

from __future__ import annotations

import json
import os
from copy import deepcopy

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segtoolkit.engine import DuckDBEngine
from segtoolkit.errors import PQLError
from segtoolkit.local import profiles
from segtoolkit.pql import parse, to_json, to_text
from segtoolkit.pql.tokens import Kind, tokenize
from tests.engine.people import AS_OF, EVENTS, PROFILES
from tests.engine.test_cases import CASES
from tests.pql.strategies import SOUPS, TREES, VOCABULARY

WANTED = os.environ.get("SEGTOOLKIT_FUZZ_CASES")
RUN = settings(
    max_examples=int(WANTED or 300),
    derandomize=WANTED is None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

# Beside the cases of the engine: what is written in several parts that can be exchanged.
SEEDS = [
    *CASES,
    'homeAddress.city.regexGroup("(N)(ew)", 2) = "ew"',
    'stringCompare("startsWith", homeAddress.city, ["New", "Bos"], false)',
    "loyalty.points * 2 - -3 / loyalty.spend % 7 + 1 > 10",
    "if(optedIn, loyalty.points, loyalty.spend) >= 1.5e2",
    "joined occurs >= 3 months before last year or joined occurs between yesterday and now",
    "joined.getYear() = 2024 and person.birthDate.getMonth() = currentMonth()",
    "date(2024, 2, 29) occurs = 2 weeks before joined",
    'identityMap.get("ECID").map(id).distinct().count() in [1, 2]',
    "identityMap.map((K, V) => mapEntry(K, V.count())).values().sum() > 2",
    'identityMap.keys().subsetOf(["CRMID", "ECID", "Email"])',
    'segmentMembership.get("ups").get("old").status.intersects(["realized"])',
    "addresses.topN(floor, 2).map(kind).head() = addresses.bottomN(floor, 1).head().kind",
    'addresses.groupBy(kind).map((K, G) => mapEntry(K, G.count())).get("home") = 1',
    'addresses.map({"kind": kind, "high": floor > 2}).filter(high).exists(kind = "work")',
    'tags.intersection(["new", "old"]).includes("new") and tags.supersetOf(tags)',
    "select A from addresses where A.floor > 3, B from addresses where B.floor < A.floor",
    'forall A from addresses where A.floor > 1, B from tags where B != "x"',
    "(sum A.floor * B.floor over A from addresses, B from addresses where A != B) > 9",
    'exists V from xEvent where V.items[sku = "a" and n > ^commerce.order.priceTotal]',
    "select A from xEvent, B from xEvent where B.timestamp occurs < 2 weeks after A.timestamp",
    'chain(xEvent, timestamp, [A: WHAT(eventType = "x") WHEN(<= 9 days before now) COUNT(2), B:])',
    "chain(xEvent, timestamp, [A: WHAT(items), !B: WHAT(items.n > 1), C: GAP(> 3 hours and < 5 days)])",
    "xEvent[timestamp occurs within this month].groupBy(eventType).values().count() = 1",
    "xEvent.average(commerce.order.priceTotal) > max E.timestamp over E from xEvent",
    "xEvent.items.n > 1 and xEvent.topN(timestamp, 1).head().eventType.isNull()",
    'let T = (select E from xEvent where E.eventType like "c%") in T.count() = $1.tags.count()',
]  # fmt: skip

NASTY = {
    Kind.INTEGER: [*("0", "1001", "99999", "9" * 18, str(2**63 - 1), str(2**63), "9" * 5000)],
    Kind.DOUBLE: ["0.0", "1e308", "1e309", "5e-324", "1e-400", "." + "3" * 400, "9" * 30 + ".5"],
    Kind.STRING: [
        *('""', '"\x00"', '"\ud800"', '"a\U0001f600é"', '"%_\\"', "\"'; DROP TABLE profiles --\""),
        *('"$v0"', '"{0}"', '"2024-02-30"', '"99999-01-01"', '"-infinity"', '"nan"', '"1e999"'),
        *('"(?i)é"', '"(a*)*"', '"[[:alpha:]]"', '"\\"', '"' + "x" * 5000 + '"', '"\x1b[31m"'),
    ],
    Kind.NAME: ["xEvent", "this", "now", "null", "p", "e", "v0", "rid", "xdm", "_id", "timestamp"],
    Kind.QUOTED: ['`"`', "`a b`", "`\x00`", "`\ud800`", "`" + "n" * 300 + "`"],
    Kind.PARAMETER: ["$1", "$2", "$999999999"],
    Kind.MODEL: ["@{a}"],
    Kind.CARETS: ["^", "^^", "^" * 5000],
    Kind.SYMBOL: VOCABULARY,
}  # fmt: skip
for seed in SEEDS:
    for token in tokenize(seed)[:-1]:
        NASTY[token.kind].append(token.text)

ANYTHING = st.text(st.characters()) | st.binary().map(lambda b: b.decode("latin-1"))


def cut(text):
    """Return the kinds and texts of the tokens of *text*, each with the space after it."""
    tokens = tokenize(text)
    ends = [token.pos for token in tokens[1:]]
    return [(t.kind, text[t.pos : end]) for t, end in zip(tokens, ends, strict=False)]


def deleted(draw, pieces, at):
    return pieces[:at] + pieces[at + 1 :]


def doubled(draw, pieces, at):
    return pieces[: at + 1] + pieces[at:]


def swapped(draw, pieces, at):
    other = draw(st.integers(0, len(pieces) - 1))
    found = list(pieces)
    found[at], found[other] = pieces[other], pieces[at]
    return found


def exchanged(draw, pieces, at):
    kind, _ = pieces[at]
    return [
        *pieces[:at],
        (kind, draw(st.sampled_from(NASTY[kind])) + " "),
        *pieces[at + 1 :],
    ]


def grafted(draw, pieces, at):
    inner = draw(st.sampled_from(SEEDS))
    return [*pieces[:at], (pieces[at][0], f"({inner})"), *pieces[at + 1 :]]


def damaged(draw, pieces, at):
    kind, text = pieces[at]
    inside = draw(st.integers(0, len(text)))
    return [
        *pieces[:at],
        (kind, text[:inside] + draw(st.characters()) + text[inside:]),
        *pieces[at + 1 :],
    ]


@st.composite
def mutants(draw, mutations=(deleted, doubled, swapped, exchanged, grafted, damaged)):
    pieces = cut(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 3))):
        if pieces:
            mutate = draw(st.sampled_from(mutations))
            pieces = mutate(draw, pieces, draw(st.integers(0, len(pieces) - 1)))
    return "".join(text for _, text in pieces)


# These are still PQL more often than not, so that the compiler gets to see them.
LIKELY = mutants((exchanged, exchanged, exchanged, grafted, swapped))

DOCUMENTS = [to_json(parse(seed)) for seed in SEEDS]

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(2**63), 2**63]),
    st.floats(),
    st.text(st.characters(), max_size=5),
    st.sampled_from(
        sorted({"literal", "fnApply", "lambda", "chain", "Integer", "now", "day"})
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["nodeType", "fnName", "params", "value", "object", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


def places(document):
    """Return every (container, key) of a document."""
    found, waiting = [], [document]
    while waiting:
        container = waiting.pop()
        if isinstance(container, dict | list):
            keys = container if isinstance(container, dict) else range(len(container))
            found += [(container, key) for key in keys]
            waiting += [container[key] for key in keys]
    return found


@st.composite
def documents(draw):
    """Return a document of which one to three places were deleted or hold something else."""
    document = deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        if not (known := places(document)):
            break
        container, key = draw(st.sampled_from(known))
        match draw(st.sampled_from(["delete", "replace", "graft", "rename"])):
            case "delete":
                del container[key]
            case "replace":
                container[key] = draw(VALUES)
            case "graft":
                other, its_key = draw(st.sampled_from(known))
                container[key] = (
                    deepcopy(other[its_key]) if its_key in keys_of(other) else None
                )
            case "rename" if isinstance(container, dict):
                container[draw(st.sampled_from(["nodeType", "params", "body"]))] = (
                    container.pop(key)
                )
            case _:
                pass
    return document


def keys_of(container):
    return container if isinstance(container, dict) else range(len(container))


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
    "filters": ("tags[", "true", "]"),
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
    "methods": ("tags.exists(", "true", ")"),
    "methods side by side": ("", "tags", ".distinct()"),
    "selections": ("exists X from tags where ", "true", ""),
    "sources": ("exists X from (", "tags", ")"),
    "aggregations": ("(sum ", "1", " over X from tags)"),
    "occurs": ("joined occurs after (", "now", ")"),
    "distances": ("joined occurs <= (", "1", ") days before now"),
    "chains": ("chain(xEvent, timestamp, [A: WHAT(", "true", ")])"),
    "alternating": ("optedIn and (true or (", "true", "))"),
    "ors": ("optedIn or ", "true", ""),
    "ands": ('_id != "x" and ', "true", ""),
    "maps": ("addresses.map(", "kind", ")"),
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
    @given(LIKELY | mutants())
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


@pytest.mark.parametrize("levels", [7, 100, 240, 490])
@pytest.mark.parametrize("shape", NESTS)
def test_nesting_is_evaluated_or_refused(cursor, shape, levels):
    assert is_evaluated_or_refused(cursor, nested(shape, levels))
