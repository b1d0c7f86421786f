"""Tree to canonical text."""

from __future__ import annotations

import pytest

from segtoolkit.errors import PQLUnsupportedError
from segtoolkit.pql.nodes import Call, Field, Literal, Name, Occurs, TimeWord
from segtoolkit.pql.parser import parse
from segtoolkit.pql.printer import to_text

# As written → canonical.
CANONICAL = {
    # keywords, spaces and quotes
    'a="US"AND(b>=1)': 'a = "US" and b >= 1',
    "(a = 1) OR (b = 2 AND c)": "a = 1 or b = 2 and c",
    "(a or b) and c": "(a or b) and c",
    "a and (b and c)": "a and (b and c)",
    "!a.isNull()": "not a.isNull()",
    "NOT a = 1": "not (a = 1)",
    "!!a": "not (not a)",
    "a NOTIN (1,2)": "a notIn [1, 2]",
    'a in ("US")': 'a in ["US"]',
    "((a+b))*c-(d-1)": "(a + b) * c - (d - 1)",
    "(a-b)-c": "a - b - c",
    "(a = b) = c": "(a = b) = c",
    "- a": "-a",
    "-(5)": "-(5)",
    "(-5).count()": "(-5).count()",
    "(-a).b + (-1).c": "(-a).b + (-1).c",
    # literals
    '"\\w+"': '"\\\\w+"',
    '"say \\"hi\\""': '"say \\"hi\\""',
    "[1,-2,.5,2.02E-12,1e22]": "[1, -2, 0.5, 2.02E-12, 1.0E22]",
    '{"a":1,"b":[ ]}': '{"a": 1, "b": []}',
    # names
    "a.`b`.`order-total`.`next`": "a.b.`order-total`.next",
    "`b` = `next`": "b = `next`",
    "`Sum`.`1`": "`Sum`.`1`",
    "profile.xdm:person.xdm:@id": "profile.person.`@id`",
    "a.`xdm:b`.repo:c": "a.`xdm:b`.repo:c",
    "^^.a": "^^a",
    # calls
    'a matches "x"': 'a.matches("x")',
    "if (a , b,c)": "if(a, b, c)",
    "a . map( (K,G)=>mapEntry(K , G.count()) )": "a.map((K, G) => mapEntry(K, G.count()))",
    "(K)=>K": "K => K",
    # time
    "a occurs < 1 days before now": "a occurs < 1 day before now",
    "a occurs < 2 century from now": "a occurs < 2 centuries after now",
    "a occurs = 2 millenium before b": "a occurs = 2 millennia before b",
    "a occurs within this months": "a occurs this month",
    "a occurs on today": "a occurs today",
    "a occurs date(1, 2, 3)": "a occurs on date(1, 2, 3)",
    "a occurs between last month and now": "a occurs between last month and now",
    # what binds names
    "SELECT X FROM a WHERE b , Y FROM X.c": "select X from a where b, Y from X.c",
    "some X from a : b": "exists X from a where b",
    "(all X from a : b) and c": "(forall X from a where b) and c",
    "none X from a where (one Y from b)": "none X from a where one Y from b",
    "select X from a where (exists Y from b), Z from c": (
        "select X from a where (exists Y from b), Z from c"
    ),
    "sum (X.a) over X from b": "sum X.a over X from b",
    "sum (-X) over X from b": "sum (-X) over X from b",
    "sum ([1][X]) over X from b": "sum ([1][X]) over X from b",
    "let S = (a in b) in (S)": "let S = (a in b) in S",
    # sequences
    "CHAIN(xEvent,timestamp,[not C0:what(a) when(today) count(>= 5) gap(>=3 day)])": (
        "chain(xEvent, timestamp, [!C0: WHAT(a) WHEN(today) COUNT(5) GAP(>= 3 days)])"
    ),
    "chain(a, b, [C: COUNT(< 5) WHERE(c) WHAT(d)])": "chain(a, b, [C: WHAT(d and c) COUNT(< 5)])",
    "chain(a, b, [C: WHEN(!(today or <= 1 day before now) and on c)])": (
        "chain(a, b, [C: WHEN(not (today or <= 1 day before now) and on c)])"
    ),
}


@pytest.mark.parametrize("text", CANONICAL)
def test_canonical_text(text):
    assert to_text(parse(text)) == CANONICAL[text]


@pytest.mark.parametrize("text", CANONICAL)
def test_canonical_text_is_its_own_canonical_text(text):
    assert to_text(parse(CANONICAL[text])) == CANONICAL[text]


@pytest.mark.parametrize("name", ["a`b", ""])
def test_a_name_that_pql_cannot_spell_is_refused(name):
    with pytest.raises(PQLUnsupportedError, match="cannot be written in PQL"):
        to_text(Field(Name("a"), name))


def test_a_time_without_its_timestamp_is_written_as_in_a_chain():
    when = Call("not", (Occurs(None, "on", TimeWord("today")),))

    assert to_text(when) == "not (today)"


def test_a_call_of_one_operand_is_the_operand():
    """The row filters of sources hold such an `and`."""
    assert to_text(Call("and", (Literal(value=True),))) == "true"
