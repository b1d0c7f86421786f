"""``pql/json`` of any generation to a tree: the entrance, and the table of what reads which node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from segtoolkit.pql.json import binders, calls, events
from segtoolkit.pql.json.document import Place, opened
from segtoolkit.pql.json.literals import literal
from segtoolkit.pql.json.scope import Scope, words_of
from segtoolkit.pql.nodes import Expr, Parameter


def from_json(document: str | Mapping[str, Any]) -> Expr:
    """Read the JSON form of an expression, of any generation.

    Args:
        document: the JSON, decoded or as text; also text that was encoded twice.

    Raises:
        PQLSyntaxError: it is not ``pql/json``; names the path to what is wrong.
        PQLTypeError: a function is unknown, or has too few or too many operands.

    >>> from_json('{"nodeType": "fieldLookup", "fieldName": "loyalty"}')
    Name(name='loyalty')
    """
    place = opened(document)
    scope = Scope(_READERS, words_of(place))
    # A lambda around the whole names its parameters, the first of which is the profile.
    while place.kind() in binders.LAMBDAS:
        names, place = binders.opened(place)
        scope = scope.standing_for({n: Parameter(i) for i, n in enumerate(names, 1)})
    return scope.read(place)


_READERS: Mapping[str, Callable[[Place, Scope], Expr]] = {
    "literal": lambda place, _: literal(place),
    "fieldLookup": calls.field,
    "parameterReference": calls.parameter,
    "pathReference": calls.model,
    "varRef": calls.variable,
    "fnApply": calls.call,
    "list": calls.list_,
    "object": calls.object_,
    "lambda": binders.lambda_,
    "fnCreate": binders.lambda_,
    "let": binders.let,
    "select": binders.select,
    "exists": binders.quantifier,
    "exist": binders.quantifier,
    "forall": binders.quantifier,
    "quantification": binders.quantification,
    "sum": binders.aggregation,
    "average": binders.aggregation,
    "min": binders.aggregation,
    "max": binders.aggregation,
    "set": binders.set_of_2018,
    "occurs": events.occurs,
    "chain": events.chain,
}
