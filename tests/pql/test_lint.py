"""What lint finds and what it leaves alone; where a finding is placed, and how it is told."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings

from segtoolkit.errors import PQLError, PQLSyntaxError
from segtoolkit.pql import parse, to_json, to_text
from segtoolkit.pql.lint import lint
from segtoolkit.pql.lint.checks import CHECKS, WHOLE_CHECKS
from segtoolkit.pql.types import INTEGER, STRING, TIME, ListOf, Schema, Struct
from tests.pql.lint_cases import FINE, FOUND, STATUS
from tests.pql.strategies import TREES


@pytest.mark.parametrize(("code", "text", "place", "remedy"), FOUND)
def test_mistake_is_found_at_its_place_with_a_remedy(code, text, place, remedy):
    found = [each for each in lint(text) if each.code == code]

    assert len(found) == 1
    assert text[found[0].offset :].startswith(place)
    assert remedy in found[0].remedy


@pytest.mark.parametrize(("code", "text"), FINE)
def test_what_is_meant_is_left_alone(code, text):
    assert code not in [each.code for each in lint(text)]


def test_every_check_has_rows_of_both_kinds():
    codes = {check.code for check in (*CHECKS, *WHOLE_CHECKS)}

    assert {code for code, *_ in FOUND} == codes
    assert {code for code, _ in FINE} == codes


@pytest.mark.parametrize("text", [text for _, text, *_ in FOUND])
def test_what_a_remedy_says_to_write_is_pql(text):
    for each in lint(text):
        for written in re.findall(r"^Write `([^`]+)`", each.remedy):
            places = (
                "{}",
                "t occurs {}",
                "chain(x, t, [{}])",
                "chain(x, t, [A: WHEN({})])",
            )
            assert any(parses(place.format(written)) for place in places)


def parses(text):
    try:
        return parse(text) is not None
    except PQLError:
        return False


REMEDIED = [
    "a.b != null",
    'a in ["x", null]',
    "person.birthDate occurs today",
    "t occurs = 3 days before today",
    "select e from xEvent where e.timestamp occurs <= 3 days from now",
    'xEvent.eventType != "buy"',
    'a like "x"',
    'a like "%x%"',
    'a.contains("")',
    'a = ""',
    'points > "5"',
    f'{STATUS} = "realized"',
]


@pytest.mark.parametrize("text", REMEDIED)
def test_a_remedied_expression_is_not_marked_for_the_same_again(text):
    first = next(each for each in lint(text) if each.remedy.startswith("Write"))
    written = re.findall(r"^Write `([^`]+)`", first.remedy)[0]

    assert first.code not in [each.code for each in lint(written)]


SCHEMA = Schema(
    Struct(
        {
            "phones": ListOf(Struct({"kind": STRING})),
            "name": STRING,
            "since": TIME,
            "age": INTEGER,
        }
    ),
    Struct({"productListItems": Struct({"name": STRING}), "shipped": STRING}),
)


@pytest.mark.parametrize(
    ("text", "without", "with_schema"),
    [
        ('phones.kind != "home"', [], ["negation-through-list"]),
        ('phones.kind = "a" and phones.kind = "b"', ["always-false"], []),
        ('since > "2020-01-01"', ["text-order"], []),
        ('name > "M"', ["text-order"], ["text-order"]),
        ('age > "18"', ["text-order"], []),
        ("name > 18", [], ["text-order"]),
        ("2024-01-31 < name", [], ["text-order"]),
        ("age > 18", [], []),
        ("name occurs <= 3 days before now", [], ["text-as-time"]),
        ("name < date(2024, 1, 31)", [], ["text-as-time"]),
        ("since < date(2024, 1, 31) and since occurs this year", [], []),
        ("xEvent[shipped occurs today]", ["batch-only"], ["batch-only", "text-as-time"]),
    ],
)
def test_schema_tells_lists_and_dates(text, without, with_schema):
    assert [each.code for each in lint(text)] == without
    assert [each.code for each in lint(text, schema=SCHEMA)] == with_schema


def test_what_is_known_to_be_text_is_not_taken_for_a_number():
    [found] = lint('name > "18"', schema=SCHEMA)

    assert found.remedy.startswith("Load the field as numbers")


def test_schema_overrules_what_is_usual():
    text = 'xEvent[timestamp occurs today and productListItems.name != "x"]'

    assert [each.code for each in lint(text)] == ["negation-through-list"]
    assert lint(text, schema=SCHEMA) == []


@pytest.mark.parametrize(
    "text",
    [
        'homeAddress.country = "US" and loyalty.points > 500',
        'homeAddress.country.equals("US", false) or age > 18',
        'inSegment("s1") and not (inSegment("s2"))',
        "person.birthDate occurs >= 18 years before today",
        'chain(xEvent, timestamp, [C0: WHAT(eventType = "buy") WHEN(<= 24 hours before now)])',
        "let limit = 5 in points > limit",
        "(P) => P.points > 5",
        "orders.groupBy(store).map((K, G) => mapEntry(K, G.count()))",
        "orders.sum(price) > 100 and orders.exists(o => o.price > 5)",
    ],
)
def test_ordinary_audience_has_no_findings(text):
    assert lint(text) == []


def test_findings_come_in_the_order_of_the_text():
    found = lint('a = null and xEvent.b != 1 and c like "x" and d = null')

    assert [each.offset for each in found] == sorted(each.offset for each in found)
    assert len(found) > 4


def test_finding_is_placed_by_line_and_column():
    text = 'country = "US"\n  and tier != null'
    [found] = lint(text)

    assert (found.line, found.column) == (2, 12)
    assert found.text[found.offset :] == "!= null"


def test_finding_is_drawn_with_a_caret_and_its_remedy():
    [found] = lint('country = "US"\n  and tier != null')

    assert str(found) == (
        "warning null-comparison: `tier != null` is never true: nothing compares with null"
        " (line 2, column 12)\n"
        "    and tier != null\n"
        "             ^\n"
        "  Write `tier.isNotNull()`"
    )


DOCUMENT = to_json(parse("a=1   AND (b != null)"))


@pytest.mark.parametrize(
    "expression",
    [
        DOCUMENT,
        json.dumps(DOCUMENT),
        json.dumps(json.dumps(DOCUMENT)),
        parse("a=1 and b!=null"),
    ],
    ids=["document", "string", "string in a string", "tree"],
)
def test_what_is_no_text_is_placed_in_its_canonical_text(expression):
    [found] = lint(expression)

    assert found.text == "a = 1 and b != null"
    assert found.text[found.offset :] == "!= null"


def test_invalid_expression_is_refused_as_by_the_parser():
    with pytest.raises(PQLSyntaxError) as refused:
        lint("a = ")

    assert refused.value.offset == 4


def test_long_conditions_are_cut_in_messages_and_not_in_remedies():
    name = "x" * 200
    [found] = lint(f"{name} = null")

    assert len(found.message) < 150
    assert f"`{name}.isNull()`" in found.remedy


def test_condition_repeated_often_is_found_once():
    [found] = lint("a = 1 or a = 1 or b = 1 or a = 1")

    assert found.message == "`a = 1` is asked 3 times"


@pytest.mark.parametrize("term", ['x = "{}"', 'x{} = ""', "xEvent.f{} = 1", "x.y{} = null"])
def test_thousands_of_conditions_are_checked(term):
    terms = [term.format(number) for number in range(2000)]

    assert len(lint(" or ".join(terms))) in (0, 1, 2000)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(TREES)
def test_any_tree_is_checked_and_every_finding_lies_in_its_text(tree):
    text = to_text(tree)

    for found in lint(tree):
        assert found.text == text
        assert 0 <= found.offset <= len(text)
        assert found.code in str(found)
