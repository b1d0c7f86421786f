"""Rules about the items of a list and about events: filters, aggregates, and what binds an item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from segtoolkit.pql import nodes as n
from segtoolkit.pql.resolve import lists
from segtoolkit.pql.rules import truth
from segtoolkit.pql.rules.operands import is_known_null, op
from segtoolkit.pql.trees import rows_of
from segtoolkit.pql.typed import Aggregate, Const, Events, Row, Typed
from segtoolkit.pql.types import (
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


def source_of(scope: Scope, node: n.Expr) -> Typed:
    """Resolve what items come from: events, or a flat list."""
    source = scope.value(node)
    return source if isinstance(source, Events) else lists.as_list(source)


def item_of(scope: Scope, node: n.Node, source: Typed) -> Row:
    """Name the item of *source*, differently from every item that can be seen already."""
    if source.type == NULL:
        return Row(fresh(scope), NULL)
    if isinstance(source.type, ListOf):
        return Row(fresh(scope), source.type.item)
    kind = describe(source.type)
    raise scope.wrong(node, f"a list or events are needed here, this is {kind}")


def fresh(scope: Scope) -> str:
    seen = (*scope.items, *scope.variables.values(), *scope.taken)
    taken = frozenset[str]().union(*map(rows_of, seen))
    return next(f"v{i}" for i in range(len(taken) + 1) if f"v{i}" not in taken)


def with_item(scope: Scope, item: Typed, body: n.Expr) -> tuple[Scope, n.Expr]:
    """Open the scope of an implicit or explicit lambda over *item*."""
    match body:
        case n.Lambda((name,), inner):
            return scope.inside(item).bind(name, item), inner
        case n.Lambda(names):
            raise scope.wrong(body, f"there is one item at a time here, not {len(names)}")
        case _:
            return scope.inside(item), body


def keep(scope: Scope, node: n.Node, source: Typed, where: n.Expr) -> Typed:
    item = item_of(scope, node, source)
    inner, body = with_item(scope, item, where)
    return lists.keep(source, item, inner.condition(body))


def filter_method(scope: Scope, call: n.Call) -> Typed:
    return keep(scope, call, source_of(scope, call.args[0]), call.args[1])


def exists_method(scope: Scope, call: n.Call) -> Typed:
    return truth(filter_method(scope, call))


def aggregate_method(scope: Scope, call: n.Call, kind: Kind) -> Typed:
    source = source_of(scope, call.args[0])
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
    """Add up, or find the least, … of *value* over the items of *source*; of all along a path."""
    value = lists.as_list(value)
    number = value.type.item if isinstance(value.type, ListOf) else value.type
    ordered = kind in ("min", "max") and number in (TIME, STRING)
    if number not in (*NUMBERS, NULL) and not ordered:
        raise scope.wrong(node, f"`{kind}` needs numbers, this is {describe(number)}")
    if number == NULL or is_known_null(source):
        return Const(0, INTEGER) if kind == "sum" else Const(None, NULL)
    type_ = DOUBLE if kind == "average" else number
    values = lists.flat(lists.each(lists.as_list(source), item.name, value))
    if isinstance(values, Aggregate):
        return Aggregate(kind, values.where, values.value, type_)
    return op(f"list_{kind}", (values,), type_)


METHODS: Mapping[str, Callable[[Scope, n.Call], Typed]] = {
    "filter": filter_method,
    "exists": exists_method,
    "sum": partial(aggregate_method, kind="sum"),
    "average": partial(aggregate_method, kind="average"),
    "min": partial(aggregate_method, kind="min"),
    "max": partial(aggregate_method, kind="max"),
}
