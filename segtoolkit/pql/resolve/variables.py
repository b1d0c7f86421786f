"""``select``, the quantifiers and the aggregations: variables over events and lists.

Documented choices: the items of a selection of several variables are objects, with the variables as
their fields; two variables may stand for the same item.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from segtoolkit.pql import nodes as n
from segtoolkit.pql.resolve import groups, items, lists, sequences
from segtoolkit.pql.resolve.sequences import Variable
from segtoolkit.pql.rules import count_of
from segtoolkit.pql.trees import conjuncts, rows_of
from segtoolkit.pql.typed import Const, Events, Not, Object, Op, Truth, Typed
from segtoolkit.pql.types import BOOLEAN, INTEGER, Struct

if TYPE_CHECKING:
    from segtoolkit.pql.resolve.scope import Scope

# Each variable over events that is not a sequence multiplies the combinations to be looked at.
MOST_OVER_EVENTS = 3


def declared(
    scope: Scope, declarations: tuple[n.Declaration, ...]
) -> tuple[Scope, tuple[Variable, ...]]:
    """Resolve variables and their conditions; return the scope that sees them all, and them."""
    variables: list[Variable] = []
    conditions: list[Typed] = []
    for declaration in declarations:
        source = items.source_of(scope, declaration.source)
        item = items.item_of(scope, declaration, source)
        scope = scope.bind(declaration.name, item)
        variables.append(Variable(item, source))
        if declaration.where is not None:
            conditions += conjuncts(scope.condition(declaration.where))
    return scope, _placed(variables, conditions)


def _placed(variables: list[Variable], conditions: list[Typed]) -> tuple[Variable, ...]:
    """Ask each condition as soon as all variables that it names are bound, wherever it is written."""
    placed = list(variables)
    for condition in conditions:
        named = rows_of(condition)
        places = (i for i, variable in enumerate(variables) if variable.item.name in named)
        place = max(places, default=0)
        where = (*placed[place].where, condition)
        placed[place] = replace(placed[place], where=where)
    return tuple(placed)


def select(scope: Scope, node: n.Node, declarations: tuple[n.Declaration, ...]) -> Typed:
    """Return the items of one variable, or an object for each combination of several."""
    _, variables = declared(scope, declarations)
    if len(variables) == 1:
        return variables[0].kept()
    names = tuple(declaration.name for declaration in declarations)
    groups.check_names(scope, node, list(names))
    rows = tuple(variable.item for variable in variables)
    type_ = Struct(MappingProxyType(dict(zip(names, (r.type for r in rows), strict=True))))
    return _combined(scope, node, variables, Object(names, rows, type_))


def quantifier(
    scope: Scope, node: n.Node, kind: str, declarations: tuple[n.Declaration, ...]
) -> Typed:
    match kind:
        case "forall":
            return _for_all(scope, node, declarations)
        case "one":
            count = count_of(select(scope, node, declarations))
            return Truth(Op("=", (count, Const(1, INTEGER)), BOOLEAN))
        case _:
            found = exists(scope, node, declarations)
            return found if kind == "exists" else Not(found)


def exists(scope: Scope, node: n.Node, declarations: tuple[n.Declaration, ...]) -> Typed:
    """Ask whether some combination of items meets all conditions."""
    _, variables = declared(scope, declarations)
    if sequence := sequences.sequence_of(variables):
        return sequence
    _check_count(scope, node, variables)
    return sequences.some(variables)


def _for_all(scope: Scope, node: n.Node, declarations: tuple[n.Declaration, ...]) -> Typed:
    """Hold for every combination: no one fails the last condition; so it holds for none at all."""
    last = declarations[-1]
    if last.where is None:
        raise scope.wrong(node, "`forall` needs a condition: where …")
    failing = n.Call("not", (last.where,), pos=last.where.pos)
    return Not(exists(scope, node, (*declarations[:-1], replace(last, where=failing))))


def comprehension(
    scope: Scope,
    node: n.Node,
    kind: items.Kind,
    value: n.Expr | None,
    declarations: tuple[n.Declaration, ...],
) -> Typed:
    inner, variables = declared(scope, declarations)
    first = variables[0]
    summed = inner.value(value) if value else first.item
    if len(variables) == 1:
        return items.aggregate(scope, node, kind, first.kept(), first.item, summed)
    values = _combined(scope, node, variables, summed)
    item = items.item_of(scope, node, values)
    return items.aggregate(scope, node, kind, values, item, item)


def _combined(
    scope: Scope, node: n.Node, variables: tuple[Variable, ...], value: Typed
) -> Typed:
    """Return the list of *value* for every combination of items."""
    _check_count(scope, node, variables)
    *outer, last = variables
    values = lists.each(lists.as_list(last.kept()), last.item.name, value)
    for variable in reversed(outer):
        source = lists.as_list(variable.kept())
        values = lists.flat(lists.each(source, variable.item.name, values))
    return values


def _check_count(scope: Scope, node: n.Node, variables: tuple[Variable, ...]) -> None:
    over_events = sum(isinstance(variable.source, Events) for variable in variables)
    if over_events > MOST_OVER_EVENTS:
        raise scope.site(node).unsupported(
            f"{over_events} variables over xEvent are too many, unless each `occurs after` the one"
            " before; use chain(…)"
        )
