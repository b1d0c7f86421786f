"""Paths through lists: ``xEvent.commerce.order.priceTotal > 100``.

Such a path is the list of what its items have there. A test of it holds if it holds for some item, so
``!=`` means that some item differs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from segtoolkit.pql import nodes as n
from segtoolkit.pql.resolve import items
from segtoolkit.pql.rules import RULES, Args, truth
from segtoolkit.pql.typed import Each, Events, Keep, Op, Typed
from segtoolkit.pql.types import ListOf

if TYPE_CHECKING:
    from segtoolkit.pql.resolve.scope import Scope

# Tests of single values, which a path through a list passes if some item does.
_TESTS = {
    *("=", "!=", "<", "<=", ">", ">=", "in", "notIn", "like", "matches"),
    *("equals", "notEqualTo", "contains", "doesNotContain", "isNotNull"),
    *("startsWith", "doesNotStartWith", "endsWith", "doesNotEndWith"),
}


def step(scope: Scope, node: n.Node, source: Typed, name: str) -> Typed:
    """Go on along a path from the list *source* to the field *name* of its items."""
    if isinstance(source, Each):
        value = scope.field(node, source.value, name)
        return Each(source.source, source.item, value, ListOf(value.type))
    item = items.item_of(scope, node, source)
    value = scope.field(node, item, name)
    return Each(source, item.name, value, ListOf(value.type))


def some(scope: Scope, node: n.Node, path: Typed, test: Callable[[Typed], Typed]) -> Typed:
    """Ask whether *test* holds for some value at the end of *path*, however many lists it enters."""
    if not isinstance(path.type, ListOf):
        return truth(test(path))
    if isinstance(path, Events):
        raise scope.wrong(node, "events are not a value; name one of their fields")
    if not isinstance(path, Each):
        item = items.item_of(scope, node, path)
        return truth(Keep(path, item.name, truth(test(item)), path.type))
    holds = some(scope, node, path.value, test)
    if isinstance(path.source, Events):
        return truth(items.among_events(scope, node, path.source, holds))
    return truth(Keep(path.source, path.item, holds, path.source.type))


def apply(scope: Scope, node: n.Call, args: Args) -> Typed:
    """Apply a function to *args*, some of which may be paths through lists."""
    rule, site = RULES[node.name], scope.site(node)
    place = _tested(node.name, args)
    if place is not None:
        return some(scope, node, args[place], lambda v: rule(site, _with(args, place, v)))
    if node.name == "in" and is_through_events(args[1]):
        equal = RULES["="]
        return some(scope, node, args[1], lambda v: equal(site, (v, args[0])))
    return rule(site, tuple(_as_list(scope, node, arg) for arg in args))


def _tested(name: str, args: Args) -> int | None:
    """Return the place among *args* of a path whose single values are to be tested."""
    places = (place for place, arg in enumerate(args[:2]) if isinstance(arg, Each))
    if name not in _TESTS:
        return None
    return next((place for place in places if (name, place) not in _LISTS_WANTED), None)


def _with(args: Args, place: int, value: Typed) -> Args:
    return (*args[:place], value, *args[place + 1 :])


# Where `in` takes a list anyway.
_LISTS_WANTED = {("in", 1), ("notIn", 1)}


def is_through_events(node: Typed) -> bool:
    return isinstance(node, Each) and isinstance(node.source, Events)


def _as_list(scope: Scope, node: n.Node, arg: Typed) -> Typed:
    """Return a path as one flat list, which functions of lists take."""
    if not isinstance(arg, Each):
        return arg
    if is_through_events(arg):
        raise scope.later(node, "a function of all values along a path through events")
    value = _as_list(scope, node, arg.value)
    whole = Each(arg.source, arg.item, value, ListOf(value.type))
    return Op("flatten", (whole,), value.type) if isinstance(value.type, ListOf) else whole
