"""Text to tree, and the errors of what is not PQL."""

from __future__ import annotations

import time

import pytest

from segtoolkit.errors import PQLSyntaxError, PQLTypeError
from segtoolkit.pql.nodes import (
    Aggregation,
    CalendarUnit,
    Call,
    Chain,
    Declaration,
    Distance,
    Duration,
    Element,
    Field,
    Filter,
    Lambda,
    Let,
    ListLiteral,
    Literal,
    Model,
    Name,
    ObjectLiteral,
    Occurs,
    Parameter,
    Quantifier,
    Select,
    This,
    TimeRange,
    TimeWord,
    Up,
)
from segtoolkit.pql.parser import parse


def call(name, *args):
    return Call(name, args)


def days(comparison, count, unit="day"):
    return Distance(comparison, Duration(Literal(count), unit))


A, B, C, D, X = map(Name, "abcdX")
ONE, TWO, THREE = map(Literal, (1, 2, 3))
NOW, TODAY = TimeWord("now"), TimeWord("today")
US = Literal("US")
LAST_MONTH = CalendarUnit("last", "month")

LITERALS = {
    '"US"': US,
    '"say \\"hi\\" \\\\ "': Literal('say "hi" \\ '),
    '"\\w+\\n"': Literal("\\w+\\n"),
    '"\\\\w+"': Literal("\\w+"),
    "123": Literal(123),
    "-5": Literal(-5),
    "- 5": Literal(-5),
    "-9223372036854775808": Literal(-(2**63)),
    "0000000000000000000000001": ONE,
    "4.5": Literal(4.5),
    ".45": Literal(0.45),
    "-2.02E-12": Literal(-2.02e-12),
    "true": Literal(value=True),
    "null": Literal(None),
    '["US", 1, []]': ListLiteral((US, ONE, ListLiteral(()))),
    '{"a": 1, "b": {"c": a}}': ObjectLiteral(
        (("a", ONE), ("b", ObjectLiteral((("c", A),))))
    ),
}

PATHS = {
    "a.b": Field(A, "b"),
    "a.`order-total`.`1697`": Field(Field(A, "order-total"), "1697"),
    "`next`.b": Field(Name("next"), "b"),
    "a.xdm:tags.xdm:@id": Field(Field(A, "tags"), "@id"),
    "a.repo:createDate": Field(A, "repo:createDate"),
    "$1.a": Field(Parameter(1), "a"),
    "@{m;version=1}.a": Field(Model("m;version=1"), "a"),
    "this.head()": call("head", This()),
    "^a": Up(1, "a"),
    "^^.a.b": Field(Up(2, "a"), "b"),
    "a[b = 1]": Filter(A, call("=", B, ONE)),
    "a[this][^b]": Filter(Filter(A, This()), Up(1, "b")),
    "today.getMonth()": call("getMonth", TODAY),
}

# Words that are keywords only where what follows makes them so.
CONTEXT = {
    "a.exists.sum.last.from.in.not": Field(
        Field(Field(Field(Field(Field(A, "exists"), "sum"), "last"), "from"), "in"), "not"
    ),
    "exists = 1 and one in a": call(
        "and", call("=", Name("exists"), ONE), call("in", Name("one"), A)
    ),
    "sum + max - 1": call("-", call("+", Name("sum"), Name("max")), ONE),
    "last.name = next.name": call(
        "=", Field(Name("last"), "name"), Field(Name("next"), "name")
    ),
    "select.a": Field(Name("select"), "a"),
    "let.a": Field(Name("let"), "a"),
    "chain.a": Field(Name("chain"), "a"),
    "days occurs <= days days before now": Occurs(
        Name("days"), "before", NOW, Distance("<=", Duration(Name("days"), "day"))
    ),
    "where = on": call("=", Name("where"), Name("on")),
    "WHAT.today": Field(Name("WHAT"), "today"),
    "True = Today": call("=", Name("True"), Name("Today")),
}

OPERATORS = {
    "a = 1 and b = 2 and c": call("and", call("=", A, ONE), call("=", B, TWO), C),
    "a or b and c or d": call("or", A, call("and", B, C), D),
    "(a or b) and c": call("and", call("or", A, B), C),
    "a and (b and c)": call("and", A, call("and", B, C)),
    "not a = 1 and b": call("and", call("not", call("=", A, ONE)), B),
    "!a.isNull()": call("not", call("isNull", A)),
    "not not a": call("not", call("not", A)),
    "NOT(a) AND b Or c": call("or", call("and", call("not", A), B), C),
    "a+b*c-d": call("-", call("+", A, call("*", B, C)), D),
    "a/b%c": call("%", call("/", A, B), C),
    "2-1": call("-", TWO, ONE),
    "2 - -1": call("-", TWO, Literal(-1)),
    "-a * b": call("*", call("negate", A), B),
    "-5.count()": call("negate", call("count", Literal(5))),
    "-(5)": call("negate", Literal(5)),
    "a + 1 > b": call(">", call("+", A, ONE), B),
    'a in ["US"]': call("in", A, ListLiteral((US,))),
    'a in ("US")': call("in", A, ListLiteral((US,))),
    "a notIn (1, -2)": call("notIn", A, ListLiteral((ONE, Literal(-2)))),
    "a in (-1)": call("in", A, ListLiteral((Literal(-1),))),
    "a in ([1])": call("in", A, ListLiteral((ONE,))),
    "a in (b).c": call("in", A, Field(B, "c")),
    'a like "US"': call("like", A, US),
    'a matches "US"': call("matches", A, US),
    'a.matches("US")': call("matches", A, US),
}

CALLS = {
    'a.equals("US", false)': call("equals", A, US, Literal(value=False)),
    "currentYear() - 1": call("-", call("currentYear"), ONE),
    "date(1, 2, 3)": call("date", ONE, TWO, THREE),
    "if (a, b, c)": call("if", A, B, C),
    "a.get(b).c": Field(call("get", A, B), "c"),
    "a.map((b, c) => d)": call("map", A, Lambda(("b", "c"), D)),
    "a.map(b => c).sum(b)": call("sum", call("map", A, Lambda(("b",), C)), B),
    "(b) => c": Lambda(("b",), C),
    "`b` => c": Lambda(("b",), C),
    "(`a`, b) => c => d": Lambda(("a", "b"), Lambda(("c",), D)),
}


def declared(name, source, where=None):
    return Declaration(name, source, where)


BINDERS = {
    "select X from a": Select((declared("X", A),)),
    "SELECT X FROM a.b WHERE c OR d": Select(
        (declared("X", Field(A, "b"), call("or", C, D)),)
    ),
    "select X from a where b, Y from X.c where d": Select(
        (declared("X", A, B), declared("Y", Field(X, "c"), D))
    ),
    "exists X from a : b": Quantifier("exists", (declared("X", A, B),)),
    "some X from [1] where b": Quantifier(
        "exists", (declared("X", ListLiteral((ONE,)), B),)
    ),
    "all X from a": Quantifier("forall", (declared("X", A),)),
    "none X from a": Quantifier("none", (declared("X", A),)),
    "select X from a where some c from b where d": Select(
        (declared("X", A, Quantifier("exists", (declared("c", B, D),))),)
    ),
    "[select X from a where b, c]": ListLiteral((Select((declared("X", A, B),)), C)),
    "sum X from a where X > 1": Aggregation(
        "sum", None, (declared("X", A, call(">", X, ONE)),)
    ),
    "max X + 1 over X from a": Aggregation("max", call("+", X, ONE), (declared("X", A),)),
    "(min (b) over X from a) > 1": call(
        ">", Aggregation("min", B, (declared("X", A),)), ONE
    ),
    "let a = b in a": Let("a", B, A),
    "let a = (b in c) in a in c": Let("a", call("in", B, C), call("in", A, C)),
    "let a = b[c in d] or c in d": Let("a", call("or", Filter(B, call("in", C, D)), C), D),
    "let a = sum X from b where c in d": Let(
        "a", Aggregation("sum", None, (declared("X", B, C),)), D
    ),
    "let a = let b = 1 in c in d": Let("a", Let("b", ONE, C), D),
}

TIMES = {
    "a occurs <= 3 days before now": Occurs(A, "before", NOW, days("<=", 3)),
    "a occurs >= 1 Month AFTER today": Occurs(A, "after", TODAY, days(">=", 1, "month")),
    "a occurs < 2 centuries from b.c": Occurs(
        A, "after", Field(B, "c"), days("<", 2, "century")
    ),
    "a occurs = 1 millenium before now": Occurs(
        A, "before", NOW, days("=", 1, "millennium")
    ),
    "a occurs before b": Occurs(A, "before", B),
    "a occurs from b": Occurs(A, "after", B),
    "a occurs last month": Occurs(A, "on", LAST_MONTH),
    "a occurs within last months": Occurs(A, "on", LAST_MONTH),
    "a occurs on this": Occurs(A, "on", This()),
    "a occurs this year": Occurs(A, "on", CalendarUnit("this", "year")),
    "a occurs date(1, 2, 3)": Occurs(A, "on", call("date", ONE, TWO, THREE)),
    "a occurs between last month and b and c": call(
        "and", Occurs(A, "between", TimeRange(LAST_MONTH, B)), C
    ),
    "not a occurs today": call("not", Occurs(A, "on", TODAY)),
}


def chain(*elements):
    return Chain(A, B, elements)


def element(name, what=None, *, negated=False, **clauses):
    return Element(name, negated, what, **clauses)


def within(count):
    return Occurs(None, "before", NOW, days("<=", count))


CHAINS = {
    "chain(a, b, [C0: WHAT(c)])": chain(element("C0", C)),
    "CHAIN(a, b, [C0: WHAT(c), !C1: what(d), not C2: WHAT(c)])": chain(
        element("C0", C), element("C1", D, negated=True), element("C2", C, negated=True)
    ),
    "chain(a, b, [not: WHEN(today)])": chain(
        element("not", when=Occurs(None, "on", TODAY))
    ),
    "chain(a, b, [c: WHAT(c) COUNT(5) GAP(>= 1 day and < 2 days)])": chain(
        element("c", C, count=(">=", 5), gap=(days(">=", 1), days("<", 2)))
    ),
    "chain(a, b, [c: COUNT(< 5)])": chain(element("c", count=("<", 5))),
    "chain(a, b, [c: WHERE(c)])": chain(element("c", C)),
    "chain(a, b, [c: WHAT(c) WHERE(d)])": chain(element("c", call("and", C, D))),
    "chain(a, b, [c: WHEN(<= 4 days before now)])": chain(element("c", when=within(4))),
    "chain(a, b, [c: WHEN(between a and b or (not today and <= 4 days before now))])": chain(
        element(
            "c",
            when=call(
                "or",
                Occurs(None, "between", TimeRange(A, B)),
                call("and", call("not", Occurs(None, "on", TODAY)), within(4)),
            ),
        )
    ),
}

TREES = LITERALS | PATHS | CONTEXT | OPERATORS | CALLS | BINDERS | TIMES | CHAINS


@pytest.mark.parametrize("text", TREES)
def test_tree(text):
    assert parse(text) == TREES[text]


def test_integers_doubles_and_booleans_stay_what_they_are():
    values = [item.value for item in parse("[1, 1.0, true]").items]

    assert [type(value) for value in values] == [int, float, bool]


POSITIONS = {
    "a.b": 2,
    "a . b": 4,
    "ab = 1": 3,
    "(ab) and c": 5,
    "ab.isNull()": 3,
    " ab[c]": 3,
    "ab occurs today": 3,
    " not a": 1,
    " select X from a": 1,
}


@pytest.mark.parametrize("text", POSITIONS)
def test_a_node_knows_where_it_begins(text):
    assert parse(text).pos == POSITIONS[text]


# Text → what the message says, line, column.
SYNTAX_ERRORS = {
    "": ("Expected an operand, found end of text", 1, 1),
    "person.gender = ": ("Expected an operand, found end of text", 1, 17),
    "a and and b": ("Expected an operand, found `and`", 1, 7),
    "a = 1\nand\n  or b": ("Expected an operand, found `or`", 3, 3),
    "(a = 1": ("Expected `)`, found end of text", 1, 7),
    "a = 1)": ("Expected an operator or the end, found `)`", 1, 6),
    "a = 1 b = 2": ("found `b`; is an `and` or `or` missing?", 1, 7),
    "(a = 1 b = 2)": ("Expected `)`, found `b`; is an `and` or `or` missing?", 1, 8),
    'a startsWith "b"': ("`startsWith` is a method, as in field.startsWith(…)", 1, 3),
    "a < b < c": ("Comparisons cannot be chained", 1, 7),
    "a = b in [1]": ("Comparisons cannot be chained", 1, 7),
    "a in (1, 2) = b": ("Comparisons cannot be chained", 1, 13),
    "a occurs today = b": ("Comparisons cannot be chained", 1, 16),
    "a = not b": ("Put parentheses around `not …` here", 1, 5),
    "a and b => 3": ("did you mean `>=`?", 1, 9),
    "1 + let x = 2 in x": ("Put parentheses around `let …` here", 1, 5),
    "a.1": ("Expected an operator or the end, found `.1`", 1, 2),
    "a.": ("Expected a field or function name after `.`, found end of text", 1, 3),
    "^": ("Expected a field name after `^`", 1, 2),
    "a[]": ("Expected an operand, found `]`", 1, 3),
    "[1, ]": ("Expected an operand, found `]`", 1, 5),
    "{ a: 1 }": ('Expected a key such as "count", found `a`', 1, 3),
    "select from xEvent where a": ("Expected a variable before `from`", 1, 8),
    "select x in xEvent": ("Expected `from`, found `in`", 1, 10),
    "exists x": ("Expected `from`, found end of text", 1, 9),
    "sum x.a, 1": ("Expected `over`, found `,`", 1, 8),
    "let x = 1": ("Expected `in`, found end of text", 1, 10),
    "a occurs 3 days before": ("A distance needs a comparison", 1, 10),
    "a occurs <= 3 before now": ("Expected a unit such as `days`, found `before`", 1, 15),
    "a occurs <= 3 days now": ("Expected `before` or `after`, found `now`", 1, 20),
    "a occurs between b": ("Expected `and`, found end of text", 1, 19),
    "chain(a, b, [])": ("Expected the name of an element", 1, 14),
    "chain(a, b, [C0 WHAT(c)])": ("Expected `:`, found `WHAT`", 1, 17),
    "chain(a, b, [c: WHAT(d) WHAT(d)])": ("`WHAT` is given twice", 1, 25),
    "chain(a, b, [c: COUNT(d)])": ("Expected a whole number of events", 1, 23),
    "chain(a, b, [c: GAP(3 days)])": ("Expected a comparison such as `<=`", 1, 21),
    "9223372036854775808": ("does not fit in 64 bits", 1, 1),
    "-9223372036854775809": ("does not fit in 64 bits", 1, 2),
    "a = 1e999": ("does not fit in a double", 1, 5),
    f"a = {'9' * 30}": ("does not fit in 64 bits", 1, 5),
    "a.`isNull`()": ("Expected an operator or the end, found `(`", 1, 11),
}

# What is written out of habit from other languages → what the message says to write, column.
HABITS = {
    "a.b is null": ("found `is`; write `a.b.isNull()`", 5),
    "(a) IS NOT NULL and b": ("found `IS`; write `field.isNotNull()`", 5),
    "[a is null]": ("Expected `]`, found `is`; write `a.isNull()`", 4),
    "a is not 5": ("write `a != …`", 3),
    "a is true": ("write `a = …`", 3),
    "a = 1 and $1.b eq 5": ("write `$1.b = …`", 16),
    "a not in [1]": ("write `a notIn …`", 3),
    'a not like "x"': ("write `not (a like …)`", 3),
    'a does not contain "x"': ("write `a.doesNotContain(…)`", 3),
    '`a`.b starts with "x"': ("write ``a`.b.startsWith(…)`", 7),
    "a between 1 and 5": ("write `a >= 1 and a <= 5`", 3),
    "a between b and c": ("write `a >= … and a <= …`", 3),
    "a between today and now": ("write `a occurs between …`", 3),
    "a occurs in last 30 days": ("write `occurs <= 30 days before now`", 10),
    "a occurs IN the past 2 Weeks": ("write `occurs <= 2 weeks before now`", 10),
    "a occurs within last 30 days": ("write `occurs <= 30 days before now`", 22),
    "a occurs next 3 months": ("write `occurs <= 3 months after now`", 15),
    "a occurs within 30 days": ("as in occurs <= 30 days before now", 17),
    "a occurs <= 30 days ago": ("write `before now`", 21),
    "a occurs in last month": ("leave out `in`", 10),
    "a occur today": ("did you mean `occurs`?", 3),
    "FROM xEvent e WHERE e.x = 1": ("write `select e from xEvent where e.…`", 6),
    "select * from xEvent": ("write `select e from xEvent where e.…`", 15),
    "select count(*) from xEvent": ("write `select e from xEvent where e.…`", 13),
    "case when a then 1 end": ("write `if(test, a, b)`", 6),
    "if a then 1": ("write `if(test, a, b)`", 4),
    "a occurs <= 3 days before now()": ("write `now`, without parentheses", 30),
    "a > 1,000": ("write 1000 for 1,000", 6),
    "(a > 1,000,000.5)": ("write 1000000.5 for 1,000,000.5", 7),
    "a > 50%": ("write 0.5 or 50 for 50%", 8),
    "(a > 2.5%) and b": ("write 0.025 or 2.5 for 2.5%", 10),
}


@pytest.mark.parametrize("text", HABITS)
def test_a_habit_from_another_language_is_answered_with_what_to_write(text):
    said, column = HABITS[text]

    with pytest.raises(PQLSyntaxError) as refused:
        parse(text)

    assert said in refused.value.reason
    assert refused.value.column == column


NO_HABITS = ["is a", "a > 1, 000", "a > 1,00", "{ is: 1 }", "a occurs 3 4"]


@pytest.mark.parametrize("text", [*NO_HABITS, f"{'a' * 1000} is null"])
def test_what_is_no_habit_gets_no_remedy(text):
    with pytest.raises(PQLSyntaxError) as refused:
        parse(text)

    assert "write" not in refused.value.reason


@pytest.mark.parametrize("text", SYNTAX_ERRORS)
def test_syntax_error_says_what_is_wrong_and_where(text):
    reason, line, column = SYNTAX_ERRORS[text]

    with pytest.raises(PQLSyntaxError) as refused:
        parse(text)

    assert reason in refused.value.reason
    assert (refused.value.line, refused.value.column) == (line, column)


CALL_ERRORS = {
    'a.contians("x")': ("There is no function `contians`; did you mean `contains`?", 3),
    "a.isnull()": ("There is no function `isnull`; did you mean `isNull`?", 3),
    "INSEGMENT(1)": ("There is no function `INSEGMENT`; did you mean `inSegment`?", 1),
    "lower(a)": ("no function `lower`; `.equals(…, false)` compares without case", 1),
    "a.toUpperCase()": ("`.equals(…, false)` compares without case", 3),
    "DATEDIFF(a, b)": ("compared as in `timestamp occurs <= 3 days before now`", 1),
    "a.frobnicate()": ("There is no function `frobnicate`", 3),
    "topN(a, b, 1)": ("`topN` is written after its operand, as in field.topN(…)", 1),
    'a.inSegment("x")': ("`inSegment` is written before its operands", 3),
    'a.like("x")': ("`like` is written between its operands, as in a like b", 3),
    "a.equals()": ("`equals` takes 1 or 2 arguments, not 0", 3),
    "a.isNull(1)": ("`isNull` takes 0 arguments, not 1", 3),
    "a.exists()": ("`exists` takes 1 argument, not 0", 3),
    "if(a, b)": ("`if` takes 3 arguments, not 2", 1),
    "modelInstances()": ("`modelInstances` takes at least 1 argument, not 0", 1),
}


@pytest.mark.parametrize("text", CALL_ERRORS)
def test_a_wrong_call_names_the_remedy(text):
    reason, column = CALL_ERRORS[text]

    with pytest.raises(PQLTypeError) as refused:
        parse(text)

    assert reason in refused.value.reason
    assert refused.value.column == column


def test_an_error_shows_the_line_and_a_caret():
    with pytest.raises(PQLSyntaxError) as refused:
        parse("a = 1\n  and b = = 2")

    assert str(refused.value).splitlines()[1:] == ["    and b = = 2", "            ^"]


NESTED = {
    "parentheses": ("(", "a", ")"),
    "not": ("not (", "a", ")"),
    "and": ("(b and ", "a", ")"),
    "minus": ("-", "a", ""),
    "lists": ("[", "1", "]"),
    "objects": ('{"a": ', "1", "}"),
    "filters": ("a[", "b", "]"),
    "methods": ("a.map(", "b", ")"),
    "functions": ("if(a, ", "b", ", c)"),
    "lambdas": ("a => ", "b", ""),
    "lets": ("let a = b in ", "c", ""),
    "times": ("a occurs (", "b", ")"),
}


@pytest.mark.parametrize("name", NESTED)
def test_a_hundred_levels_are_read(name):
    before, core, after = NESTED[name]

    assert parse(before * 100 + core + after * 100)


DEEPER = NESTED | {
    "selections": ("select a from b where ", "c", ""),
    "sources": ("select a from (", "b", ")"),
    "chains": ("chain(a, b, [c: WHAT(", "d", ")])"),
    "distances": ("a occurs <= (", "1", ") days before now"),
    "ranges": ("a occurs between (", "b", ") and c"),
    "chained distances": ("chain(a, b, [c: WHEN(<= ", "1", " days before now)])"),
    "everything": ("a or b and not c = d + e * -(", "f", ")"),
    "sums": ("a + ", "a", ""),
    "paths": ("a.", "a", ""),
}


@pytest.mark.parametrize("levels", [1_001, 20_000])
@pytest.mark.parametrize("name", DEEPER)
def test_what_is_nested_too_deeply_is_refused(name, levels):
    """The depth of the tree is bounded as well, because others have to walk it."""
    before, core, after = DEEPER[name]

    with pytest.raises(PQLSyntaxError, match="nested deeper than 500 levels"):
        parse(before * levels + core + after * levels)


@pytest.mark.parametrize("word", ["and", "or"])
def test_thousands_of_terms_are_one_flat_call(word):
    expr = parse(f" {word} ".join(f'a = "{number}"' for number in range(5000)))

    assert expr.name == word
    assert len(expr.args) == 5000


def test_thousands_of_items_are_one_list():
    assert len(parse(f"a in [{', '.join(['1'] * 50_000)}]").args[1].items) == 50_000


def test_reading_is_fast():
    """A thousand typical expressions take well under a second."""
    text = (
        'homeAddress.country.equals("US", false) and loyalty.points >= 1000.0 and '
        'chain(xEvent, timestamp, [C0: WHAT(eventType = "purchase") WHEN(<= 7 days before now)])'
    )
    begin = time.process_time()
    for _ in range(1000):
        parse(text)

    assert time.process_time() - begin < 1
