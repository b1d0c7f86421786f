"""Comparison, arithmetic, null tests, `if`, and the parts of dates."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from segtoolkit.pql import times
from segtoolkit.pql.rules.operands import (
    NO_MAPS,
    as_time,
    is_null,
    numeric,
    op,
    part,
    truth,
    unify,
    without_empty,
)
from segtoolkit.pql.rules.site import Args, Rule, Site
from segtoolkit.pql.typed import Aggregate, Const, Events, Keep, Not, Or, Typed
from segtoolkit.pql.types import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    NULL,
    TIME,
    ListOf,
    MapOf,
    Scalar,
    Struct,
    Type,
    describe,
)


def compare(name: str) -> Rule:
    def rule(site: Site, args: Args) -> Typed:
        left, right = (_identified(side) for side in unify(site, *args))
        for side in (left, right):
            _comparable(site, side, ordered=name not in ("=", "!="))
        result = op(name, (left, right), BOOLEAN)
        return (
            _unless_null(result, left, right) if isinstance(left.type, Struct) else result
        )

    return rule


def _unless_null(result: Typed, *objects: Typed) -> Typed:
    """Answer null if one of *objects* is: of fields without values there is nothing to compare."""
    missing = Or(tuple(truth(is_null(side)) for side in objects))
    return op("if", (missing, Const(None, BOOLEAN), result), BOOLEAN)


def _identified(node: Typed) -> Typed:
    """Return the id of an object that has one: two events are the same if they have the same."""
    if not isinstance(node.type, Struct):
        return without_empty(node)
    return part(node, "_id") if "_id" in node.type.fields else node


def _comparable(site: Site, node: Typed, *, ordered: bool) -> None:
    if isinstance(node.type, ListOf | Struct) and not ordered:
        return
    if isinstance(node.type, MapOf):
        raise site.wrong(NO_MAPS)
    if not isinstance(node.type, Scalar) or (ordered and node.type == BOOLEAN):
        raise site.wrong(f"{describe(node.type)} has no order")


_FOLD: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


def arithmetic(name: str) -> Rule:
    def rule(site: Site, args: Args) -> Typed:
        left, right = (numeric(site, arg, f"`{name}`") for arg in args)
        both_whole = left.type == right.type == INTEGER
        type_ = INTEGER if both_whole and name != "/" else DOUBLE
        if name in _FOLD and isinstance(left, Const) and isinstance(right, Const):
            a, b = left.value, right.value
            if isinstance(a, int | float) and isinstance(b, int | float):
                return _number(_FOLD[name](a, b), type_)
        return op(name, (left, right), type_)

    return rule


def _number(value: float, type_: Type) -> Const:
    """Return a calculated number; a whole one that no engine can hold is null."""
    fits = isinstance(value, float) or -(2**127) < value < 2**127
    return Const(value if fits else None, type_)


def negate(site: Site, args: Args) -> Typed:
    return arithmetic("-")(site, (Const(0, INTEGER), args[0]))


def null(_: Site, args: Args) -> Typed:
    return Not(truth(args[0])) if _are_events(args[0]) else is_null(args[0])


def _are_events(node: Typed) -> bool:
    """Tell whether *node* is the profile's events or a part of them: null when there are none."""
    match node:
        case Keep(Aggregate("list", value=None)):
            return True
        case Keep(source):
            return _are_events(source)
        case _:
            return isinstance(node, Events)


def not_null(site: Site, args: Args) -> Typed:
    return Not(truth(null(site, args)))


def if_(site: Site, args: Args) -> Typed:
    test, then, otherwise = args
    then, otherwise = unify(site, then, otherwise)
    whole_or_null = then.type == NULL or (then.type == INTEGER and otherwise.type != NULL)
    type_ = otherwise.type if whole_or_null else then.type
    return op("if", (truth(test), then, otherwise), type_)


def date_part(part: str) -> Rule:
    def rule(site: Site, args: Args) -> Typed:
        moment = as_time(site, args[0])
        if isinstance(moment, Const) and isinstance(moment.value, int):
            return Const(getattr(times.to_datetime(moment.value), part), INTEGER)
        return op(part, (moment,), INTEGER)

    return rule


def current(part: str) -> Rule:
    def rule(site: Site, _: Args) -> Typed:
        return Const(getattr(site.as_of, part), INTEGER)

    return rule


def date(site: Site, args: Args) -> Typed:
    """Answer the start of the UTC day ``date(year, month, day)``; null if a field names no day."""
    parts = tuple(numeric(site, arg, "`date`") for arg in args)
    if any(part.type == DOUBLE for part in parts):
        raise site.wrong("the parts of date(…) are whole numbers: year, month, day")
    known = [part.value for part in parts if isinstance(part, Const)]
    if len(known) < len(parts) or None in known:
        return op("date", parts, TIME)
    year, month, day = (value for value in known if isinstance(value, int))
    try:
        return Const(times.from_date(year, month, day).start, TIME)
    except (ValueError, OverflowError):
        raise site.wrong(f"the calendar has no day {year}-{month}-{day}") from None
