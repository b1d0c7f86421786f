"""Builders of pql/json, one for each kind of node."""

from __future__ import annotations

ROOT = {"nodeType": "parameterReference", "position": 1}
OLD_ROOT = {"nodeType": "literal", "literalType": "XDMObject", "value": "profile"}


def literal(type_, value):
    return {"nodeType": "literal", "literalType": type_, "value": value}


def call(name, *params):
    return {"nodeType": "fnApply", "fnName": name, "params": list(params)}


def path(owner, *names):
    for name in names:
        owner = {"nodeType": "fieldLookup", "fieldName": name, "object": owner}
    return owner


def variable(name):
    return {"nodeType": "varRef", "varName": name}


def function(body, *names):
    return {"nodeType": "lambda", "varNames": list(names), "body": body}


def declared(name, source, where=None):
    node = {"nodeType": "varDecl", "varName": name, "from": source}
    return node if where is None else {**node, "where": where}


def binder(kind, *variables, **more):
    return {"nodeType": kind, "variables": list(variables), **more}


def occurs(timestamp, direction, reference, distance=None):
    node = {
        "nodeType": "occurs",
        "timestamp": timestamp,
        "timeinterval": reference,
        "relation": literal("TimeDirection", direction),
    }
    return node if distance is None else {**node, "qualification": distance}


def distance(comparison, count, unit):
    return {
        "nodeType": "timeQualification",
        "comparison": literal("Comparison", comparison),
        "duration": {
            "nodeType": "duration",
            "count": literal("Integer", count),
            "unit": literal("TimeUnit", unit),
        },
    }


def chain(*elements):
    return {
        "nodeType": "chain",
        "array": path(ROOT, "xEvent"),
        "timestampField": function(path(variable("v0"), "timestamp"), "v0"),
        "elements": list(elements),
    }


def element(**fields):
    return {"nodeType": "element", "name": "C0", "negated": False, **fields}


CITY, XS = path(ROOT, "city"), path(ROOT, "xs")
V0, X, Y = map(variable, ("v0", "x", "y"))
ONE, ROME, TRUE = (
    literal("Integer", 1),
    literal("String", "Rome"),
    literal("Boolean", value=True),
)
TODAY, NOW = literal("Timestamp", "today"), literal("Timestamp", "now")
BORN = path(ROOT, "born")
THIS_MONTH = {
    "nodeType": "literal",
    "literalType": "TimeInterval",
    "relation": "this",
    "unit": "month",
}
IN_ROME = function(call("=", path(V0, "city"), ROME), "v0")


def nested(levels, wrap, inside):
    for _ in range(levels):
        inside = wrap(inside)
    return inside


WRAPS = {
    "not": lambda inside: call("not", inside),
    "exists": lambda inside: call("exists", XS, function(inside, "x")),
    "field": lambda inside: path(inside, "a"),
    "list": lambda inside: {"nodeType": "list", "items": [inside, CITY]},
}
