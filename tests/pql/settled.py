"""A canonical form of pql/json, in which documents of one meaning and one structure are equal.

Independent of the code under test: it knows nothing of texts. Lambdas' variables are numbered, nested
``and``s are one, the ways to write the profile and its fields are one.
"""

from __future__ import annotations

PROFILE = {"nodeType": "parameterReference", "position": 1}
TYPES = {
    str: "String",
    bool: "Boolean",
    int: "Integer",
    float: "Double",
    list: "List",
    type(None): "Null",
}
WITH_VARIABLES = (
    *("select", "exists", "forall", "quantification"),
    *("sum", "average", "min", "max"),
)


def settled(node, names=None, depth=0):
    names = names or {}
    if isinstance(node, list):
        return [settled(item, names, depth) for item in node]
    if not isinstance(node, dict):
        return node
    special = SPECIAL.get(node.get("nodeType"))
    return special(node, names, depth) if special else _fields(node, names, depth)


def _fields(node, names, depth):
    return {key: settled(value, names, depth) for key, value in node.items()}


def _literal(node, names, depth):
    if node.get("literalType") == "XDMObject":
        return PROFILE
    if "literalType" in node:
        return node
    value = node["value"]
    shown = "null" if value is None else value
    return {"literalType": TYPES[type(value)], **node, "value": shown}


def _lookup(node, names, depth):
    fields = _fields({"object": PROFILE, **node}, names, depth)
    return {**fields, "fieldName": node["fieldName"].removeprefix("xdm:")}


def _variable(node, names, depth):
    return {**node, "varName": names.get(node["varName"], node["varName"])}


def _lambda(node, names, depth):
    numbered = {name: f"#{depth}.{i}" for i, name in enumerate(node["varNames"])}
    body = settled(node["body"], {**names, **numbered}, depth + 1)
    return {**node, "varNames": list(numbered.values()), "body": body}


def _let(node, names, depth):
    value = settled(node["value"], names, depth)
    inner = {k: v for k, v in names.items() if k != node["varName"]}
    return {**node, "value": value, "body": settled(node["body"], inner, depth)}


def _with_variables(node, names, depth):
    variables = []
    for declared in node["variables"]:
        source = settled(declared["from"], names, depth)
        names = {k: v for k, v in names.items() if k != declared["varName"]}
        variables.append({**_fields(declared, names, depth), "from": source})
    return {**_fields(node, names, depth), "variables": variables}


def _call(node, names, depth):
    fields = _fields(node, names, depth)
    if node["fnName"].lower() == "not":
        return {**fields, "fnName": "not"}
    if node["fnName"] not in ("and", "or"):
        return fields
    terms = []
    for term in fields["params"]:
        is_nested = term.get("fnName") == node["fnName"]
        terms.extend(term["params"] if is_nested else [term])
    return terms[0] if len(terms) == 1 else {**fields, "params": terms}


SPECIAL = {
    "literal": _literal,
    "fieldLookup": _lookup,
    "varRef": _variable,
    "lambda": _lambda,
    "let": _let,
    "fnApply": _call,
    **dict.fromkeys(WITH_VARIABLES, _with_variables),
}
