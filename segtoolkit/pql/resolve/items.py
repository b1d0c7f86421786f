"""Rules about the items of a list and about events: filters, aggregates, select."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from segtoolkit.pql import nodes as n
from segtoolkit.pql.rules import count_of, truth
from segtoolkit.pql.typed import (
    EVENT,
    PROFILE,
    TRUE,
    Aggregate,
    And,
    Const,
    Each,
    Events,
    Keep,
    Member,
    Not,
    Op,
    Row,
    Sequence,
    Truth,
    Typed,
    walk,
)
from segtoolkit.pql.types import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    NULL,
    NUMBERS,
    STRING,
    TIME,
    ListOf,
    describe,
)

if TYPE_CHECKING:
    from segtoolkit.pql.resolve.scope import Scope

Kind: TypeAlias = Literal["sum", "average", "min", "max"]


def item_of(scope: Scope, node: n.Node, source: Typed) -> Row:
    """Name the item of *source*, differently from every item that can be seen already."""
    if isinstance(source, Events):
        return Row(EVENT, scope.world.schema.event)
    if isinstance(source, Each) and isinstance(source.source, Events):
        raise scope.later(node, "a filter on a path through events")
    if isinstance(source.type, ListOf):
        taken = {
            r.name for v in (*scope.items, *scope.variables.values()) for r in _rows(v)
        }
        number = next(i for i in range(len(taken) + 1) if f"v{i}" not in taken)
        return Row(f"v{number}", source.type.item)
    kind = describe(source.type)
    raise scope.wrong(node, f"a list or events are needed here, this is {kind}")


def with_item(scope: Scope, item: Row, body: n.Expr) -> tuple[Scope, n.Expr]:
    """Open the scope of an implicit or explicit lambda over *item*."""
    match body:
        case n.Lambda((name,), inner):
            return scope.inside(item).bind(name, item), inner
        case _:
            return scope.inside(item), body


def keep(scope: Scope, node: n.Node, source: Typed, where: n.Expr) -> Typed:
    item = item_of(scope, node, source)
    inner, body = with_item(scope, item, where)
    return kept(scope, node, source, item, inner.condition(body))


def kept(scope: Scope, node: n.Node, source: Typed, item: Row, where: Typed) -> Typed:
    if isinstance(source, Events):
        return among_events(scope, node, source, where)
    check_item_rule(scope, node, where)
    return Keep(source, item.name, where, source.type)


def among_events(scope: Scope, node: n.Node, source: Events, where: Typed) -> Events:
    """Keep those of the events *source* for which *where* holds as well."""
    check_event_rule(scope, node, where)
    both = where if source.where == TRUE else And((source.where, where))
    return Events(both, source.type)


def check_item_rule(scope: Scope, node: n.Node, rule: Typed) -> None:
    if any(isinstance(part, Member | Sequence) for part in walk(rule)):
        raise scope.later(
            node, "a chain or inSegment inside a rule about the items of a list"
        )


def check_event_rule(scope: Scope, node: n.Node, rule: Typed) -> None:
    parts = list(walk(rule))
    if any(isinstance(part, Aggregate | Member | Sequence) for part in parts):
        raise scope.later(node, "xEvent or inSegment inside a rule about an event")
    own = {PROFILE, EVENT, *(part.item for part in parts if isinstance(part, Keep | Each))}
    if any(isinstance(part, Row) and part.name not in own for part in parts):
        raise scope.later(node, "a rule about an event that asks for the item of a list")


def filter_method(scope: Scope, call: n.Call) -> Typed:
    return keep(scope, call, scope.value(call.args[0]), call.args[1])


def exists_method(scope: Scope, call: n.Call) -> Typed:
    return truth(filter_method(scope, call))


def aggregate_method(scope: Scope, call: n.Call, kind: Kind) -> Typed:
    source = scope.value(call.args[0])
    item = item_of(scope, call, source)
    if len(call.args) == 1:
        return aggregate(scope, call, kind, source, item, item)
    inner, body = with_item(scope, item, call.args[1])
    return aggregate(scope, call, kind, source, item, inner.value(body))


def aggregate(
    scope: Scope,
    node: n.Node,
    kind: Kind,
    source: Typed,
    item: Row,
    value: Typed,
) -> Typed:
    ordered = kind in ("min", "max") and value.type in (TIME, STRING)
    if value.type not in (*NUMBERS, NULL) and not ordered:
        raise scope.wrong(node, f"`{kind}` needs numbers, this is {describe(value.type)}")
    type_ = DOUBLE if kind == "average" else value.type
    if isinstance(source, Events):
        check_event_rule(scope, node, value)
        return Aggregate(kind, source.where, value, type_)
    check_item_rule(scope, node, value)
    return Op(f"list_{kind}", (Each(source, item.name, value, ListOf(value.type)),), type_)


METHODS: Mapping[str, Callable[[Scope, n.Call], Typed]] = {
    "filter": filter_method,
    "exists": exists_method,
    "sum": partial(aggregate_method, kind="sum"),
    "average": partial(aggregate_method, kind="average"),
    "min": partial(aggregate_method, kind="min"),
    "max": partial(aggregate_method, kind="max"),
}


def declared(
    scope: Scope, declarations: tuple[n.Declaration, ...]
) -> tuple[Scope, Row, Typed]:
    """Resolve the single variable of a select or quantifier: scope, item, items kept."""
    first, *more = declarations
    if more:
        raise scope.later(more[0], "a second variable")
    source = scope.value(first.source)
    item = item_of(scope, first, source)
    inner = scope.bind(first.name, item)
    if first.where is None:
        return inner, item, source
    return inner, item, kept(scope, first, source, item, inner.condition(first.where))


def select(scope: Scope, _: n.Node, declarations: tuple[n.Declaration, ...]) -> Typed:
    return declared(scope, declarations)[2]


def quantifier(
    scope: Scope, node: n.Node, kind: str, declarations: tuple[n.Declaration, ...]
) -> Typed:
    if kind == "forall":
        return for_all(scope, node, declarations)
    selected = select(scope, node, declarations)
    if kind == "one":
        return Truth(Op("=", (count_of(selected), Const(1, INTEGER)), BOOLEAN))
    return truth(selected) if kind == "exists" else Not(truth(selected))


def for_all(scope: Scope, node: n.Node, declarations: tuple[n.Declaration, ...]) -> Typed:
    """Hold for every item: no item fails; so it holds for none at all."""
    last = declarations[-1]
    if last.where is None:
        raise scope.wrong(node, "`forall` needs a condition: where …")
    failing = n.Call("not", (last.where,), pos=last.pos)
    opposite = replace(last, where=failing)
    return Not(truth(declared(scope, (*declarations[:-1], opposite))[2]))


def comprehension(
    scope: Scope,
    node: n.Node,
    kind: Kind,
    value: n.Expr | None,
    declarations: tuple[n.Declaration, ...],
) -> Typed:
    inner, item, selected = declared(scope, declarations)
    summed = inner.value(value) if value else item
    return aggregate(scope, node, kind, selected, item, summed)


def _rows(node: Typed) -> list[Row]:
    return [part for part in walk(node) if isinstance(part, Row)]
