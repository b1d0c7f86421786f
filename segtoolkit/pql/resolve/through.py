"""Paths through lists: ``xEvent.commerce.order.priceTotal > 100``.

Such a path is the list of what its items have there. A test of it holds if it holds for some item, so
``!=`` means that some item differs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from segtoolkit.pql import nodes as n
from segtoolkit.pql.functions import FUNCTIONS
from segtoolkit.pql.resolve import items, lists
from segtoolkit.pql.rules import Args, Rule, truth
from segtoolkit.pql.trees import with_row
from segtoolkit.pql.typed import And, Const, Events, Not, Path, Typed
from segtoolkit.pql.types import BOOLEAN, NULL, ListOf

if TYPE_CHECKING:
    from segtoolkit.pql.resolve.scope import Scope

# Tests of single values, which a path through a list passes if some item does.
_TESTS = {
    *("=", "!=", "<", "<=", ">", ">=", "in", "notIn", "like", "matches"),
    *("equals", "notEqualTo", "contains", "doesNotContain", "isNotNull"),
    *("startsWith", "doesNotStartWith", "endsWith", "doesNotEndWith"),
}
_TAKE_NULL = {"isNull", "isNotNull", "if"}


def step(scope: Scope, node: n.Node, source: Typed, name: str) -> Typed:
    """Go on along a path from the list *source* to the field *name* of its items."""
    if isinstance(source, Path):
        value = scope.field(node, source.value, name)
        return Path(source.source, source.item, value, ListOf(value.type))
    item = items.item_of(scope, node, source)
    value = scope.field(node, item, name)
    return Path(source, item.name, value, ListOf(value.type))


Test: TypeAlias = Callable[["Scope", Typed], Typed]


def some(scope: Scope, node: n.Node, path: Typed, test: Test) -> Typed:
    """Ask whether *test* holds for some value at the end of *path*, however many lists it enters.

    The test is given a scope in which the items along the path have their names.
    """
    if not isinstance(path.type, ListOf):
        return truth(test(scope, path))
    if isinstance(path, Events):
        raise scope.wrong(node, "events are not a value; name one of their fields")
    source = path.source if isinstance(path, Path) else path
    item = items.item_of(scope, node, source)
    value = with_row(path.value, path.item, item) if isinstance(path, Path) else item
    inner = scope.around(item)
    more = isinstance(path, Path)
    holds = some(inner, node, value, test) if more else truth(test(inner, value))
    return truth(lists.keep(source, item, holds))


def apply(scope: Scope, node: n.Call, args: Args) -> Typed:
    """Apply a function to *args*, some of which may be paths through lists."""
    rule, site = rule_of(node.name), scope.site(node)
    if node.name not in _TAKE_NULL and any(is_null_literal(arg) for arg in args):
        return Const(None, NULL)
    if node.name == "isNull" and isinstance(args[0], Path):
        return Not(
            some(scope, node, args[0], lambda _, v: rule_of("isNotNull")(site, (v,)))
        )
    place = _tested(node.name, args)
    if place is not None:
        return some(
            scope,
            node,
            args[place],
            lambda inner, v: apply(inner, node, _with(args, place, v)),
        )
    if node.name in ("in", "includes") and is_through_events(args[node.name == "in"]):
        path, value = args[node.name == "in"], args[node.name != "in"]
        return some(scope, node, path, lambda _, v: rule_of("=")(site, (v, value)))
    return rule(site, tuple(_operand(scope, node, arg) for arg in args))


# The tests that stringCompare can make of one value, and of many: some, or else every one of them.
_SOME = ("equals", "contains", "startsWith", "endsWith")
_EVERY = {
    "notEqualTo": "equals",
    "doesNotContain": "contains",
    "doesNotStartWith": "startsWith",
    "doesNotEndWith": "endsWith",
}


def string_compare(scope: Scope, call: n.Call) -> Typed:
    """Test a text against many: with a positive test some of them pass, with a negative one all do."""
    name, *_ = call.args
    if not isinstance(name, n.Literal) or name.value not in (*_SOME, *_EVERY):
        known = ", ".join((*_SOME, *_EVERY))
        raise scope.wrong(name, f"stringCompare(…) begins with the name of a test: {known}")
    value, among, *switch = (scope.value(arg) for arg in call.args[1:])
    if any(is_null_literal(arg) for arg in (value, among, *switch)):
        return Const(None, BOOLEAN)
    site = scope.site(call)
    if not isinstance(among.type, ListOf):
        one = rule_of(str(name.value))
        return some(scope, call, value, lambda _, text: one(site, (text, among, *switch)))
    positive = rule_of(_EVERY.get(str(name.value), str(name.value)))

    def passes(inner: Scope, text: Typed) -> Typed:
        return some(
            inner, call, among, lambda _, item: positive(site, (text, item, *switch))
        )

    def fails(inner: Scope, text: Typed) -> Typed:
        both = (text, lists.as_list(among))
        there = (truth(rule_of("isNotNull")(site, (side,))) for side in both)
        return And((*there, Not(passes(inner, text))))

    return some(scope, call, value, passes if name.value in _SOME else fails)


def rule_of(name: str) -> Rule:
    rule = FUNCTIONS[name].rule
    assert rule is not None
    return rule


def is_null_literal(node: Typed) -> bool:
    """Tell whether *node* is `null`, or a field that nobody has: a null of no type."""
    return isinstance(node, Const) and node.type == NULL


def _operand(scope: Scope, node: n.Call, arg: Typed) -> Typed:
    """Return events and paths as the lists they are, except to what counts events or tests them."""
    if isinstance(arg, Events) and node.name in _OF_EVENTS:
        return arg
    if isinstance(arg, Events) and node.name in _TESTS:
        raise scope.wrong(
            node, "events are not a value; use .count(), .sum(…) or a filter [ ]"
        )
    return lists.as_list(arg)


def _tested(name: str, args: Args) -> int | None:
    """Return the place among *args* of a path whose single values are to be tested."""
    places = (place for place, arg in enumerate(args[:2]) if isinstance(arg, Path))
    if name not in _TESTS:
        return None
    return next((place for place in places if (name, place) not in _LISTS_WANTED), None)


def _with(args: Args, place: int, value: Typed) -> Args:
    return (*args[:place], value, *args[place + 1 :])


# Where `in` takes a list anyway.
_LISTS_WANTED = {("in", 1), ("notIn", 1), ("includes", 0)}
_OF_EVENTS = {"count", "isNull", "isNotNull"}


def is_through_events(node: Typed) -> bool:
    return isinstance(node, Path) and isinstance(node.source, Events)
