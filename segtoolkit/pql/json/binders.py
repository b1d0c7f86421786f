"""What binds names: lambdas, ``let``, ``select``, quantifiers, aggregations, and the set of 2018."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal as OneOf

from segtoolkit.pql.json.document import Place
from segtoolkit.pql.json.joining import joined
from segtoolkit.pql.json.scope import PROFILE, Scope
from segtoolkit.pql.nodes import (
    Aggregation,
    Declaration,
    Expr,
    Lambda,
    Let,
    Quantifier,
    Select,
)

_KINDS: Mapping[str, OneOf["exists", "forall", "none", "one"]] = {
    "exists": "exists",
    "exist": "exists",
    "some": "exists",
    "forall": "forall",
    "all": "forall",
    "none": "none",
    "one": "one",
}
_AGGREGATIONS: Mapping[str, OneOf["sum", "average", "min", "max"]] = {
    "sum": "sum",
    "average": "average",
    "min": "min",
    "max": "max",
}
LAMBDAS = ("lambda", "fnCreate")


def over_item(place: Place, scope: Scope) -> Expr:
    """Read the lambda at *place*; one over a single item becomes what text writes instead."""
    names, body = opened(place)
    if len(names) != 1:
        return lambda_(place, scope)
    item = scope.item(names[0])
    inside = scope.inside(item, names[0]).read(body)
    # Text would take a lambda that stands alone for the one over the item.
    if item.name is not None and (item.is_named or isinstance(inside, Lambda)):
        return Lambda((item.name,), inside)
    return inside


def opened(place: Place) -> tuple[list[str], Place]:
    """Return the variables of the lambda at *place*, and its body."""
    kind = place.kind()
    if kind not in LAMBDAS:
        raise place.wrong(f"a node `lambda` is needed here, found `{kind}`")
    if kind == "lambda":
        names = [name.name() for name in place.some("varNames")]
    else:
        names = [_param_of_2018(param) for param in place.some("params")]
    return names, place.child("body", levels=0)


def _param_of_2018(param: Place) -> str:
    param.object_with("varName")
    return param.child("varName").name()


def lambda_(place: Place, scope: Scope) -> Lambda:
    names, body = opened(place)
    inside = scope.declare(*names).read(replace(body, depth=body.depth + 1))
    return Lambda(tuple(names), inside)


def let(place: Place, scope: Scope) -> Let:
    name = place.child("varName").name()
    value = scope.read(place.child("value"))
    return Let(name, value, scope.declare(name).read(place.child("body")))


def select(place: Place, scope: Scope) -> Select:
    return Select(_declarations(place, scope)[0])


def quantifier(place: Place, scope: Scope) -> Quantifier:
    declarations, inner = _declarations(place, scope)
    if place.has("condition"):
        condition = inner.read(place.child("condition"))
        declarations = (*declarations[:-1], _restricted(declarations[-1], condition))
    return Quantifier(_KINDS[place.kind()], declarations)


def quantification(place: Place, scope: Scope) -> Quantifier:
    kind = _KINDS[place.child("quantifier").one_of(_KINDS, "quantifier")]
    return Quantifier(kind, _declarations(place, scope)[0])


def aggregation(place: Place, scope: Scope) -> Aggregation:
    declarations, inner = _declarations(place, scope)
    value = inner.read(place.child("aggExpr")) if place.has("aggExpr") else None
    return Aggregation(_AGGREGATIONS[place.kind()], value, declarations)


def _declarations(place: Place, scope: Scope) -> tuple[tuple[Declaration, ...], Scope]:
    """Read the variables of *place*, each of which sees those before it."""
    found = []
    for variable in place.some("variables"):
        declared, scope = _declaration(variable, scope)
        found.append(declared)
    return tuple(found), scope


def _declaration(place: Place, scope: Scope) -> tuple[Declaration, Scope]:
    place.expect("varDecl")
    if place.has("from") == place.has("range"):
        raise place.wrong("either `from` or, as in 2018, `range` is needed")
    source = scope.read(place.child("from" if place.has("from") else "range"))
    name = place.child("varName").name()
    inner = scope.declare(name)
    where = inner.read(place.child("where")) if place.has("where") else None
    return Declaration(name, source, where), inner


def _restricted(declared: Declaration, condition: Expr) -> Declaration:
    both = [condition] if declared.where is None else [declared.where, condition]
    return replace(declared, where=joined("and", both))


def set_of_2018(place: Place, scope: Scope) -> Expr:
    """Read conditions and variables in a row: all conditions hold for some items.

    Before the first variable, ``_`` is the profile.
    """
    inner = scope if "_" in scope.bound else scope.standing_for({"_": PROFILE})
    conditions: list[Expr] = []
    declarations: list[Declaration] = []
    for part in place.some("variables"):
        if part.kind() == "varDecl":
            declared, inner = _declaration(part, inner)
            declarations.append(declared)
        elif declarations:
            declarations[-1] = _restricted(declarations[-1], inner.read(part))
        else:
            conditions.append(inner.read(part))
    selections = [Select(tuple(declarations))] if declarations else []
    return joined("and", [*conditions, *selections])
