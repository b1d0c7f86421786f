"""Paths through lists, whose tests hold when they hold for some item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from segtoolkit.pql import nodes as n
from segtoolkit.pql.lint.findings import Problem, quoted, rewrite
from segtoolkit.pql.lint.places import Place, is_whole, terms_of
from segtoolkit.pql.lint.scope import Scope, is_events, is_through_list

POSITIVE = {
    "!=": "=",
    "notIn": "in",
    "notEqualTo": "equals",
    "doesNotContain": "contains",
    "doesNotStartWith": "startsWith",
    "doesNotEndWith": "endsWith",
}


def negation_through_list(place: Place) -> Iterator[Problem]:
    node = place.node
    if not isinstance(node, n.Call) or node.name not in POSITIVE:
        return
    # The right side of `notIn` is a list anyway, and all of it is looked at.
    sides = node.args[:2] if node.name == "!=" else node.args[:1]
    if any(is_through_list(side, place.scope) for side in sides):
        message = f"{quoted(node)} asks whether some item differs, not whether none agrees"
        none = n.Call("not", (replace(node, name=POSITIVE[node.name]),))
        yield Problem(node, message, f"{rewrite(none)} if none may")


def separate_events(place: Place) -> Iterator[Problem]:
    """Find ``xEvent.a = 1 and xEvent.b = 2``, which two different events may satisfy."""
    if not is_whole(place, "and"):
        return
    found = [
        (term, path, moved)
        for term in terms_of(place)
        if (parts := _test_of_event(term, place.scope)) is not None
        for path, moved in [parts]
    ]
    if len({path for _, path, _ in found}) < 2:
        return
    first, second = found[0][0], found[1][0]
    message = f"{quoted(first)} and {quoted(second)} may be true of two different events"
    one = n.Filter(n.Name("xEvent"), n.Call("and", tuple(moved for _, _, moved in found)))
    yield Problem(second, message, f"{rewrite(one)} if one event is meant")


def _test_of_event(term: n.Expr, scope: Scope) -> tuple[n.Expr, n.Expr] | None:
    """Return the path of a test of events against literals, and the test as seen by one event."""
    if not isinstance(term, n.Call) or not term.args:
        return None
    path, *others = term.args
    moved = _seen_by_event(path, scope)
    if moved is None or not all(isinstance(o, n.Literal | n.ListLiteral) for o in others):
        return None
    return path, replace(term, args=(moved, *others))


def _seen_by_event(path: n.Expr, scope: Scope) -> n.Expr | None:
    match path:
        case n.Field(n.Name("xEvent") as base, name) if is_events(base, scope):
            return n.Name(name)
        case n.Field(base, name):
            moved = _seen_by_event(base, scope)
            return None if moved is None else n.Field(moved, name)
        case _:
            return None
