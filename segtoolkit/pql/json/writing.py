"""A tree to ``pql/json`` of the newest generation: every name and every lambda spelt out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from segtoolkit.errors import PQLTypeError
from segtoolkit.pql.functions import FUNCTIONS
from segtoolkit.pql.json import parts
from segtoolkit.pql.json.parts import Json
from segtoolkit.pql.json.spelling import Spelling, strings
from segtoolkit.pql.nodes import (
    Aggregation,
    CalendarUnit,
    Call,
    Chain,
    Declaration,
    Distance,
    Element,
    Expr,
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
from segtoolkit.pql.words import counted

_DIRECTIONS: Mapping[str, str] = {
    "before": "before",
    "after": "after",
    "on": "within",
    "between": "within",
}


def to_json(expr: Expr) -> Json:
    """Return the JSON form of *expr*.

    >>> from segtoolkit.pql.parser import parse
    >>> to_json(parse("loyalty"))["object"]
    {'nodeType': 'parameterReference', 'position': 1}

    Raises:
        PQLTypeError: ``^`` climbs out of the expression.
    """
    spelling = Spelling(strings(expr))
    # A lambda around the whole says nothing: its first parameter is the profile.
    while isinstance(expr, Lambda):
        meanings = {name: Parameter(i) for i, name in enumerate(expr.params, 1)}
        spelling, expr = spelling.bind(meanings), expr.body
    return _written(expr, spelling)


def _written(expr: Expr, spelling: Spelling) -> Json:
    match expr:
        case Literal() | ListLiteral() | ObjectLiteral() | TimeWord() | CalendarUnit():
            return _literal(expr, spelling)
        case Name() | This() | Up() | Parameter() | Model() | Field():
            return _path(expr, spelling)
        case Call(name, args):
            return _call(name, args, spelling)
        case Filter(base, where):
            return _call("filter", (base, where), spelling)
        case Lambda() | Let() | Select() | Quantifier() | Aggregation():
            return _binder(expr, spelling)
        case Occurs():
            return _occurs(expr, spelling)
        case TimeRange(start, end):
            ends = {"start": _written(start, spelling), "end": _written(end, spelling)}
            return parts.node("range", **ends)
        case Chain():
            return _chain(expr, spelling)
        case _:
            assert_never(expr)


def _literal(
    expr: Literal | ListLiteral | ObjectLiteral | TimeWord | CalendarUnit,
    spelling: Spelling,
) -> Json:
    match expr:
        case Literal(value):
            return parts.scalar(value)
        case ListLiteral() if parts.is_plain(expr):
            return parts.literal("List", parts.plain(expr))
        case ListLiteral(items):
            return parts.node("list", items=[_written(item, spelling) for item in items])
        case ObjectLiteral(entries):
            shown = [(key, _written(value, spelling)) for key, value in entries]
            nodes = [parts.node("entry", key=key, value=value) for key, value in shown]
            return parts.node("object", entries=nodes)
        case TimeWord(word):
            return parts.literal("Timestamp", word)
        case CalendarUnit(relation, unit):
            node = parts.node("literal", literalType="TimeInterval")
            return {**node, "relation": relation, "unit": unit}
        case _:
            assert_never(expr)


def _path(expr: Name | This | Up | Parameter | Model | Field, spelling: Spelling) -> Json:
    match expr:
        case Name() | This() | Up():
            variable, name = spelling.meaning(expr)
            owner = parts.reference(variable)
            return owner if name is None else parts.lookup(name, owner)
        case Parameter():
            return parts.reference(expr)
        case Model(reference):
            return parts.node("pathReference", fieldName=reference)
        case Field(base, name):
            return parts.lookup(name, _written(base, spelling))
        case _:
            assert_never(expr)


def _call(name: str, args: Sequence[Expr], spelling: Spelling) -> Json:
    implicit = 1 if FUNCTIONS[name].implicit else None
    params = [
        _over_item(arg, spelling) if i == implicit else _written(arg, spelling)
        for i, arg in enumerate(args)
    ]
    return parts.node("fnApply", fnName=name, params=params)


def _over_item(expr: Expr, spelling: Spelling) -> Json:
    if isinstance(expr, Lambda) and len(expr.params) > 1:
        return _binder(expr, spelling)
    item, body, inner = spelling.over_item(expr)
    return parts.lambda_([item.name], _written(body, inner))


def _binder(
    expr: Lambda | Let | Select | Quantifier | Aggregation, spelling: Spelling
) -> Json:
    match expr:
        case Lambda(params, body):
            return parts.lambda_(params, _written(body, spelling.declare(*params)))
        case Let(name, value, body):
            both = {
                "value": _written(value, spelling),
                "body": _written(body, spelling.declare(name)),
            }
            return parts.node("let", varName=name, **both)
        case Select(declarations):
            return parts.node("select", variables=_declarations(declarations, spelling))
        case Quantifier("exists" | "forall" as kind, declarations):
            return parts.node(kind, variables=_declarations(declarations, spelling))
        case Quantifier(kind, declarations):
            variables = _declarations(declarations, spelling)
            return parts.node("quantification", quantifier=kind, variables=variables)
        case Aggregation(kind, value, declarations):
            inner = spelling.declare(*[declared.name for declared in declarations])
            return parts.node(
                kind,
                variables=_declarations(declarations, spelling),
                aggExpr=None if value is None else _written(value, inner),
            )
        case _:
            assert_never(expr)


def _declarations(declarations: Sequence[Declaration], spelling: Spelling) -> list[Json]:
    """Write each variable where those before it can be seen."""
    nodes = []
    for declared in declarations:
        source = _written(declared.source, spelling)
        spelling = spelling.declare(declared.name)
        where = None if declared.where is None else _written(declared.where, spelling)
        fields = {"varName": declared.name, "from": source, "where": where}
        nodes.append(parts.node("varDecl", **fields))
    return nodes


def _occurs(expr: Occurs, spelling: Spelling) -> Json:
    distance = None if expr.distance is None else _distance(expr.distance, spelling)
    return parts.node(
        "occurs",
        timestamp=_timestamp(expr.timestamp, spelling),
        timeinterval=_written(expr.reference, spelling),
        relation=parts.literal("TimeDirection", _DIRECTIONS[expr.relation]),
        qualification=distance,
    )


def _timestamp(timestamp: Expr | None, spelling: Spelling) -> Json:
    if timestamp is not None:
        return _written(timestamp, spelling)
    if spelling.timestamp is None:
        raise PQLTypeError("`occurs` needs a timestamp on its left")
    return parts.reference(spelling.timestamp)


def _distance(distance: Distance, spelling: Spelling) -> Json:
    duration = parts.node(
        "duration",
        count=_written(distance.duration.count, spelling),
        unit=parts.literal("TimeUnit", counted(None, distance.duration.unit)),
    )
    comparison = parts.literal("Comparison", distance.comparison)
    return parts.node("timeQualification", comparison=comparison, duration=duration)


def _chain(expr: Chain, spelling: Spelling) -> Json:
    return parts.node(
        "chain",
        array=_written(expr.array, spelling),
        timestampField=_over_item(expr.timestamp, spelling),
        elements=[_element(element, spelling) for element in expr.elements],
    )


def _element(element: Element, spelling: Spelling) -> Json:
    return parts.node(
        "element",
        name=element.name,
        negated=element.negated,
        what=None if element.what is None else _over_item(element.what, spelling),
        when=None if element.when is None else _when(element.when, spelling),
        count=None if element.count is None else _count(*element.count),
        gap=[_distance(distance, spelling) for distance in element.gap] or None,
    )


def _count(comparison: str, number: int) -> Json:
    return parts.node(
        "countQualification",
        comparison=parts.literal("Comparison", comparison),
        count=parts.literal("Integer", number),
    )


def _when(when: Expr, spelling: Spelling) -> Json:
    time, event, inner = spelling.in_when()
    body = _written(when, inner)
    mentioned = [event.name] if parts.mentions(body, event) else []
    return parts.lambda_([time.name, *mentioned], body)
