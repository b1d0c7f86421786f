"""Names, operators, functions, and lists of nodes: ``pql/json`` to a tree."""

from __future__ import annotations

import re

from segtoolkit.errors import PQLTypeError
from segtoolkit.pql.functions import FUNCTIONS, Function
from segtoolkit.pql.json.binders import over_item
from segtoolkit.pql.json.document import Place, nearest, shown
from segtoolkit.pql.json.joining import joined, joins, terms
from segtoolkit.pql.json.scope import PROFILE, Item, Scope, without_prefix
from segtoolkit.pql.nodes import (
    Call,
    Expr,
    Field,
    Filter,
    ListLiteral,
    Model,
    ObjectLiteral,
    Parameter,
)

_MODEL = re.compile(r"(?:[^{}]++|\{[^{}]*+\})++")
_MOST_PARAMETERS = 10**9


def field(place: Place, scope: Scope) -> Expr:
    written = place.child("fieldName")
    if not (name := without_prefix(written.text("a name"))):
        raise written.wrong("the name is empty")
    base = _base(place, scope)
    if isinstance(base, Item):
        return scope.field_of(place, base, name)
    return scope.field_of_profile(name) if base == PROFILE else Field(base, name)


def _base(place: Place, scope: Scope) -> Item | Expr:
    if not place.has("object"):
        return PROFILE
    base = place.child("object")
    return scope.meaning(base) if base.kind() == "varRef" else scope.read(base)


def variable(place: Place, scope: Scope) -> Expr:
    found = scope.meaning(place)
    return scope.whole(place, found) if isinstance(found, Item) else found


def parameter(place: Place, _: Scope) -> Parameter:
    position = place.child("position")
    index = position.value
    if type(index) is not int or not 0 < index < _MOST_PARAMETERS:
        raise position.wrong(f"a position from 1 is needed here, found {shown(index)}")
    return Parameter(index)


def model(place: Place, _: Scope) -> Model:
    reference = place.child("fieldName")
    if not _MODEL.fullmatch(reference.name()):
        raise reference.wrong(f"the braces in {shown(reference.value)} do not match")
    return Model(reference.value)


def call(place: Place, scope: Scope) -> Expr:
    if place.has("function"):
        return _filter_of_2018(place, scope)
    place.need("fnName")
    if name := joins(place):
        return joined(name, [scope.read(term) for term in terms(place)])
    row = _function(place)
    args = tuple(
        [
            over_item(param, scope) if row.implicit and i == 1 else scope.read(param)
            for i, param in enumerate(place.children("params"))
        ]
    )
    return Filter(*args) if row.name == "filter" else Call(row.name, args)


def _function(place: Place) -> Function:
    name = place.child("fnName")
    # ``NOT`` is seen in row filters.
    written = "not" if name.text().lower() == "not" else name.value
    if written not in FUNCTIONS:
        guess = nearest(written, FUNCTIONS)
        raise _mistyped(name, f"there is no function {shown(written)}{guess}")
    row, given = FUNCTIONS[written], len(place.children("params"))
    if given < row.least or (row.most is not None and given > row.most):
        reason = f"`{row.name}` takes {_counts(row)} operands, not {given}"
        raise _mistyped(place.child("params"), reason)
    return row


def _counts(row: Function) -> str:
    if row.most is None:
        return f"at least {row.least}"
    return f"{row.least}" if row.least == row.most else f"{row.least} or {row.most}"


def _mistyped(place: Place, reason: str) -> PQLTypeError:
    return PQLTypeError(place.wrong(reason).reason)


def _filter_of_2018(place: Place, scope: Scope) -> Filter:
    """Read a function applied to a list: the items for which it is true."""
    place.only("nodeType", "function", "params")
    params = place.children("params")
    if len(params) != 1:
        raise place.child("params").wrong(f"one list is needed here, found {len(params)}")
    return Filter(scope.read(params[0]), over_item(place.child("function"), scope))


def list_(place: Place, scope: Scope) -> ListLiteral:
    return ListLiteral(tuple([scope.read(item) for item in place.children("items")]))


def object_(place: Place, scope: Scope) -> ObjectLiteral:
    entries = [entry.expect("entry") for entry in place.some("entries", levels=0)]
    return ObjectLiteral(
        tuple([(e.child("key").text(), scope.read(e.child("value"))) for e in entries])
    )
