"""What is refused: by which error, in which words, at which path."""

from __future__ import annotations

import pytest

from segtoolkit.errors import PQLSyntaxError, PQLTypeError
from segtoolkit.pql import nodes as n
from segtoolkit.pql.json import from_json, to_json
from segtoolkit.pql.parser import parse
from tests.pql.documents import (
    BORN,
    CITY,
    IN_ROME,
    NOW,
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
)

UNREADABLE = {
    "city": "The expression is not JSON (Expecting value, line 1, column 1); is it pql/text?",
    "": "The expression is not JSON (Expecting value, line 1, column 1); is it pql/text?",
    "3": "pql/json is an object with a `nodeType`, found `3`",
    "null": "pql/json is an object with a `nodeType`, found `null`",
    "[]": "pql/json is an object with a `nodeType`, found a list",
    "{}": "pql/json is an object with a `nodeType`, found an object without it",
    '"\\"\\\\\\"a\\\\\\"\\""': "pql/json is an object with a `nodeType`, found `a`",
    '{"nodeType": NaN}': "JSON has no number `NaN`",
    '{"nodeType": "literal", "value": -Infinity}': "JSON has no number `-Infinity`",
    '{"nodeType": "literal", "value": 1e999}': "At $.value: the number does not fit in a double",
    '{"nodeType": "literal", "value": 9223372036854775808}': (
        "At $.value: the integer does not fit in 64 bits"
    ),
    '{"nodeType": "literal", "value": ' + "9" * 5_000 + "}": (
        f"The integer `{'9' * 20}…` does not fit in 64 bits"
    ),
}


@pytest.mark.parametrize("document", UNREADABLE, ids=lambda document: document[:20])
def test_what_is_no_document_is_refused_in_a_sentence(document):
    with pytest.raises(PQLSyntaxError) as refused:
        from_json(document)

    assert str(refused.value) == UNREADABLE[document]


@pytest.mark.parametrize("document", [b"{}", None, 3, ["nodeType"], {1: 2}])
def test_what_is_neither_text_nor_mapping_is_refused(document):
    with pytest.raises(PQLSyntaxError, match="pql/json is an object with a `nodeType`"):
        from_json(document)


WHEN_TODAY = occurs(V0, "within", TODAY)
WRONG = {
    "node type": (
        call("=", CITY, {"nodeType": "litteral", "value": 1}),
        "At $.params[1].nodeType: there is no nodeType `litteral`; did you mean `literal`?",
    ),
    "node type that is no string": (
        {"nodeType": ["fnApply"]},
        "At $.nodeType: a nodeType is needed here, found a list",
    ),
    "no node": (call("not", "a"), "At $.params[0]: a node is needed here, found `a`"),
    "no node type": (call("not", {}), "At $.params[0]: the node has no `nodeType`"),
    "literal type": (
        call("=", CITY, literal("Strin", "a")),
        "At $.params[1].literalType: there is no literalType `Strin`; did you mean `String`?",
    ),
    "a unit as a value": (
        literal("TimeUnit", "days"),
        "At $: a literal of type `TimeUnit` does not belong here",
    ),
    "string": (literal("String", 5), "At $.value: a string is needed here, found `5`"),
    "integer": (
        literal("Integer", "a"),
        "At $.value: an integer is needed here, found `a`",
    ),
    "boolean integer": (
        literal("Integer", value=True),
        "At $.value: an integer is needed here, found `true`",
    ),
    "fraction": (
        literal("Integer", 1.5),
        "At $.value: an integer is needed here, found `1.5`",
    ),
    "infinite": (
        literal("Double", float("inf")),
        "At $.value: the number does not fit in a double",
    ),
    "not a number": (
        literal("Number", float("nan")),
        "At $.value: the number does not fit in a double",
    ),
    "huge": (
        literal("String", 10**5_000),
        "At $.value: a string is needed here, found an integer that does not fit in 64 bits",
    ),
    "boolean": (
        literal("Boolean", "yes"),
        "At $.value: `true` or `false` is needed here, found `yes`",
    ),
    "list": (literal("List", {}), "At $.value: a list is needed here, found an object"),
    "node in a list": (
        literal("List", [1, CITY]),
        "At $.value[1]: no literal can be an object",
    ),
    "null": (literal("Null", "nil"), 'At $.value: "null" is needed here, found `nil`'),
    "root": (
        literal("XDMObject", "profil"),
        "At $.value: there is no XDMObject `profil`; did you mean `profile`?",
    ),
    "time word": (
        literal("Timestamp", "tomorow"),
        "At $.value: there is no Timestamp `tomorow`; did you mean `tomorrow`?",
    ),
    "calendar unit": (
        {**THIS_MONTH, "unit": "mont"},
        "At $.unit: there is no unit `mont`; did you mean `month`?",
    ),
    "missing value": (
        {"nodeType": "literal", "literalType": "String"},
        "At $: the field `value` is missing",
    ),
    "missing field": (
        call("not", {"nodeType": "fieldLookup", "object": ROOT}),
        "At $.params[0]: the field `fieldName` is missing",
    ),
    "unknown field": (
        call("not", {**CITY, "index": 1}),
        (
            "At $.params[0].index: the field `index` is unknown here;"
            " known are `nodeType`, `fieldName`, `object`"
        ),
    ),
    "unknown field of a strange name": (
        {**CITY, 'a "b"': 1},
        (
            'At $["a \\"b\\""]: the field `a "b"` is unknown here;'
            " known are `nodeType`, `fieldName`, `object`"
        ),
    ),
    "field of another literal": (
        {**literal("String", "a"), "unit": "month"},
        (
            "At $.unit: the field `unit` is unknown here;"
            " known are `nodeType`, `literalType`, `value`"
        ),
    ),
    "empty name": (path(ROOT, "xdm:"), "At $.fieldName: the name is empty"),
    "position": (
        {"nodeType": "parameterReference", "position": 0},
        "At $.position: a position from 1 is needed here, found `0`",
    ),
    "braces": (
        {"nodeType": "pathReference", "fieldName": "a}"},
        "At $.fieldName: the braces in `a}` do not match",
    ),
    "variable": (path(X, "a"), "At $.object.varName: there is no variable `x` here"),
    "variable out of sight": (
        call("=", call("exists", XS, function(X, "x")), X),
        "At $.params[1].varName: there is no variable `x` here",
    ),
    "no lambda": (
        call("exists", XS, TRUE),
        "At $.params[1]: a node `lambda` is needed here, found `literal`",
    ),
    "lambda of nothing": (
        call("exists", XS, function(TRUE)),
        "At $.params[1].varNames: the list is empty",
    ),
    "no function": (
        {"nodeType": "fnApply", "params": []},
        "At $: the field `fnName` is missing",
    ),
    "two functions": (
        {**call("not", TRUE), "function": function(TRUE, "x")},
        (
            "At $.fnName: the field `fnName` is unknown here;"
            " known are `nodeType`, `function`, `params`"
        ),
    ),
    "function of two lists": (
        {"nodeType": "fnApply", "function": function(TRUE, "x"), "params": [XS, XS]},
        "At $.params: one list is needed here, found 2",
    ),
    "and of nothing": (call("and"), "At $.params: the list is empty"),
    "params": (
        {**call("not"), "params": CITY},
        "At $.params: a list is needed here, found an object",
    ),
    "no source": (
        binder("select", {"nodeType": "varDecl", "varName": "x"}),
        "At $.variables[0]: either `from` or, as in 2018, `range` is needed",
    ),
    "declaration": (
        binder("select", CITY),
        "At $.variables[0]: a node `varDecl` is needed here, found `fieldLookup`",
    ),
    "declaration alone": (declared("x", XS), "At $: a node `varDecl` does not belong here"),
    "quantifier": (
        binder("quantification", declared("x", XS), quantifier="non"),
        "At $.quantifier: there is no quantifier `non`; did you mean `none`?",
    ),
    "direction": (
        occurs(BORN, "befor", NOW),
        "At $.relation.value: there is no TimeDirection `befor`; did you mean `before`?",
    ),
    "direction of another type": (
        {**occurs(BORN, "before", NOW), "relation": literal("String", "before")},
        "At $.relation.literalType: `TimeDirection` is needed here, found `String`",
    ),
    "distance without direction": (
        occurs(BORN, "within", TODAY, distance("<=", 1, "days")),
        "At $.qualification: a distance needs the relation `before` or `after`",
    ),
    "between what": (
        occurs(BORN, "between", NOW),
        "At $.timeinterval: `between` needs a node `range` here",
    ),
    "after a range": (
        occurs(BORN, "after", {"nodeType": "range", "start": NOW, "end": NOW}),
        "At $.relation: a `range` needs the relation `within`",
    ),
    "distance to a range": (
        occurs(BORN, "within", {"nodeType": "range", "start": NOW, "end": NOW}, CITY),
        "At $.qualification: a distance does not go with a `range`",
    ),
    "no relation": (
        {"nodeType": "occurs", "timestamp": BORN, "timeinterval": NOW},
        "At $: the field `relation` is missing",
    ),
    "unit": (
        occurs(BORN, "before", NOW, distance("<=", 1, "day s")),
        (
            "At $.qualification.duration.unit.value: there is no TimeUnit `day s`;"
            " did you mean `days`?"
        ),
    ),
    "field of an element": (
        chain(element(what=IN_ROME, minCount=3)),
        (
            "At $.elements[0].minCount: the field `minCount` is unknown here;"
            " known are `nodeType`, `name`, `negated`, `what`, `when`, `count`, `gap`"
        ),
    ),
    "negated": (
        chain(element(negated="false")),
        "At $.elements[0].negated: `true` or `false` is needed here, found `false`",
    ),
    "count": (
        chain(element(count=ONE)),
        "At $.elements[0].count: a node `countQualification` is needed here, found `literal`",
    ),
    "negative count": (
        chain(
            element(
                count={
                    "nodeType": "countQualification",
                    "comparison": literal("Comparison", "="),
                    "count": literal("Integer", -1),
                }
            )
        ),
        "At $.elements[0].count.count: a whole number of events is needed here",
    ),
    "when not": (
        chain(element(when=function(call("=", V0, NOW), "v0"))),
        "At $.elements[0].when.body: `when` is made of `occurs`, `and`, `or` and `not`",
    ),
    "when and what": (
        chain(element(when=function({**call("and", WHEN_TODAY), "function": X}, "v0"))),
        (
            "At $.elements[0].when.body.function: the field `function` is unknown here;"
            " known are `nodeType`, `fnName`, `params`"
        ),
    ),
    "when another": (
        chain(element(when=function(occurs(BORN, "within", TODAY), "v0"))),
        (
            "At $.elements[0].when.body.timestamp:"
            " inside `when` the timestamp of the event, `v0`, is needed"
        ),
    ),
    "when itself": (
        chain(element(when=function(occurs(V0, "after", V0), "v0"))),
        "At $.elements[0].when.body.timeinterval.varName: there is no variable `v0` here",
    ),
    "when itself, which hides another": (
        call(
            "exists",
            XS,
            function(chain(element(when=function(occurs(V0, "after", V0), "v0"))), "v0"),
        ),
        (
            "At $.params[1].body.elements[0].when.body.timeinterval.varName:"
            " there is no variable `v0` here"
        ),
    ),
    "when of three": (
        chain(element(when=function(WHEN_TODAY, "v0", "e", "x"))),
        "At $.elements[0].when: `when` takes the timestamp and perhaps the event",
    ),
    "when with the event as a whole": (
        chain(
            element(
                when=function(
                    occurs(V0, "after", call("filter", XS, function(X, "y"))), "v0", "x"
                )
            )
        ),
        (
            "At $.elements[0].when.body.timeinterval.params[1].body:"
            " text has no name for the event inside `when`"
        ),
    ),
    "entry": (
        {"nodeType": "object", "entries": [CITY]},
        "At $.entries[0]: a node `entry` is needed here, found `fieldLookup`",
    ),
    "parameter of 2018": (
        call("exists", XS, {"nodeType": "fnCreate", "params": ["x"], "body": TRUE}),
        "At $.params[1].params[0]: an object is needed here, found `x`",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_with_its_path(name):
    document, reason = WRONG[name]

    with pytest.raises(PQLSyntaxError) as refused:
        from_json(document)

    assert str(refused.value) == reason


MISCALLED = {
    "unknown": (
        call("contians", CITY, ROME),
        "At $.fnName: there is no function `contians`; did you mean `contains`?",
    ),
    "too few": (call("=", CITY), "At $.params: `=` takes 2 operands, not 1"),
    "too many": (
        call("not", call("equals", CITY, ROME, TRUE, ONE)),
        "At $.params[0].params: `equals` takes 2 or 3 operands, not 4",
    ),
    "none": (
        call("modelInstances"),
        "At $.params: `modelInstances` takes at least 1 operands, not 0",
    ),
}


@pytest.mark.parametrize("name", MISCALLED)
def test_a_call_of_what_is_no_function_is_a_type_error(name):
    document, reason = MISCALLED[name]

    with pytest.raises(PQLTypeError) as refused:
        from_json(document)

    assert str(refused.value) == reason


def test_climbing_out_of_the_expression_is_a_type_error():
    with pytest.raises(PQLTypeError, match=r"`\^\^` climbs out of the expression"):
        to_json(parse("xs[^^a]"))


def test_occurs_without_a_timestamp_is_a_type_error():
    with pytest.raises(PQLTypeError, match="`occurs` needs a timestamp on its left"):
        to_json(n.Occurs(None, "on", n.TimeWord("today")))


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
@pytest.mark.parametrize("levels", [1_001, 20_000])
def test_a_document_that_is_nested_too_deeply_is_refused(wrap, levels):
    with pytest.raises(PQLSyntaxError, match="nested deeper than 500 levels") as refused:
        from_json(nested(levels, wrap, CITY))

    assert len(refused.value.reason) < 300


def test_lambdas_that_are_nested_too_deeply_are_refused():
    lambdas = nested(5_000, lambda inside: function(inside, "x"), CITY)

    with pytest.raises(PQLSyntaxError, match="nested deeper than 500 levels"):
        from_json(call("not", lambdas))


def test_a_when_that_is_nested_too_deeply_is_refused():
    def both(inside):
        return call("and", WHEN_TODAY, call("or", WHEN_TODAY, inside))

    when = function(nested(5_000, both, WHEN_TODAY), "v0")

    with pytest.raises(PQLSyntaxError, match="nested deeper than 500 levels"):
        from_json(chain(element(when=when)))


@pytest.mark.parametrize("text", ['{"nodeType":' * 50_000, "[" * 50_000])
def test_json_that_is_nested_too_deeply_is_refused(text):
    with pytest.raises(PQLSyntaxError, match="nested too deeply"):
        from_json(text)


def test_a_list_of_lists_that_is_nested_too_deeply_is_refused():
    with pytest.raises(PQLSyntaxError, match="nested deeper than 500 levels"):
        from_json(literal("List", nested(5_000, lambda inside: [inside], 1)))
