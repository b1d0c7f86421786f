"""The pieces of ``pql/json`` that `writing` puts together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, assert_never

from segtoolkit.pql.json.spelling import Variable
from segtoolkit.pql.nodes import Expr, ListLiteral, Literal, Name, Parameter

Json: TypeAlias = dict[str, Any]

_LITERAL_TYPES: Mapping[type, str] = {
    str: "String",
    bool: "Boolean",
    int: "Integer",
    float: "Double",
}


def node(kind: str, **fields: object) -> Json:
    """Make a node of the *fields* that are not None."""
    given = {name: value for name, value in fields.items() if value is not None}
    return {"nodeType": kind, **given}


def literal(type_: str, value: object) -> Json:
    return node("literal", literalType=type_, value=value)


def scalar(value: str | float | bool | None) -> Json:  # noqa: FBT001
    if value is None:
        return literal("Null", "null")
    return literal(_LITERAL_TYPES[type(value)], value)


def is_plain(expr: Expr) -> bool:
    """Tell whether *expr* is made of nothing but literals."""
    match expr:
        case ListLiteral(items):
            return all(map(is_plain, items))
        case _:
            return isinstance(expr, Literal)


def plain(expr: Expr) -> object:
    """Return what is plain as bare JSON."""
    match expr:
        case ListLiteral(items):
            return [plain(item) for item in items]
        case _:
            assert isinstance(expr, Literal)
            return expr.value


def reference(to: Variable) -> Json:
    match to:
        case Name(name):
            return node("varRef", varName=name)
        case Parameter(index):
            return node("parameterReference", position=index)
        case _:
            assert_never(to)


def lookup(name: str, owner: Json) -> Json:
    return node("fieldLookup", fieldName=name, object=owner)


def lambda_(names: Sequence[str], body: Json) -> Json:
    return node("lambda", varNames=list(names), body=body)


def mentions(root: Json, variable: Name) -> bool:
    """Tell whether *root* refers to *variable* anywhere."""
    wanted, waiting = reference(variable), list[Any]([root])
    while waiting:
        current = waiting.pop()
        if current == wanted:
            return True
        if isinstance(current, dict):
            waiting.extend(current.values())
        elif isinstance(current, list):
            waiting.extend(current)
    return False
