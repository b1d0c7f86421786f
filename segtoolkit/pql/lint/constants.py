"""Conditions whose answer does not depend on the profile: places in, problems out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from segtoolkit.pql import nodes as n
from segtoolkit.pql.lint.clashes import Condition, by_key, clash, condition, opposites
from segtoolkit.pql.lint.findings import Problem, quoted, rewrite
from segtoolkit.pql.lint.nulls import NULL
from segtoolkit.pql.lint.places import Place, is_whole, terms_of
from segtoolkit.pql.lint.scope import Scope, is_through_list, type_of
from segtoolkit.pql.lint.windows import Window, ends_before, window
from segtoolkit.pql.types import ListOf

_LOOK = "Remove it, or compare with what was meant"
_ONE_TOO_MANY = "Remove one of them"
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_TRUE_OF_EQUALS = ("=", "<=", ">=")


def contradiction(place: Place) -> Iterator[Problem]:
    """Find two conditions on one value that no value passes."""
    if not is_whole(place, "and"):
        return
    for group in by_key(_conditions(place)):
        pair = clash(group)
        if pair is not None and not all(c.passes_null for c in group):
            first, second = (c.node for c in pair)
            # Joined with `or`, opposites would be as constant.
            either = None if clash(opposites(pair)) else n.Call("or", (first, second))
            yield _contradictory(first, second, either)


def contradicting_windows(place: Place) -> Iterator[Problem]:
    """Find two conditions on one time that no time passes."""
    if not is_whole(place, "and"):
        return
    seen: dict[tuple[n.Expr | None, n.Expr], Bounds] = {}
    for term in terms_of(place):
        found = window(term) if isinstance(term, n.Occurs) else None
        if found is None or not isinstance(term, n.Occurs) or _is_many(term, place.scope):
            continue
        key = term.timestamp, found.frame
        latest, earliest = seen.get(key, ((term, found), (term, found)))
        if found.least > earliest[1].most:
            yield _never(earliest[0], term)
        elif latest[1].least > found.most:
            yield _never(latest[0], term)
        seen[key] = (
            max(latest, (term, found), key=lambda pair: pair[1].least),
            min(earliest, (term, found), key=lambda pair: pair[1].most),
        )


# The window that begins last, and the one that ends first.
Bounds: TypeAlias = tuple[tuple[n.Occurs, Window], tuple[n.Occurs, Window]]


def _is_many(occurs: n.Occurs, scope: Scope) -> bool:
    return occurs.timestamp is not None and is_through_list(occurs.timestamp, scope)


def opposite_terms(place: Place) -> Iterator[Problem]:
    """Find ``x and not x``, where *x* is no condition on a single value."""
    if not is_whole(place, "and"):
        return
    seen: dict[n.Expr, n.Expr] = {}
    for term in terms_of(place):
        if condition(term) is not None:
            continue
        inner = term.args[0] if isinstance(term, n.Call) and term.name == "not" else None
        other = n.Call("not", (term,)) if inner is None else inner
        if other in seen:
            yield _contradictory(seen[other], term, None)
        seen[term] = term


def _never(first: n.Occurs, second: n.Occurs) -> Problem:
    return _contradictory(first, second, n.Call("or", (first, second)))


def _contradictory(first: n.Expr, second: n.Expr, either: n.Expr | None) -> Problem:
    message = f"{quoted(first)} and {quoted(second)} never hold together"
    remedy = f"{rewrite(either)} if one is enough" if either else _ONE_TOO_MANY
    return Problem(second, message, remedy)


def tautology(place: Place) -> Iterator[Problem]:
    """Find two conditions on one value of which every value passes one."""
    if not is_whole(place, "or"):
        return
    for group in by_key(_conditions(place)):
        passes_null = any(c.passes_null for c in group)
        tests = [c for c in group if c.operator != "value" or passes_null]
        pair = clash(opposites(tests))
        if pair is not None:
            yield _tautological(*pair, always=passes_null)


def _tautological(first: Condition, second: Condition, *, always: bool) -> Problem:
    limit = "" if always else f" whenever {quoted(first.key)} has a value"
    message = f"{quoted(first.node)} or {quoted(second.node)} is always true{limit}"
    both = n.Call("and", (first.node, second.node))
    is_opposite = clash(opposites((first, second))) is not None
    remedy = _ONE_TOO_MANY if is_opposite else f"{rewrite(both)} if both are meant"
    return Problem(second.node, message, remedy)


def repeated_term(place: Place) -> Iterator[Problem]:
    if not (is_whole(place, "and") or is_whole(place, "or")):
        return
    alike: dict[n.Expr, list[n.Expr]] = {}
    for term in terms_of(place):
        alike.setdefault(term, []).append(term)
    for _, again, *more in (found for found in alike.values() if len(found) > 1):
        times = f"{len(more) + 2} times" if more else "twice"
        yield Problem(again, f"{quoted(again)} is asked {times}", "Keep one of them")


def _conditions(place: Place) -> list[Condition]:
    """Return the terms that test a value of which there is only one."""
    found = [condition(term) for term in terms_of(place)]
    return [c for c in found if c is not None and _is_single(c.key, place.scope)]


def _is_single(key: n.Expr, scope: Scope) -> bool:
    return not is_through_list(key, scope) and not isinstance(type_of(key, scope), ListOf)


def constant_false(place: Place) -> Iterator[Problem]:
    match place.node:
        case n.Literal(False) if _is_asked(place) and place.above is not None:
            yield Problem(place.node, "`false` is never true", "Remove the condition")
        case n.Call("in", (_, n.ListLiteral(()))) as node:
            message = f"{quoted(node)} is never true: the list is empty"
            yield Problem(node, message, "List the values that are meant")
        case n.Call(name, (left, right)) as node if name in _COMPARISONS:
            if _truth(name, left, right) is False or (
                left == right != NULL and name not in _TRUE_OF_EQUALS
            ):
                yield Problem(node, f"{quoted(node)} is never true", _LOOK)


def constant_true(place: Place) -> Iterator[Problem]:
    match place.node:
        case n.Literal(value) if value is not None and value is not False:
            # As the whole it asks for everybody on purpose, and in WHAT for any event.
            if _is_asked(place) and not isinstance(place.parent, n.Element | None):
                message = f"{quoted(place.node)} is always true"
                yield Problem(place.node, message, "Remove the condition")
            elif place.above is None and not isinstance(value, bool):
                message = f"{quoted(place.node)} asks for nothing, so it finds everybody"
                yield Problem(place.node, message, "Compare a field with it")
        case n.Call("notIn", (value, n.ListLiteral(()))) as node:
            message = f"{quoted(node)} asks only whether {quoted(value)} has a value"
            yield Problem(node, message, "List the values that are not meant")
        case n.Call(name, (left, right)) as node if name in _COMPARISONS:
            if _truth(name, left, right):
                yield Problem(node, f"{quoted(node)} is always true", _LOOK)
            elif left == right != NULL and name in _TRUE_OF_EQUALS:
                message = f"{quoted(node)} compares {quoted(left)} with itself"
                yield Problem(node, message, _LOOK)


def _truth(name: str, left: n.Expr, right: n.Expr) -> bool | None:
    """Return what a comparison of two literals is; None of anything else, or of a conversion."""
    match left, right:
        case n.Literal(str()), n.Literal(str()):
            pass
        case n.Literal(int() | float()), n.Literal(int() | float()):
            pass
        case _:
            return None
    subject = n.Name("")
    tests = [n.Call("=", (subject, left)), n.Call(name, (subject, right))]
    found = [c for c in map(condition, tests) if c is not None]
    return clash(found) is None


def _is_asked(place: Place) -> bool:
    """Tell whether a literal stands where a condition is expected."""
    match place.parent:
        case None:
            return isinstance(place.node, n.Literal) and isinstance(place.node.value, bool)
        case n.Call("and" | "or" | "not"):
            return True
        case n.Filter(_, body) | n.Call("filter" | "exists", (_, body)):
            return body is place.node
        case n.Declaration(_, _, where):
            return where is place.node
        case n.Element(_, _, what):
            return what is place.node
        case _:
            return False


def backward_range(place: Place) -> Iterator[Problem]:
    match place.node:
        case n.TimeRange(start, end) as node:
            if ends_before(start, end):
                message = f"{quoted(node)} is empty: it ends before it begins"
                turned = n.TimeRange(end, start)
                yield Problem(node, message, rewrite(turned))
        case _:
            return
