"""pql/json to a tree and back: three generations, scopes, depth."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from segtoolkit.pql import nodes as n
from segtoolkit.pql.json import from_json, to_json
from segtoolkit.pql.parser import parse
from segtoolkit.pql.printer import to_text
from segtoolkit.pql.resolve import World, resolve
from segtoolkit.pql.types import (
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    ListOf,
    MapOf,
    Schema,
    Struct,
)
from tests.pql.documents import (
    BORN,
    CITY,
    IN_ROME,
    NOW,
    OLD_ROOT,
    ONE,
    ROME,
    ROOT,
    THIS_MONTH,
    TODAY,
    TRUE,
    V0,
    WRAPS,
    XS,
    X,
    Y,
    binder,
    call,
    chain,
    declared,
    distance,
    element,
    function,
    literal,
    nested,
    occurs,
    path,
    variable,
)
from tests.pql.settled import settled

# Text and the very document that is written for it; either is read as the other.
BOTH_WAYS = {
    "city": CITY,
    'city = "Rome"': call("=", CITY, ROME),
    "a.b.c": path(ROOT, "a", "b", "c"),
    "$1": ROOT,
    "$2.a": path({"nodeType": "parameterReference", "position": 2}, "a"),
    "5": literal("Integer", 5),
    "5.0": literal("Double", 5.0),
    "true": TRUE,
    "a = null": call("=", path(ROOT, "a"), literal("Null", "null")),
    '["a", 1, [2.0, null]]': literal("List", ["a", 1, [2.0, None]]),
    "today.getMonth() = currentMonth()": call(
        "=", call("getMonth", TODAY), call("currentMonth")
    ),
    "a and b and c": call("and", *(path(ROOT, name) for name in "abc")),
    "not a": call("not", path(ROOT, "a")),
    'city.equals("Rome", true)': call("equals", CITY, ROME, TRUE),
    'inSegment("Rome")': call("inSegment", ROME),
    'xs.get("Rome").a': path(call("get", XS, ROME), "a"),
    # An item is the variable of a lambda.
    'xs.exists(city = "Rome")': call("exists", XS, IN_ROME),
    'xs[city = "Rome"]': call("filter", XS, IN_ROME),
    "xs.topN(a, 1)": call("topN", XS, function(path(V0, "a"), "v0"), ONE),
    "xs.sum(a)": call("sum", XS, function(path(V0, "a"), "v0")),
    "xs.sum()": call("sum", XS),
    "xs.exists(this = 1)": call("exists", XS, function(call("=", V0, ONE), "v0")),
    "xs.exists($1.city)": call("exists", XS, function(CITY, "v0")),
    "xs.exists(xEvent)": call("exists", XS, function(path(ROOT, "xEvent"), "v0")),
    "xs[ys[^a = b]]": call(
        "filter",
        XS,
        function(
            call(
                "filter",
                path(V0, "ys"),
                function(call("=", path(V0, "a"), path(variable("v1"), "b")), "v1"),
            ),
            "v0",
        ),
    ),
    # The outer item itself has no name in text but that of a variable.
    "xs.exists(x => ys.exists(x in this))": call(
        "exists",
        XS,
        function(
            call("exists", path(X, "ys"), function(call("in", X, V0), "v0")),
            "x",
        ),
    ),
    "xs.map((K, G) => mapEntry(K, G.a))": call(
        "map",
        XS,
        function(call("mapEntry", variable("K"), path(variable("G"), "a")), "K", "G"),
    ),
    "xs.map(x => y => 1)": call("map", XS, function(function(ONE, "y"), "x")),
    # Variables of the text keep their names, and hide fields.
    "select X from xs where X.a = a": binder(
        "select",
        declared("X", XS, call("=", path(variable("X"), "a"), path(ROOT, "a"))),
    ),
    "select X from xs, Y from X.ys where Y = X": binder(
        "select",
        declared("X", XS),
        declared("Y", path(variable("X"), "ys"), call("=", variable("Y"), variable("X"))),
    ),
    "select x from xs where $1.x": binder("select", declared("x", XS, path(ROOT, "x"))),
    "select x from xs where xs.exists(this.x)": binder(
        "select",
        declared("x", XS, call("exists", XS, function(path(V0, "x"), "v0"))),
    ),
    "exists x from xs where x": binder("exists", declared("x", XS, X)),
    "forall x from xs where x": binder("forall", declared("x", XS, X)),
    "none x from xs": binder("quantification", declared("x", XS), quantifier="none"),
    "one x from xs": binder("quantification", declared("x", XS), quantifier="one"),
    "sum x from xs": binder("sum", declared("x", XS)),
    "average x.a over x from xs": binder(
        "average", declared("x", XS), aggExpr=path(X, "a")
    ),
    "let x = 1 in x + a": {
        "nodeType": "let",
        "varName": "x",
        "value": ONE,
        "body": call("+", X, path(ROOT, "a")),
    },
    # Times.
    "born occurs this month": occurs(BORN, "within", THIS_MONTH),
    "born occurs on date(1, 1, 1)": occurs(BORN, "within", call("date", ONE, ONE, ONE)),
    "born occurs after city": occurs(BORN, "after", CITY),
    "born occurs <= 1 day before now": occurs(
        BORN, "before", NOW, distance("<=", 1, "days")
    ),
    "born occurs between today and now": occurs(
        BORN, "within", {"nodeType": "range", "start": TODAY, "end": NOW}
    ),
    # Chains.
    'chain(xEvent, timestamp, [C0: WHAT(city = "Rome")])': chain(element(what=IN_ROME)),
    "chain(xEvent, timestamp, [!C0: WHEN(<= 3 months before now)])": chain(
        element(
            negated=True,
            when=function(occurs(V0, "before", NOW, distance("<=", 3, "months")), "v0"),
        )
    ),
    "chain(xEvent, timestamp, [C0: WHEN(today or not (after city))])": chain(
        element(
            when=function(
                call(
                    "or",
                    occurs(V0, "within", TODAY),
                    call("not", occurs(V0, "after", path(variable("v1"), "city"))),
                ),
                "v0",
                "v1",
            )
        )
    ),
    "chain(xEvent, timestamp, [C0: COUNT(= 3) GAP(>= 1 day and < 2 weeks)])": chain(
        element(
            count={
                "nodeType": "countQualification",
                "comparison": literal("Comparison", "="),
                "count": literal("Integer", 3),
            },
            gap=[distance(">=", 1, "days"), distance("<", 2, "weeks")],
        )
    ),
    # Of these no document is known.
    "@{_xdm.context;version=1}.a": path(
        {"nodeType": "pathReference", "fieldName": "_xdm.context;version=1"}, "a"
    ),
    "-a": call("negate", path(ROOT, "a")),
    "[a, 1]": {"nodeType": "list", "items": [path(ROOT, "a"), ONE]},
    '{"k": a}': {
        "nodeType": "object",
        "entries": [{"nodeType": "entry", "key": "k", "value": path(ROOT, "a")}],
    },
}


@pytest.mark.parametrize("text", BOTH_WAYS)
def test_a_text_is_written_as_json(text):
    assert to_json(parse(text)) == BOTH_WAYS[text]


@pytest.mark.parametrize("text", BOTH_WAYS)
def test_json_is_read_as_a_text(text):
    assert to_text(from_json(BOTH_WAYS[text])) == text


# Other spellings of the same.
ALSO_READ = {
    "the profile of 2020": (path(OLD_ROOT, "a"), "a"),
    "the profile left out": ({"nodeType": "fieldLookup", "fieldName": "a"}, "a"),
    "a prefixed field": (path(ROOT, "xdm:a", "xdm:@id"), "a.`@id`"),
    "another prefix": (path(ROOT, "a", "repo:b"), "a.repo:b"),
    "no type": ({"nodeType": "literal", "value": 1.5}, "1.5"),
    "no type, null": ({"nodeType": "literal", "value": None}, "null"),
    "no type, list": ({"nodeType": "literal", "value": [1]}, "[1]"),
    "a type of 2018": (literal("string", "a"), '"a"'),
    "an integer of 2018": (literal("integer", "6"), "6"),
    "a double of 2018": (literal("double", "-6.5e1"), "-65.0"),
    "a boolean of 2018": (literal("boolean", "true"), "true"),
    "a double without a fraction": (literal("Double", 65), "65.0"),
    "an integer with a fraction": (literal("Integer", 6.0), "6"),
    "a whole number": (literal("Number", 6), "6"),
    "a number": (literal("Number", 6.5), "6.5"),
    "a JSON null": (literal("Null", None), "null"),
    "the literal first": (call("=", ROME, CITY), '"Rome" = city'),
    "an upper-case NOT": (call("NOT", CITY), "not city"),
    "and of one": (call("and", CITY), "city"),
    "and of and": (
        call("and", CITY, call("AND", ONE, call("and", TRUE))),
        "city and 1 and true",
    ),
    "or of and of or": (
        call("or", call("and", call("or", ONE, TRUE)), CITY),
        "1 or true or city",
    ),
    "a lambda around the whole": (function(path(X, "a"), "x"), "a"),
    "two parameters": (
        function(call("=", path(X, "a"), path(Y, "a")), "x", "y"),
        "a = $2.a",
    ),
    "a lambda of 2018": (
        call(
            "exists",
            XS,
            {"nodeType": "fnCreate", "params": [{"varName": "x"}], "body": path(X, "a")},
        ),
        "xs.exists(a)",
    ),
    "a function of 2018": (
        {"nodeType": "fnApply", "function": function(path(X, "a"), "x"), "params": [XS]},
        "xs[a]",
    ),
    "a set of 2018": (
        binder(
            "set",
            CITY,
            {"nodeType": "varDecl", "varName": "_", "range": path(variable("_"), "xs")},
            call("=", path(variable("_"), "a"), ONE),
            path(variable("_"), "b"),
        ),
        "city and (select _ from xs where _.a = 1 and _.b)",
    ),
    "a set of 2018 inside": (
        binder("select", declared("_", XS, binder("set", path(variable("_"), "a")))),
        "select _ from xs where _.a",
    ),
    "some of 2018": (
        binder("quantification", declared("x", XS, X), quantifier="some"),
        "exists x from xs where x",
    ),
    "all of 2018": (
        binder("quantification", declared("x", XS, X), quantifier="all"),
        "forall x from xs where x",
    ),
    "a condition": (
        binder("exists", declared("x", XS), condition=X),
        "exists x from xs where x",
    ),
    "a condition besides": (
        binder("exist", declared("x", XS, CITY), condition=X),
        "exists x from xs where city and x",
    ),
    "a singular unit": (
        occurs(BORN, "from", TODAY, distance(">=", 2, "month")),
        "born occurs >= 2 months after today",
    ),
    "a range without relation": (
        {
            "nodeType": "occurs",
            "timestamp": BORN,
            "timeinterval": {"nodeType": "range", "start": TODAY, "end": NOW},
        },
        "born occurs between today and now",
    ),
    "a lambda whose variable is hidden": (
        call("exists", XS, function(call("exists", path(X, "ys"), function(X, "x")), "x")),
        "xs.exists(ys.exists(this))",
    ),
    "a variable of a field's name": (
        call(
            "exists",
            XS,
            function(
                call("exists", path(X, "x"), function(call("=", X, path(Y, "x")), "y")), "x"
            ),
        ),
        "xs.exists(x_ => x.exists(x_ = x))",
    ),
    "a variable of a field's name and of another's": (
        binder(
            "select",
            declared(
                "x_",
                XS,
                call(
                    "exists",
                    XS,
                    function(
                        call(
                            "exists",
                            path(X, "x"),
                            function(call("=", X, variable("x_")), "y"),
                        ),
                        "x",
                    ),
                ),
            ),
        ),
        "select x_ from xs where xs.exists(x__ => x.exists(x__ = x_))",
    ),
    "an item's own xEvent": (
        call("exists", XS, function(path(X, "xEvent"), "x")),
        "xs.exists(this.xEvent)",
    ),
    "an outer item's own xEvent": (
        call(
            "exists",
            XS,
            function(call("exists", XS, function(path(X, "xEvent"), "y")), "x"),
        ),
        "xs.exists(x => $1.xs.exists(x.xEvent))",
    ),
}


@pytest.mark.parametrize("name", ALSO_READ)
def test_another_spelling_is_read(name):
    document, text = ALSO_READ[name]

    assert to_text(from_json(document)) == text


@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_a_document_may_be_a_string_in_a_string(times):
    document = call("=", CITY, literal("String", 'say "hi"'))
    for _ in range(times):
        document = json.dumps(document)

    assert from_json(document) == parse('city = "say \\"hi\\""')


# Texts that come back otherwise: their meaning, one spelling for each.
NORMAL = {
    "(P) => P.a = P.b": "a = b",
    "$1.a": "a",
    "this.a": "a",
    "xs.filter(a)": "xs[a]",
    "xs.exists(x => x.a = x)": "xs.exists(a = this)",
    "xs.exists(x => a)": "xs.exists(a)",
    "xs[ys[^^a = ^b]]": "xs[ys[$1.a = ^b]]",
    "xs[$1.xEvent]": "xs[xEvent]",
    "xs[^xEvent]": "xs[xEvent]",
    "a and (b and c)": "a and b and c",
    "xs.exists(x => (select x from ys where x = a))": "xs.exists(select x from ys where x = a)",
    "xs.exists(x => ys.exists(x => ^a = x))": "xs.exists(ys.exists(^a = this))",
    # v0 and v1 are what the variables of implicit lambdas are called otherwise.
    "xs.exists(v0 = v1)": "xs.exists(v0 = v1)",
    "select v0 from xs where ys.exists(a = v0)": "select v0 from xs where ys.exists(a = v0)",
    "xs.exists(x => ys.exists(v0 = x))": "xs.exists(x => ys.exists(v0 = x))",
}


@pytest.mark.parametrize("text", NORMAL)
def test_a_text_comes_back_in_its_normal_spelling(text):
    assert to_text(from_json(to_json(parse(text)))) == NORMAL[text]


ITEM = Struct({"price": DOUBLE, "name": STRING, "parts": ListOf(Struct({"name": STRING}))})
PROFILE = Struct(
    {
        "name": STRING,
        "points": INTEGER,
        "born": TIME,
        "tags": ListOf(STRING),
        "orders": ListOf(ITEM),
        "segmentMembership": MapOf(MapOf(Struct({"status": STRING}))),
    }
)
EVENT = Struct({"timestamp": TIME, "type": STRING, "sent": TIME, "items": ListOf(ITEM)})
WORLD = World(Schema(PROFILE, EVENT), datetime(2024, 5, 20, tzinfo=UTC))
MEANT = (
    'name = "x" and points > 5 and not (born occurs >= 18 years before today)',
    '$1.name.equals("x", false) or (P => P.points = P.points)',
    'segmentMembership.get("ups").get("1").status in ["realized", "existing"]',
    "orders[price > 5 and name = ^name]",
    "orders.exists(parts.exists(name = ^name and name != ^^name))",
    "orders.exists(o => parts.exists(p => o.name = p.name and ^name = $1.name))",
    "orders.exists(orders => parts.exists(orders => ^name = orders.name))",
    "orders[price > 5].count() >= 2 and orders.sum(price) > orders.average(o => o.price)",
    'tags.exists(this.startsWith("a"))',
    "exists o from orders where o.name = name and o.parts.exists(name = o.name)",
    "forall name from orders where name.price > points and name.name != $1.name",
    "(select E from xEvent where E.type = name and E.timestamp occurs last month).count() > 1",
    'xEvent[type = "a" and items.exists(name = ^type)].count() = 1',
    'orders.exists(xEvent[type = "a"].count() > 1)',
    "(sum o.price over o from orders where o.name = name) > 100",
    "let x = points in x > 5 and orders.exists(price > x)",
    (
        'chain(xEvent, timestamp, [C0: WHAT(type = "a" and items.exists(name = ^type))'
        " WHEN(<= 3 days before now and not (after sent)) COUNT(>= 2)])"
    ),
)


@pytest.mark.parametrize("text", MEANT)
def test_json_keeps_the_meaning(text):
    expr = parse(text)

    assert resolve(from_json(to_json(expr)), WORLD) == resolve(expr, WORLD)


@pytest.mark.parametrize("name", ["not", "list"])
def test_the_deepest_text_comes_back_from_json(name):
    text = {"not": "not (" * 119 + "a" + ")" * 119, "list": "[" * 119 + "a" + "]" * 119}[
        name
    ]

    assert from_json(to_json(parse(text))) == parse(text)


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
def test_a_hundred_levels_are_read_and_written_again(wrap):
    document = nested(100, wrap, CITY)

    text = to_text(from_json(json.dumps(document)))

    assert settled(to_json(parse(text))) == settled(document)


def test_thousands_of_nested_ors_are_one():
    document = nested(5_000, lambda inside: call("or", inside, ONE), CITY)

    assert from_json(document) == n.Call("or", (n.Name("city"), *[n.Literal(1)] * 5_000))
